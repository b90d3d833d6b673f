import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { freshnessSchema } from '../../shared/analytics/freshness.ts';
import { originalEvent, plainEvent } from '../../shared/events/plain.ts';
import { healthSchema } from './health.ts';
import { type Question, questions } from './questions.ts';

const introduction = `Real-time engagement analytics for e-commerce.

**Send** what visitors do to \`POST /v1/events\` with a write key of your site. The answer 202 means that it is
stored for good; it is counted a moment later. **Read** the numbers with a read key. \`meta.complete\` says
whether everything that was accepted before the question is in the answer.

- **Keys.** \`Authorization: Bearer KEY\`. Where no header can be set (beacons), \`?write_key=KEY\` or
  \`?read_key=KEY\`. A key belongs to one site: it decides which site is written or read. Write keys are public
  and can only send; read keys are secret.
- **Retries.** Give each event an \`id\` and send it again as often as you like within three days (and 10,000 of the user's events): it is counted
  once.
- **Time.** Days, months and hours are those of the site's time zone (\`meta.time_zone\`); both ends of a range
  are in it. Instants are in UTC.
- **Money.** Each currency for itself: as decimal text in units (\`"12.50"\`) and as whole numbers in minor units
  (\`1250\`).
- **Errors** are problem details (RFC 9457). \`code\` is stable, \`detail\` is for people, \`errors\` says where.
  After a 503, wait for the seconds in \`Retry-After\` and do the same again.

| Status | \`code\` | Meaning |
| --- | --- | --- |
| 400 | \`invalid_body\` | The body is no JSON, or no whole gzip stream |
| 400 | \`invalid_events\` | None of the events could be accepted; \`errors\` says why for each |
| 400 | \`invalid_parameter\` | \`errors\` says which, and what was expected |
| 400 | \`reversed_range\`, \`range_too_long\` | \`from\` is after \`to\`; more days or points than one answer has |
| 400 | \`not_kept\` | Hours or minutes of days so old that only the day is kept |
| 400 | \`answer_too_large\` | More than 6 MB: ask for fewer days, a coarser grain, or one event |
| 401 | \`unauthorized\` | No key, or not of this kind |
| 404 | \`unknown_user\`, \`unknown_path\` | Nothing is known of the user; there is no such path |
| 413 | \`body_too_large\`, \`too_many_events\` | More than 1 MB after unpacking; more than 500 events |
| 500 | \`internal\` | A fault of this service |
| 503 | \`kafka_unavailable\`, \`redis_unavailable\` | Something behind is away for the moment |

An event of a batch is refused for itself, with one of the codes \`invalid_event\`, \`bad_amount\` (more than can be
money), \`too_late\` (older than the site's limit, 72 hours unless set; history is sent with \`backfill: true\`) and
\`beyond_retention\` (older than what the site keeps).`;

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable, for programs' }),
    detail: z.string().meta({ description: 'For people' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() }))
      .optional()
      .meta({ description: 'What is wrong, and where' }),
    limit: z.number().int().optional().meta({ description: 'Bytes or events that a request may have' }),
    limit_days: z.number().int().optional().meta({ description: 'Days that the answer may have' }),
    limit_points: z.number().int().optional().meta({ description: 'Points that the series may have' }),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details',
    examples: [
      {
        type: 'about:blank',
        title: 'invalid_parameter',
        status: 400,
        code: 'invalid_parameter',
        detail: 'from: a date as YYYY-MM-DD',
        errors: [{ path: 'from', message: 'a date as YYYY-MM-DD' }],
      },
    ],
  });

const refusal = z.object({
  code: z.enum(['invalid_event', 'too_late', 'beyond_retention', 'bad_amount']),
  path: z.string().meta({ description: 'From the body: `events[3].items[0].price`; empty for all of it' }),
  message: z.string(),
});

const verdicts = z
  .object({
    accepted: z.number().int(),
    refused: z.number().int(),
    events: z
      .array(
        z.union([
          z.object({ index: z.number().int(), status: z.literal('accepted'), id: z.string() }),
          z.object({ index: z.number().int(), status: z.literal('refused'), errors: z.array(refusal) }),
        ]),
      )
      .meta({
        description: 'One for each event, in the order of the request; `id` is the one it is known by',
      }),
  })
  .meta({
    id: 'Verdicts',
    examples: [
      {
        accepted: 1,
        refused: 1,
        events: [
          { index: 0, status: 'accepted', id: 'e-1' },
          {
            index: 1,
            status: 'refused',
            errors: [
              {
                code: 'invalid_event',
                path: 'events[1].items[0].price',
                message: 'must be a number of 0 or more, or such a decimal number as text',
              },
            ],
          },
        ],
      },
    ],
  });

