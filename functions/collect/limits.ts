import { FootfallError } from '../../shared/errors.ts';
import type { Verdict } from './format.ts';

/** Of one request, after unpacking. */
export const MAX_BODY_BYTES = 1_000_000;
export const MAX_EVENTS = 500;

export const tooManyEvents = (limit: number) =>
  new FootfallError('too_many_events', 413, `A request takes at most ${limit} events.`, {
    details: { limit },
  });

/** Nothing of a request was right: all that is wrong with it. */
export function refuseAll(verdicts: readonly Verdict[]): FootfallError {
  const errors = verdicts.flatMap((verdict) => (verdict.status === 'refused' ? verdict.errors : []));
  return new FootfallError('invalid_events', 400, 'No event could be accepted.', { details: { errors } });
}
