import { FootfallError } from '../platform/errors.ts';
import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import type { Refusal } from './plain-event.ts';
import type { Charge, RateLimiter } from './rate-limiter.ts';
import { listOf } from './values/lists.ts';

/** Limits of one request, after decompression. */
export const MAX_BODY_BYTES = 1_000_000;
export const MAX_EVENTS = 500;

export const tooManyEvents = (limit: number) =>
  new FootfallError('too_many_events', 413, `A request takes at most ${limit} events.`, {
    details: { limit },
  });

/**
 * Problems that one answer lists, and warnings, besides the first of each event. A small request could have more of them
 * than an answer has room for.
 */
export const MAX_LISTED = 100;

/**
 * Checks that a value is a list of events. @throws FootfallError `invalid_events` 400, `too_many_events` 413.
 */
export function listOfEvents(given: unknown, path: string): unknown[] {
  const value = listOf(given);
  if (!Array.isArray(value) || value.length === 0) {
    const message = `must be a list of 1 to ${MAX_EVENTS} events`;
    throw invalidEvents(`${path} ${message}.`, [{ code: 'invalid_event', path, message }]);
  }
  if (value.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
  return value;
}

export const invalidEvents = (message: string, errors: readonly Refusal[]) =>
  new FootfallError('invalid_events', 400, message, { details: { errors: errors.slice(0, MAX_LISTED) } });

/**
 * Charges a request to the buckets of its sender. Accepts it when Redis does not answer: events need only
 * Kafka.
 * @param count called for each rejected request, and for each accepted without a check.
 * @throws FootfallError `rate_limited` 429, with the time to wait.
 */
export const limitOf =
  (limiter: RateLimiter, count: (metric: Metric) => void) =>
  async (taking: Charge): Promise<void> => {
    const refused = await limiter.take(taking);
    if (refused === 'unknown') count(METRICS.limitUnavailable);
    if (refused === undefined || refused === 'unknown') return;
    count(METRICS.rateLimited);
    const whose = refused.of === 'key' ? 'with this key' : 'from this address';
    const message = `Too many events ${whose}. Send these again after Retry-After seconds.`;
    throw new FootfallError('rate_limited', 429, message, { retryAfter: Math.ceil(refused.waitMs / 1_000) });
  };
