import { REDIS_FULL } from '../shared/platform/http/outage-errors.ts';

/** What decides which errors an operation can answer with. */
interface Operation {
  path: string;
  method: string;
  tag: string;
  /** Names of its parameters in the query. */
  query: ReadonlySet<string>;
}

interface ErrorExample {
  status: number;
  code: string;
  detail: string;
  /** Where it can happen; absent: wherever the status can. */
  where?: (operation: Operation) => boolean;
  /** Further fields of the problem. */
  more?: object;
}

const INTAKE = ['collect', 'segment', 'ga4'];
const QUESTIONS = ['analytics', 'original'];
const SITE_CHANGES = ['sites', 'definitions'];

const of =
  (...tags: string[]) =>
  ({ tag }: Operation) =>
    tags.includes(tag);
const under =
  (...starts: string[]) =>
  ({ path }: Operation) =>
    starts.some((start) => path.startsWith(start));
const asks =
  (name: string) =>
  ({ tag, query }: Operation) =>
    QUESTIONS.includes(tag) && query.has(name);
/** A body is read. */
const reads = ({ method }: Operation) => method === 'post' || method === 'patch';
/** Takes `site`: what the installation's key needs. */
const takesSite = ({ query }: Operation) => query.has('site');
const both =
  (...tests: ((operation: Operation) => boolean)[]) =>
  (operation: Operation) =>
    tests.every((test) => test(operation));

const wrong = (path: string, message: string, code?: string) => ({
  errors: [{ path, message, ...(code && { code }) }],
});