const metaSchema = freshnessSchema
  .extend({
    site: z.string(),
    time_zone: z.string().meta({ description: "The site's, by which its days begin" }),
  })
  .meta({
    id: 'Meta',
    description: 'Which site the answer is about, and how fresh it is',
    examples: [
      {
        site: 'demo',
        time_zone: 'Europe/Madrid',
        as_of: '2026-03-31T18:05:13.000Z',
        applied: 48_210,
        lag_events: 0,
        lag_ms: 0,
        complete: true,
      },
    ],
  });

const asJson = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
const asProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});
const unauthorized = (description: string) => ({
  ...asProblem(description),
  headers: { 'WWW-Authenticate': { required: true, schema: { type: 'string' as const, const: 'Bearer' } } },
});
const unavailable = (description: string) => ({
  ...asProblem(description),
  headers: {
    'Retry-After': {
      required: true,
      description: 'Seconds',
      schema: { type: 'string' as const, pattern: '^[0-9]+$' },
    },
  },
});

const event = z.union([plainEvent, originalEvent]);
const eventOrBatch = z.union([event, z.object({ events: z.array(event).min(1).max(500) })]);

const eventExamples = {
  view: {
    summary: 'A page of a product',
    value: { name: 'view_item', anonymous_id: 'c0ffee', items: [{ item_id: 'tea-1' }] },
  },
  purchase: {
    summary: 'An order',
    value: {
      name: 'purchase',
      user_id: 'ada',
      transaction_id: 'o-1001',
      currency: 'EUR',
      value: 24.9,
      items: [{ item_id: 'tea-1', item_name: 'Green tea', price: 10, quantity: 2 }],
    },
  },
  batch: {
    summary: 'A batch, with ids that make a retry harmless',
    value: {
      events: [
        {
          id: 'e-1',
          name: 'search',
          user_id: 'ada',
          search_term: 'teapot',
          timestamp: '2026-03-31T18:05:12.250Z',
        },
        { id: 'e-2', name: 'add_to_cart', user_id: 'ada', items: [{ item_id: 'pot-7', price: '49.50' }] },
      ],
    },
  },
  original: {
    summary: "The original program's event",
    value: {
      user_id: 1,
      site_id: 1,
      site_name: 'Demo shop',
      interaction_type: 'click',
      product_id: 42,
      timestamp: 1_774_980_312.25,
    },
  },
};

const collectOperation: ZodOpenApiOperationObject = {
  operationId: 'sendEvents',
  summary: 'Send one event, or a batch of up to 500',
  description: `At most 1 MB of JSON, after unpacking; \`Content-Encoding: gzip\` is understood, and the content type
does not matter (beacons send text/plain). Each event is judged for itself: what is right is taken even when its
neighbour is not. Fields that are null are as if absent; fields that are not listed here are ignored.

With 503 nothing or only a part may have been stored: send all of it again, with the same ids.`,
  tags: ['collect'],
  security: [{ writeKey: [] }, { writeKeyInQuery: [] }],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: eventOrBatch, examples: eventExamples } },
  },
  responses: {
    202: asJson('At least one event is stored, on all in-sync replicas; a verdict for each', verdicts),
    400: asProblem('No event could be accepted'),
    401: unauthorized('No write key of a site'),
    413: asProblem('Too many bytes or events'),
    503: unavailable('Kafka is away: send again after Retry-After seconds, with the same ids'),
  },
};

function operationOf({ path, summary, parameters, query, answer }: Question): ZodOpenApiOperationObject {
  return {
    operationId: path
      .replace(/^\/v1\//, 'read_')
      .replaceAll(/[{}]/g, '')
      .replaceAll(/\W+/g, '_')
      .replace(/^_/, ''),
    summary,
    tags: [path.startsWith('/v1/') ? 'analytics' : 'original'],
    security: [{ readKey: [] }, { readKeyInQuery: [] }],
    requestParams: { path: parameters, query },
    responses: {
      200: asJson('The answer', z.object({ data: answer, meta: metaSchema })),
      400: asProblem('A parameter is wrong'),
      401: unauthorized('No read key of a site'),
      ...(path.includes('{user}') && { 404: asProblem('Nothing is known of this user') }),
      503: unavailable('Redis is away'),
    },
  };
}

let document: ReturnType<typeof createDocument> | undefined;

/** The API as OpenAPI 3.1, from the same schemas that check what comes in. Made once, at the first call. */
export function openApi() {
  document ??= makeDocument();
  return document;
}

function makeDocument() {
  const paths: ZodOpenApiPathsObject = {
    '/v1/events': { post: collectOperation },
    '/v1/health': {
      get: {
        operationId: 'read_health',
        summary: 'Whether Kafka and Redis are there, and how far the numbers are behind',
        tags: ['operation'],
        security: [],
        responses: {
          200: asJson('All is there', z.object({ data: healthSchema })),
          503: asJson('Something is away', z.object({ data: healthSchema })),
        },
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
  for (const one of questions) paths[one.path] = { ...paths[one.path], get: operationOf(one) };
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
        { name: 'analytics', description: 'Ask for numbers; needs a read key' },
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
          readKey: { type: 'http', scheme: 'bearer', description: 'A read key of the site' },
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
