import type { Verdict } from './format.ts';
import { invalidEvents } from './request-limits.ts';

/**
 * Summarizes the outcome of a request's events.
 * @returns counts, and each event's verdict.
 * @throws FootfallError `invalid_events` 400 with all errors, when no event was valid.
 */
export function summaryOf(events: readonly Verdict[]) {
  const count = (wanted: Verdict['status']) => events.filter(({ status }) => status === wanted).length;
  const refused = count('refused');
  if (refused === events.length) {
    const errors = events.flatMap((verdict) => (verdict.status === 'refused' ? verdict.errors : []));
    throw invalidEvents('No event could be accepted.', errors);
  }
  return { accepted: count('accepted'), refused, dead_lettered: count('dead_lettered'), events };
}