/** One example for each code that the description lists. Their texts are like those of the answers. */
const ERROR_EXAMPLES: readonly ErrorExample[] = [
  {
    ...{ status: 400, code: 'invalid_events', detail: 'None of the events could be accepted.' },
    where: both(of(...INTAKE), reads),
    more: wrong('events[0].name', 'must be text', 'invalid_event'),
  },
  {
    ...{ status: 400, code: 'invalid_events', detail: 'None of the events could be accepted.' },
    where: both(of('ga4'), ({ method }) => method === 'get'),
    more: wrong('en', 'must be text', 'invalid_event'),
  },
  { status: 400, code: 'invalid_body', detail: 'The body is not JSON.', where: reads },
  {
    ...{ status: 400, code: 'body_too_deep', detail: 'Arrays and objects may be nested 32 levels deep.' },
    where: reads,
    more: { limit: 32 },
  },
  {
    ...{ status: 400, code: 'too_many_keys', detail: 'An object may have 1000 keys.' },
    where: both(of(...INTAKE), reads),
    more: { limit: 1_000 },
  },
  {
    ...{ status: 400, code: 'invalid_parameter', detail: 'from: must be a date as YYYY-MM-DD' },
    where: asks('from'),
    more: wrong('from', 'must be a date as YYYY-MM-DD'),
  },
  {
    ...{ status: 400, code: 'invalid_parameter', detail: 'limit: must be a number from 1 to 1000' },
    where: (operation) => !of(...INTAKE)(operation) && !asks('from')(operation),
    more: wrong('limit', 'must be a number from 1 to 1000'),
  },
  { status: 400, code: 'reversed_range', detail: 'from is after to.', where: asks('from') },
  {
    ...{ status: 400, code: 'range_too_long', detail: 'A range has at most 1096 days.' },
    where: asks('from'),
    more: { limit_days: 1_096 },
  },
  {
    ...{ status: 400, code: 'range_and_dates', detail: 'range stands for from and to: give either.' },
    where: asks('range'),
  },
  {
    ...{
      status: 400,
      code: 'compare_without_from',
      detail: 'compare needs from or range: before all days there are none.',
    },
    where: asks('compare'),
  },
  {
    ...{ status: 400, code: 'align_without_compare', detail: 'align and compare_hours need compare.' },
    where: asks('align'),
  },
  {
    ...{ status: 400, code: 'not_kept', detail: 'Hours are kept for 90 days.' },
    where: under('/v1/series', '/v1/events'),
    more: { limit_days: 90 },
  },
  {
    ...{ status: 400, code: 'unsupported_grain', detail: 'Metrics of users exist by day, week and month.' },
    where: both(under('/v1/series'), asks('grain')),
  },
  {
    ...{ status: 400, code: 'unsupported_zone', detail: "Metrics of users exist in the site's own zone." },
    where: both(under('/v1/series'), asks('zone')),
  },
  {
    ...{ status: 400, code: 'unsupported_metric', detail: 'The metric does not exist for this dimension.' },
    where: both(under('/v1/series'), asks('by')),
  },
  { status: 400, code: 'top_without_by', detail: 'top needs by.', where: asks('top') },
  {
    status: 400,
    code: 'also_with_by',
    detail: 'by is of one metric: ask without also.',
    where: asks('also'),
  },
  {
    ...{
      status: 400,
      code: 'answer_too_large',
      detail: 'The answer has more than 6 MB. Ask for fewer days.',
    },
    where: of(...QUESTIONS),
  },
  {
    ...{ status: 400, code: 'too_many_orders', detail: 'The range has more orders than a table has.' },
    where: ({ path }) => path === '/v1/orders',
    more: { limit: 10_000 },
  },
  {
    ...{
      status: 400,
      code: 'site_required',
      detail: "The installation's admin key belongs to no site: name one with ?site=.",
    },
    where: takesSite,
  },
  { status: 401, code: 'unauthorized', detail: 'Send a key as the header Authorization: Bearer KEY.' },
  {
    ...{
      status: 403,
      code: 'origin_not_allowed',
      detail: 'The site does not take events from pages of this origin.',
    },
    where: of(...INTAKE),
  },
  {
    ...{ status: 403, code: 'wrong_site', detail: 'The key belongs to another site than the one requested.' },
    where: (operation) => !of(...INTAKE, 'system')(operation),
  },
  {
    ...{ status: 403, code: 'installation_only', detail: "This needs the installation's admin key." },
    where: of('system', 'sites'),
  },
  {
    ...{ status: 404, code: 'unknown_site', detail: 'There is no such site.' },
    where: (operation) => takesSite(operation) || under('/v1/sites/')(operation),
  },
  {
    status: 404,
    code: 'unknown_key',
    detail: 'The site has no key with this id.',
    where: under('/v1/sites/{site}/keys/'),
  },
  { status: 404, code: 'unknown_key', detail: 'No site has this write key.', where: under('/v1/projects/') },
  {
    ...{ status: 404, code: 'unknown_user', detail: 'There is no user with this id.' },
    where: under('/v1/users/{', '/v1/privacy/', '/get_user'),
  },
  {
    ...{
      status: 404,
      code: 'unknown_product',
      detail: 'There is no event of a product with this id in the range.',
    },
    where: under('/v1/products/'),
  },
  {
    status: 404,
    code: 'unknown_order',
    detail: 'The site has no order with this id.',
    where: under('/v1/orders/'),
  },
  {
    ...{ status: 404, code: 'unknown_funnel', detail: 'The site has no funnel of this id; see /v1/funnels.' },
    where: under('/v1/funnels/'),
  },
  {
    ...{ status: 404, code: 'unknown_receipt', detail: 'The site has no such receipt, or it has expired.' },
    where: under('/v1/privacy-receipts/'),
  },
  {
    ...{ status: 404, code: 'unknown_letter', detail: 'No such dead letter, or Kafka has deleted it.' },
    where: of('dead-letters'),
  },
  {
    ...{ status: 404, code: 'unknown_topic', detail: 'This installation has no such topic.' },
    where: under('/v1/system/topics/'),
  },
  {
    ...{ status: 404, code: 'unknown_partition', detail: 'The topic has no such partition.' },
    where: under('/v1/system/topics/'),
  },
  {
    ...{ status: 404, code: 'unknown_redis_key', detail: 'This installation has no such key in Redis.' },
    where: under('/v1/system/keys/'),
  },
  {
    ...{ status: 409, code: 'funnel_exists', detail: 'The site has a funnel with this id. Remove it first.' },
    where: both(under('/v1/funnels'), reads),
  },
  {
    ...{ status: 409, code: 'too_many_funnels', detail: 'A site has at most 20 funnels.' },
    where: both(under('/v1/funnels'), reads),
    more: { limit: 20 },
  },
  {
    ...{ status: 409, code: 'fixed_funnel', detail: 'Every site has this funnel; it cannot be removed.' },
    where: both(under('/v1/funnels'), ({ method }) => method === 'delete'),
  },
  {
    ...{ status: 409, code: 'site_exists', detail: 'There is a site with this id.' },
    where: both(({ path }) => path === '/v1/sites', reads),
    more: wrong('id', 'There is a site with this id.'),
  },
  {
    ...{ status: 409, code: 'conflict', detail: 'Another site lists this measurement id.' },
    where: both(({ path }) => ['/v1/sites', '/v1/sites/{site}'].includes(path), reads),
    more: wrong('measurement_ids[0]', 'Another site lists this measurement id.'),
  },
  {
    ...{
      status: 409,
      code: 'fixed_zone',
      detail: "A site's zone never changes: it decides when its days begin.",
    },
    where: ({ method }) => method === 'patch',
  },
  {
    status: 409,
    code: 'too_many_keys',
    detail: 'The site has too many keys.',
    where: under('/v1/sites/{site}/keys'),
  },
  {
    ...{ status: 413, code: 'body_too_large', detail: 'The body has more than 1000000 bytes.' },
    more: { limit: 1_000_000 },
  },
  {
    ...{ status: 413, code: 'too_many_events', detail: 'A request takes at most 500 events.' },
    where: of(...INTAKE),
    more: { limit: 500 },
  },
  { status: 415, code: 'unsupported_encoding', detail: 'The Content-Encoding must be gzip, br or deflate.' },
  {
    ...{ status: 422, code: 'not_replayable', detail: 'None of the letters can be counted like this.' },
    where: of('dead-letters'),
    more: wrong('events.dlq-0-17', 'It happened more than 72 hours before it was received.', 'too_late'),
  },
  { status: 429, code: 'rate_limited', detail: 'Too many events with this key, or from this address.' },
  {
    ...{ status: 503, code: 'kafka_unavailable', detail: 'Kafka does not answer now. Try again.' },
    where: of(...INTAKE, ...SITE_CHANGES, 'dead-letters', 'privacy', 'system'),
  },
  {
    ...{ status: 503, code: 'redis_unavailable', detail: 'Redis does not answer now. Try again.' },
    where: of(...QUESTIONS, ...SITE_CHANGES, 'dead-letters', 'privacy', 'system'),
  },
  {
    ...{ status: 503, code: 'redis_full', detail: REDIS_FULL },
    where: of('definitions', 'dead-letters', 'analytics'),
  },
  { status: 503, code: 'sites_unavailable', detail: 'The sites cannot be read at the moment.' },
  {
    ...{ status: 503, code: 'overloaded', detail: 'Too many requests are waiting. Send this one again.' },
    where: of(...INTAKE),
  },
  {
    ...{ status: 503, code: 'out_of_time', detail: 'The request took too long. It may have been done.' },
    where: of(...QUESTIONS, 'sites', 'dead-letters', 'privacy'),
  },
  {
    ...{ status: 503, code: 'sites_busy', detail: 'Other requests keep changing sites. Try again.' },
    where: (operation) => of(...SITE_CHANGES)(operation) && operation.method !== 'get',
  },
  {
    ...{
      status: 503,
      code: 'dead_letters_busy',
      detail: 'Other requests keep replaying or discarding letters. Try again.',
    },
    where: both(of('dead-letters'), reads),
  },
  {
    ...{
      status: 503,
      code: 'dead_letters_indexing',
      detail: 'The index of dead letters is being filled from Kafka. Try again.',
    },
    where: of('dead-letters'),
  },
];

/**
 * The examples of an error response, by their codes.
 * @returns undefined when no error with this status is known there
 */
export function errorExamples(
  operation: Operation,
  status: number,
): Record<string, { summary: string; value: object }> | undefined {
  const found = ERROR_EXAMPLES.filter((one) => one.status === status && (one.where?.(operation) ?? true));
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map(({ code, detail, more }) => [
      code,
      {
        summary: code,
        value: {
          ...{ type: 'about:blank', title: code, status, code, detail, request_id: 'JKJaXmPLvHcESHA=' },
          ...more,
        },
      },
    ]),
  );
}
