import { z } from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { check } from '../platform/http/check.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import { DAY_MS, type Day, formatDay, localDay, MINUTE_MS, parseDay } from '../platform/time.ts';
import type { ShardHead } from '../shard/reader.ts';
import { readSite } from '../sites/authorize.ts';
import { findSite, type SiteSource } from '../sites/source.ts';
import { freshnessOf, readEnds } from '../status/freshness.ts';
import type { AnswerCache, CacheSource, Kept } from './answer-cache.ts';
import { coveredRange, type DayRange, dayRange } from './date-range.ts';
import { type Asked, isAboutDays, type Question } from './question.ts';
import { represent } from './represent.ts';

/** What any question takes besides its own. */
const commonQuery = {
  site: z.string().max(64).optional().meta({ description: 'The site of the key; another one is refused' }),
  format: z
    .enum(['json', 'csv'])
    .optional()
    .meta({ description: 'csv: the answer’s table, as with Accept: text/csv' }),
};
const compareQuery = {
  compare: z
    .enum(['previous'])
    .optional()
    .meta({ description: 'Adds `previous`: the same question about as many days before' }),
};

/** The whole query of a question: what is not in it is refused, since a misspelt filter would filter nothing. */
export function wholeQuery(question: Question) {
  const shape = {
    ...question.query.shape,
    ...commonQuery,
    ...(isAboutDays(question) && compareQuery),
  };
  const unknown = `is no parameter of this question, which has ${Object.keys(shape).join(', ')}`;
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? unknown : undefined),
  });
}

export interface AnswerContext extends Omit<Asked, 'site'> {
  sites: SiteSource;
  /** The id of the one that all is read from. */
  generation: string;
  cache: AnswerCache;
  /** An answer about days that are not past may be so old, ms. */
  answerMaxAgeMs: number;
}

/**
 * Answers a question about the site of the request's read key, as `{data, meta}` or as CSV.
 * @throws FootfallError `unauthorized` 401, `sites_unavailable` 503, `wrong_site` 403, `invalid_parameter`, `compare_without_from`
 *   and `answer_too_large` 400, and the question's.
 */
export async function answer(
  question: Question,
  request: HttpRequest,
  context: AnswerContext,
): Promise<HttpResponse> {
  const site = await findSite(context.sites, (sites) => readSite(request, sites));
  const parameters = check(question.parameters, request.pathParameters ?? {});
  const { read_key: _, ...given } = request.queryStringParameters ?? {};
  const query = check(wholeQuery(question), given) as Query;
  if (query.site !== undefined && query.site !== site.id) {
    throw new FootfallError('wrong_site', 403, 'The key is of another site than the one asked for.');
  }
  if (query.compare !== undefined && query.from === undefined) {
    throw new FootfallError('compare_without_from', 400, 'compare needs from: before all there is nothing.');
  }
  const ask = { question, parameters, query, asked: { ...context, site }, context };
  // In this order: what was accepted before the question is in what is read, or is seen to be missing.
  const now = Date.now();
  const offsets = await readEnds(context.fetchOffsets);
  const heads = await context.store.heads();
  const current = await find(ask, heads, now);
  const compared = query.compare === undefined ? undefined : await findPrevious(ask, heads, now);
  const meta = {
    site: site.id,
    time_zone: site.zone,
    ...freshnessOf(now, offsets, compared ? lower(current.heads, compared.heads) : current.heads),
    cache: CACHE_WORDS[current.source],
  };
  const previous = compared && { from: compared.from, to: compared.to, data: compared.data };
  return represent({ question, request, format: query.format, data: current.data, previous, meta });
}

/** Of each shard the one that is less far. */
const lower = (some: readonly ShardHead[], others: readonly ShardHead[]) =>
  some.map((head, i) => (others[i]!.next < head.next ? others[i]! : head));

interface Query {
  site?: string;
  format?: 'json' | 'csv';
  compare?: 'previous';
  from?: string;
  to?: string;
}

interface Ask {
  question: Question;
  parameters: Record<string, unknown>;
  query: Query;
  asked: Asked;
  context: AnswerContext;
}

/** To be raised when a question answers otherwise than before: answers are kept for a day, in Redis, too. */
const ANSWER_FORMAT = 1;

/** `hit`: it was computed for an earlier question; `none`: answers to this question are not kept. */
const CACHE_WORDS = { memory: 'hit', redis: 'hit', computed: 'miss', none: 'none' } as const;

interface Found {
  data: unknown;
  source: CacheSource | 'none';
  /** As far as the data goes: what these have applied is in it. */
  heads: readonly ShardHead[];
}

/** The answer: a kept one that still is the answer, or nearly so, else a new one. */
async function find(
  { question, parameters, query, asked, context }: Ask,
  heads: ShardHead[],
  now: number,
): Promise<Found> {
  const { site: _, format: __, compare: ___, ...own } = query;
  const read = async (): Promise<Kept> => {
    const data = await question.read(asked, parameters as never, own as never);
    return { data, heads, at: now };
  };
  if (question.kept === 'never') return { ...(await read()), source: 'none' };
  const today = localDay(now, asked.site.zone);
  const range = isAboutDays(question) ? await coveredRange(asked.store, asked.site, own) : undefined;
  // Days of another zone than the site's are made of more days than they seem.
  const isClosed = question.kept === 'days' && range !== undefined && range.to < today - 1;
  // What is open ends now: a minute later there may be another point, or another day, without any event.
  const stamp = isClosed
    ? await asked.store.stamp(asked.site.id, around(range))
    : Math.floor(now / MINUTE_MS);
  const { id, zone, currency, retention_days } = asked.site;
  const { kept, source } = await context.cache.get({
    key: JSON.stringify([
      ...[ANSWER_FORMAT, context.generation, id, zone, currency, retention_days],
      ...[question.path, parameters, own, range, stamp],
    ]),
    isGood: (one) =>
      isClosed ||
      (isSame(one.heads, heads) && question.kept === 'days') ||
      // Either way: another process' clock, or this one's before it was set, may be ahead.
      Math.abs(now - one.at) < context.answerMaxAgeMs,
    shareMs: isClosed ? DAY_MS : Math.max(1, context.answerMaxAgeMs),
    compute: read,
  });
  record(source === 'computed' ? METRICS.cacheMiss : METRICS.cacheHit, 1);
  // What has changed since has not changed the days of a closed range, or the stamp would be another one.
  return { data: kept.data, source, heads: isClosed ? heads : kept.heads };
}

/** The same question about as many days before. @throws as {@link dayRange}. */
async function findPrevious(ask: Ask, heads: ShardHead[], now: number) {
  const { from, to } = dayRange(ask.query, ask.asked.site);
  const first = (day: Day) => formatDay(Math.max(day, FIRST_DAY));
  const before = { from: first(from - (to - from + 1)), to: first(from - 1) };
  const { cursor: _, ...query } = { ...ask.query, ...before } as Query & { cursor?: string };
  return { ...(await find({ ...ask, query }, heads, now)), ...before };
}

/** The first day that a question can name. */
const FIRST_DAY = parseDay('0000-01-01')!;

const around = ({ from, to }: DayRange): DayRange => ({ from: from - 1, to: to + 1 });

const isSame = (kept: readonly ShardHead[], heads: readonly ShardHead[]) =>
  heads.every(({ version, next }, i) => version === kept[i]?.version && next === kept[i].next);
