import * as z from 'zod';
import type { DerivedReader, SiteMoment, Until } from '../derived/derived-reader.ts';
import { FootfallError } from '../platform/errors.ts';
import { check } from '../platform/http/check.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import { type Day, formatDay, localDay, MINUTE_MS, parseDay } from '../platform/time.ts';
import type { ShardHead, SiteHead } from '../shard/reader.ts';
import type { AccessContext } from '../sites/access.ts';
import { askedSite, readerOf, siteQuery } from '../sites/reader.ts';
import type { Site } from '../sites/site.ts';
import { freshnessOf, readEnds } from '../status/freshness.ts';
import { type AnswerCache, type CachedAnswer, type CacheSource, MAX_SHARE_MS } from './answer-cache.ts';
import {
  assertComparison,
  type ComparisonQuery,
  comparedRange,
  comparisonParameters,
  untilOf,
  untilText,
} from './comparison.ts';
import { coveredRange, type DayRange, dayRange } from './date-range.ts';
import { formatAnswer, isTable } from './format-answer.ts';
import { NAMED_RANGES, type NamedRange, namedRange } from './named-ranges.ts';
import { isAboutDays, type Question, type QuestionContext } from './question.ts';

/** Query parameters of every question. */
const commonQuery = {
  site: siteQuery.shape.site,
  format: z
    .enum(['json', 'csv'])
    .optional()
    .meta({ description: "csv: the answer's table, as with Accept: text/csv" }),
};
const daysQuery = {
  range: z
    .enum(NAMED_RANGES)
    .optional()
    .meta({
      description:
        "Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they " +
        'end before today, or before this month',
      example: 'last_28_days',
    }),
  ...comparisonParameters,
};

const fullQueries = new WeakMap<Question, z.ZodObject>();

/**
 * The whole query of a question, made once: zod compiles a schema when it is first used. Unknown parameters are refused,
 * since a misspelt filter would filter nothing.
 */
export function fullQuery(question: Question): z.ZodObject {
  const made = fullQueries.get(question);
  if (made) return made;
  const shape = {
    ...question.query.shape,
    ...commonQuery,
    ...(isAboutDays(question) && daysQuery),
  };
  const unknown = `is not a parameter of this question, which has ${Object.keys(shape).join(', ')}`;
  const schema = z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? unknown : undefined),
  });
  fullQueries.set(question, schema);
  return schema;
}

export interface AnswerContext extends Omit<QuestionContext, 'site' | 'isTable'>, AccessContext {
  /** The id of the generation that everything is read from. */
  generation: string;
  cache: AnswerCache;
  /** A reader for a question about a site. */
  readerAt(moment: SiteMoment): DerivedReader;
  /** An answer about days that are not past may be this old, ms. */
  answerMaxAgeMs: number;
}

/**
 * Answers a question about the site of the request's read or admin key, as `{data, meta}` or as CSV. With the
 * installation's admin key it is the site in the query. The answer does not depend on the kind of the key.
 * @throws FootfallError `unauthorized` 401, `sites_unavailable` 503, `wrong_site` 403, `unknown_site` 404, `site_required`,
 *   `invalid_parameter`, `range_and_dates`, `answer_too_large` 400, those of {@link assertComparison}, and the question's own.
 */
export async function answerQuestion(
  question: Question,
  request: HttpRequest,
  context: AnswerContext,
): Promise<HttpResponse> {
  const { read_key, ...given } = request.queryStringParameters ?? {};
  const reader = await readerOf(request, context, read_key);
  const parameters = check(question.parameters, request.pathParameters ?? {});
  const asked = check(fullQuery(question), given) as Query;
  const site = await askedSite(reader, asked.site, context.sites);
  const query = withDays(asked, site);
  assertComparison(query);
  const now = Date.now();
  // Asked while Redis is: the answer does not depend on it. What was accepted before the question is in the ends, and so
  // it is in the heads and the data, or seen to be missing from them.
  const ends = readEnds(context.fetchOffsets);
  // Before the data: these hold at least what the heads say.
  const heads = await context.store.siteHeads(site.id);
  const store = context.readerAt({ site, heads, now });
  const questionContext = { ...context, site, store, isTable: isTable(request, query.format) };
  const ask = { question, parameters, query, questionContext, context };
  const current = await find(ask, heads, now);
  const compared = query.compare === undefined ? undefined : await findCompared(ask, heads, now);
  const meta = {
    site: site.id,
    time_zone: site.zone,
    ...freshnessOf(now, await ends, compared ? lower(current.heads, compared.heads) : current.heads),
    cache: CACHE_WORDS[current.source],
  };
  const previous = compared && {
    ...{ from: compared.from, to: compared.to },
    ...(compared.until && { until: untilText(compared.until), whole_days: compared.whole_days }),
    data: compared.data,
  };
  return formatAnswer({ question, request, format: query.format, data: current.data, previous, meta });
}

/** The head of each shard that has applied less. */
const lower = (some: readonly ShardHead[], others: readonly ShardHead[]) =>
  some.map((head, i) => (others[i]!.next < head.next ? others[i]! : head));

interface Query extends ComparisonQuery {
  site?: string;
  format?: 'json' | 'csv';
  range?: NamedRange;
  from?: string;
  to?: string;
}

