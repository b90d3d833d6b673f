import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { questions } from '../../shared/questions/questions.ts';
import { healthSchema } from '../../shared/status/health.ts';
import { collectOperation, snippetOperation } from './openapi-collect.ts';
import { deadLetterPaths } from './openapi-dead-letters.ts';
import { ga4Paths } from './openapi-ga4.ts';
import { asJson } from './openapi-parts.ts';
import { erasePersonOperation, readHeldOperation, readReceiptOperation } from './openapi-privacy.ts';
import { defineFunnelOperation, questionOperation, removeFunnelOperation } from './openapi-questions.ts';
import { segmentPaths } from './openapi-segment.ts';
import { sitePaths } from './openapi-sites.ts';

const introduction = `Real-time engagement analytics for e-commerce.

**Send** what visitors do to \`POST /v1/events\` with a write key of your site. The answer 202 means that it is
stored for good; it is counted a moment later. **Read** the numbers with a read key. \`meta.complete\` says
whether everything that was accepted before the question is in the answer. Libraries of Segment and clients of
Google Analytics 4 send as they are, to the paths under *segment* and *ga4*.

- **Ranges** of days, \`from\` and \`to\`, have their last day in them. \`compare=previous\` adds the same number of
  days before. \`format=csv\` gives a table. An unknown parameter is refused, since a misspelt filter would filter
  nothing.
- **Keys.** \`Authorization: Bearer KEY\`. Where no header can be set (beacons), \`?write_key=KEY\` or
  \`?read_key=KEY\`. A key belongs to one site: it decides which site is written or read. Write keys are public
  and can only send; read keys are secret; admin keys define funnels, change their site, replay its dead letters, and export
  and erase what is held of a person. The installation's own
  admin key makes sites. A key that was made or ended is known everywhere a second, or ten, later.
- **Retries.** Give each event an \`id\` and send it again as often as you like within three days (and 10,000 of the user's events): it is counted
  once.
- **Visitors.** Device, browser, country, source and channel are added where an event does not say them. Bots are
  told by their user agent and counted apart (\`bots\`, dimension \`bot\`), each time that they send.
- **Time.** Days, months and hours are those of the site's time zone (\`meta.time_zone\`); both ends of a range
  are in it. Instants are in UTC.
- **Money.** Each currency for itself: as decimal text in units (\`"12.50"\`) and as whole numbers in minor units
  (\`1250\`).
- **Errors** are problem details (RFC 9457). \`code\` is stable, \`detail\` is for people, \`errors\` says where.
  After a 429 or 503, wait for the seconds in \`Retry-After\` and do the same again. \`request_id\`, which each answer
  has as the header \`X-Request-Id\` as well, is by what the operator finds a request in the log.

| Status | \`code\` | Meaning |
| --- | --- | --- |
| 400 | \`invalid_body\` | The body is not JSON, not UTF-8, or not a whole stream of its encoding; \`detail\` says where it breaks |
| 400 | \`body_too_deep\`, \`too_many_keys\` | More than 32 arrays and objects within each other; an object with more than 1,000 keys |
| 400 | \`invalid_events\` | None of the events could be accepted; \`errors\` says why for each, 20 reasons of one event at most |
| 400 | \`invalid_parameter\` | \`errors\` says which, and what was expected |
| 400 | \`reversed_range\`, \`range_too_long\` | \`from\` is after \`to\`; more days or points than one answer has |
| 400 | \`not_kept\` | Hours or minutes of days so old that only the day is kept |
| 400 | \`unsupported_grain\`, \`unsupported_zone\`, \`unsupported_metric\` | What is asked for does not exist at this grain, in this zone, of this dimension |
| 400 | \`compare_without_from\` | compare needs from |
| 400 | \`answer_too_large\` | More than 6 MB: ask for fewer days, a coarser grain, or one event |
| 401 | \`unauthorized\` | No key, or not of this kind |
| 403 | \`wrong_site\` | The key is of another site than \`site\`, or than \`measurement_id\` |
| 403 | \`origin_not_allowed\` | The site does not take events from pages of this origin |
| 403 | \`installation_only\` | This needs the installation's admin key |
| 404 | \`unknown_site\`, \`unknown_key\` | There is no such site; it has no such key |
| 404 | \`unknown_user\`, \`unknown_product\`, \`unknown_funnel\`, \`unknown_receipt\`, \`unknown_letter\`, \`unknown_path\` | Nothing is known of it; there is no such path |
| 409 | \`funnel_exists\`, \`too_many_funnels\`, \`fixed_funnel\` | A funnel can't be defined or removed |
| 409 | \`site_exists\`, \`conflict\`, \`fixed_zone\`, \`too_many_keys\` | A site can't be made or changed so |
| 413 | \`body_too_large\`, \`too_many_events\` | More than 1 MB after unpacking (130 kB of the Measurement Protocol); more than 500 events |
| 415 | \`unsupported_encoding\` | The body's \`Content-Encoding\` is none of gzip, br and deflate |
| 422 | \`not_replayable\` | None of the letters that were named can be counted so; \`errors\` says why for each |
| 429 | \`rate_limited\` | Too many events of one key, or from one address |
| 500 | \`internal\`, \`bad_sites_topic\`, \`bad_dead_letters_topic\` | A fault of this service; the topic of its sites or of its dead letters was made in a wrong way |
| 503 | \`kafka_unavailable\`, \`redis_unavailable\`, \`sites_unavailable\` | Something behind is away for the moment |
| 503 | \`overloaded\`, \`out_of_time\` | There is more to do than can be done: nothing was stored; this one took too long: it may have been done |
| 503 | \`sites_busy\`, \`dead_letters_busy\` | Others are changing sites, or replaying dead letters, all the time |
| 503 | \`dead_letters_indexing\` | The dead letters are being read from Kafka |

An event of a batch is refused for itself, with one of the codes \`invalid_event\`, \`bad_amount\` (more than can be
money) and \`beyond_retention\` (history older than what the site keeps). One that is \`too_late\` (older than the
site's limit, 72 hours unless set; history is sent with \`backfill: true\`) is dead-lettered: stored, kept apart
with its reason, not counted. \`/v1/dead-letters\` lists what was put aside so, and has it counted after all, as it is
or changed.`;

