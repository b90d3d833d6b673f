import { FootfallError } from '../platform/errors.ts';
import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import type { Refusal } from './plain-event.ts';
import type { RateLimiter, Taking } from './rate-limiter.ts';

/** Of one request, after unpacking. */
export const MAX_BODY_BYTES = 1_000_000;
export const MAX_EVENTS = 500;

export const tooManyEvents = (limit: number) =>
  new FootfallError('too_many_events', 413, `A request takes at most ${limit} events.`, {
    details: { limit },
  });

/** @throws FootfallError `invalid_events` 400 when it is no list of them, `too_many_events` 413. */
export function listOfEvents(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    const message = `an array of 1 to ${MAX_EVENTS} events`;
    throw invalidEvents(`${path} must be ${message}.`, [{ code: 'invalid_event', path, message }]);
  }
  if (value.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
  return value;
}

export const invalidEvents = (message: string, errors: readonly Refusal[]) =>
  new FootfallError('invalid_events', 400, message, { details: { errors } });

/**
 * Takes what a request costs out of the buckets of its sender, or throws. When nobody can tell what is in them it may
 * go on: what events need is Kafka.
 * @param count told of each request that was refused, and of each that nobody could tell of.
 * @throws FootfallError `rate_limited` 429, with the time to wait.
 */
export const limitOf =
  (limiter: RateLimiter, count: (metric: Metric) => void) =>
  async (taking: Taking): Promise<void> => {
    const refused = await limiter.take(taking);
    if (refused === 'unknown') count(METRICS.limitUnavailable);
    if (refused === undefined || refused === 'unknown') return;
    count(METRICS.rateLimited);
    const whose = refused.of === 'key' ? 'with this key' : 'from this address';
    const message = `There were too many events ${whose}. Send these again after the seconds in Retry-After.`;
    throw new FootfallError('rate_limited', 429, message, { retryAfter: Math.ceil(refused.waitMs / 1_000) });
  };