/** The query with the days that its `range` stands for. @throws FootfallError `range_and_dates` 400. */
function withDays({ range, ...query }: Query, site: Site): Query {
  if (range === undefined) return query;
  if (query.from !== undefined || query.to !== undefined) {
    throw new FootfallError('range_and_dates', 400, 'range stands for from and to: give either.');
  }
  const { from, to } = namedRange(range, localDay(Date.now(), site.zone));
  return { ...query, from: formatDay(from), to: formatDay(to) };
}

interface Ask {
  question: Question;
  parameters: Record<string, unknown>;
  query: Query;
  questionContext: QuestionContext & { store: DerivedReader };
  context: AnswerContext;
  /** Where the last day ends early. */
  until?: Until;
}

/** Increment it when a question's answer changes its format: answers stay in Redis for up to a day. */
const ANSWER_FORMAT = 3;

/** What `meta.cache` says. */
const CACHE_WORDS = { memory: 'hit', redis: 'hit', computed: 'miss', none: 'none' } as const;

interface Found {
  data: unknown;
  /** `none`: this question is never cached. */
  source: CacheSource | 'none';
  /** What each shard had applied: all of that is in the data. */
  heads: readonly ShardHead[];
}

/** A cached answer that still holds, or nearly so; else a new one. */
async function find(
  { question, parameters, query, questionContext, context, until }: Ask,
  heads: readonly SiteHead[],
  now: number,
): Promise<Found> {
  const { site: _, format: __, compare: ___, align: ____, compare_hours: _____, ...own } = query;
  const { store, site, cartAbandonedMinutes } = questionContext;
  const read = () => question.read(questionContext, parameters as never, own as never);
  if (question.cached === 'never') return { data: await read(), heads, source: 'none' };
  const today = localDay(now, site.zone);
  const range = isAboutDays(question) ? await coveredRange(store, site, own) : undefined;
  const { laterDays: later = 0 } = question;
  const laterDays = typeof later === 'number' ? later : later(own as never);
  const isClosed =
    question.cached === 'days' && range !== undefined && range.to + laterDays < today - ZONE_DAYS;
  // Before anything is read: what is cached holds at least this.
  const proof = store.proof();
  // An open range ends now: a minute later it may have another bucket, or another day, without any event.
  const moment = isClosed ? undefined : Math.floor(now / MINUTE_MS);
  const funnels = 'funnel' in parameters ? heads.map((head) => head.funnels ?? '') : undefined;
  const compute = async (): Promise<CachedAnswer> => {
    const data = await read();
    if (isClosed) return { data, heads: [], at: now, proof };
    // Not what the heads say of the site: it is long, and nothing is computed from it.
    return { data, heads: heads.map(({ changes: _, birth: __, funnels: ___, ...head }) => head), at: now };
  };
  const { id, zone, currency, retention_days } = site;
  const { answer, source } = await context.cache.get({
    site: id,
    key: JSON.stringify([
      ...[ANSWER_FORMAT, context.generation, id, zone, currency, retention_days],
      ...[question.path, parameters, own, range, moment, funnels, until, cartAbandonedMinutes],
    ]),
    isGood: async (one) => {
      if (isClosed) {
        if (
          !one.proof ||
          !(await store.isUnchanged(one.proof, around({ ...range, to: range.to + laterDays })))
        )
          return false;
        // Next time only later changes are looked for.
        one.proof = proof;
        return true;
      }
      return (
        (isSame(one.heads, heads) && question.cached === 'days') ||
        // In both directions: the clock of another process may be ahead, and so may this one's have been.
        Math.abs(now - one.at) < context.answerMaxAgeMs
      );
    },
    isLasting: isClosed,
    shareMs: isClosed ? MAX_SHARE_MS : Math.max(1, context.answerMaxAgeMs),
    compute,
  });
  record(source === 'computed' ? METRICS.cacheMiss : METRICS.cacheHit, 1);
  // A later change to the days of a closed range would have ended the answer.
  return { data: answer.data, source, heads: isClosed ? heads : answer.heads };
}

/** The same question about the days compared with. @throws as {@link dayRange} and {@link comparedRange}. */
async function findCompared(ask: Ask, heads: readonly SiteHead[], now: number) {
  const { question, questionContext, context } = ask;
  const { site } = questionContext;
  const range = dayRange(ask.query, site);
  const other = comparedRange(range, ask.query);
  const text = (day: Day) => formatDay(Math.max(day, FIRST_DAY));
  const days = { from: text(other.from), to: text(other.to) };
  const { cursor: _, ...query } = { ...ask.query, ...days } as Query & { cursor?: string };
  const whole_days = question.wholeDayFigures?.(query as never);
  const until = whole_days && untilOf(range, other, { site, now, compare_hours: ask.query.compare_hours });
  const cut = until && {
    questionContext: { ...questionContext, store: context.readerAt({ site, heads, now, until }) },
    until,
  };
  return { ...(await find({ ...ask, query, ...cut }, heads, now)), ...days, until, whole_days };
}

/** The first day that a question can name. */
const FIRST_DAY = parseDay('0000-01-01')!;

/**
 * How far a day of any zone reaches into the days of any other: from Pago Pago (UTC−11) to Kiritimati (UTC+14) there
 * are 25 hours.
 */
const ZONE_DAYS = 2;

/** The site's days that a range of days in any zone may touch. */
const around = ({ from, to }: DayRange): DayRange => ({ from: from - ZONE_DAYS, to: to + ZONE_DAYS });

const isSame = (cached: readonly ShardHead[], heads: readonly ShardHead[]) =>
  heads.every(({ version, next }, i) => version === cached[i]?.version && next === cached[i].next);