let document: ReturnType<typeof createDocument> | undefined;

/** The API as OpenAPI 3.1, from the same schemas that check what comes in. Made once, at the first call. */
export function openApi() {
  document ??= makeDocument();
  return document;
}

const healthOperation = (operationId: string): ZodOpenApiOperationObject => ({
  operationId,
  summary: 'Whether Kafka and Redis are there, how far the numbers are behind, and what they lack',
  tags: ['operation'],
  security: [],
  responses: {
    200: asJson('All is there; degraded numbers are late or incomplete', z.object({ data: healthSchema })),
    503: asJson('Something is away', z.object({ data: healthSchema })),
  },
});

function makeDocument() {
  const paths: ZodOpenApiPathsObject = {
    '/v1/events': { post: collectOperation },
    '/f.js': { get: snippetOperation },
    ...segmentPaths,
    ...ga4Paths,
    '/v1/funnels': { post: defineFunnelOperation },
    '/v1/funnels/{funnel}': { delete: removeFunnelOperation },
    ...sitePaths,
    ...deadLetterPaths,
    '/v1/privacy/{user}': { get: readHeldOperation, delete: erasePersonOperation },
    '/v1/privacy-receipts/{receipt}': { get: readReceiptOperation },
    '/v1/health': { get: healthOperation('read_health') },
    '/v1/health/ready': { get: healthOperation('check_ready') },
    '/v1/health/live': {
      get: {
        operationId: 'check_live',
        summary: 'Whether the function itself answers; it asks nothing else',
        tags: ['operation'],
        security: [],
        responses: { 200: asJson('It does', z.object({ data: z.object({ status: z.literal('ok') }) })) },
      },
    },
    '/v1/openapi.json': {
      get: {
        operationId: 'read_openapi',
        summary: 'This document',
        tags: ['operation'],
        security: [],
        responses: { 200: asJson('OpenAPI 3.1', z.looseObject({ openapi: z.string() })) },
      },
    },
  };
  for (const one of questions) paths[one.path] = { ...paths[one.path], get: questionOperation(one) };
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Footfall',
        version: '1',
        summary: 'What visitors of a shop do, as numbers',
        description: introduction,
      },
      servers: [{ url: '/', description: 'Where this document was read' }],
      tags: [
        { name: 'collect', description: 'Send events; needs a write key' },
        { name: 'segment', description: "Segment's HTTP API, for its libraries; needs a write key" },
        { name: 'ga4', description: 'The Measurement Protocol and gtag.js, for clients of Google Analytics' },
        { name: 'analytics', description: 'Ask for numbers; needs a read key' },
        { name: 'definitions', description: 'What a site defines itself; needs an admin key' },
        { name: 'sites', description: 'Make and change sites and their keys; needs an admin key' },
        {
          name: 'dead-letters',
          description: 'What could not be counted, and what is done with it; needs an admin key',
        },
        { name: 'privacy', description: 'What is held of a person, and its end; needs an admin key' },
        { name: 'operation', description: 'How the service is; needs no key' },
        {
          name: 'original',
          description: 'The paths of the program that Footfall grew out of, for its clients',
        },
      ],
      paths,
      components: {
        securitySchemes: {
          writeKey: { type: 'http', scheme: 'bearer', description: 'A write key of the site' },
          writeKeyInQuery: {
            type: 'apiKey',
            in: 'query',
            name: 'write_key',
            description: 'The same, for clients that cannot set headers',
          },
          basicWriteKey: {
            type: 'http',
            scheme: 'basic',
            description: 'A write key as the user name, without a password: as Segment has it',
          },
          apiSecret: {
            type: 'apiKey',
            in: 'query',
            name: 'api_secret',
            description: 'A write key: as the Measurement Protocol has it',
          },
          readKey: { type: 'http', scheme: 'bearer', description: 'A read key of the site' },
          adminKey: { type: 'http', scheme: 'bearer', description: 'An admin key of the site' },
          installationKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'The admin key of the whole installation',
          },
          readKeyInQuery: {
            type: 'apiKey',
            in: 'query',
            name: 'read_key',
            description: 'The same, in the query',
          },
        },
      },
    },
    { override: withoutNoise },
  );
}

/** Drops what zod says on top and nobody wants to read: patterns of a format, and the bounds of a double. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
