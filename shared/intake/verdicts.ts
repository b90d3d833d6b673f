import type { Verdict } from './format.ts';
import type { IncomingEvent } from './incoming.ts';
import type { Translation } from './plain-event.ts';
import { invalidEvents, MAX_LISTED } from './request-limits.ts';
import { MAX_WARNINGS, type Warning } from './values/warning.ts';

/**
 * Summarizes the outcome of a request's events.
 * @returns counts, and each event's verdict, with what {@link listed} leaves of its problems and warnings.
 * @throws FootfallError `invalid_events` 400 with all errors, when no event was valid.
 */
export function summaryOf(events: readonly Verdict[]) {
  const count = (wanted: Verdict['status']) => events.filter(({ status }) => status === wanted).length;
  const refused = count('refused');
  if (refused === events.length) {
    const errors = events.flatMap((verdict) => (verdict.status === 'refused' ? verdict.errors : []));
    // What is wrong with the request as a whole is wrong with each of its events.
    throw invalidEvents('No event could be accepted.', [...new Set(errors)]);
  }
  return {
    accepted: count('accepted'),
    refused,
    dead_lettered: count('dead_lettered'),
    events: listed(events),
  };
}

/** The first problem and the first warning of each event, and the first further ones of the request. */
function listed(events: readonly Verdict[]): Verdict[] {
  const room = { errors: MAX_LISTED, warnings: MAX_LISTED };
  const fewer = <T>(kind: keyof typeof room, all: readonly T[]): T[] => {
    const kept = all.slice(0, 1 + room[kind]);
    room[kind] -= Math.max(0, kept.length - 1);
    return kept;
  };
  return events.map((verdict) => ({
    ...verdict,
    ...('errors' in verdict && { errors: fewer('errors', verdict.errors) }),
    ...('warnings' in verdict && verdict.warnings && { warnings: fewer('warnings', verdict.warnings) }),
  }));
}

/** The first of {@link allWarningsOf}, for an answer. */
export const warningsOf = (incoming: IncomingEvent, result: Translation): Warning[] =>
  allWarningsOf(incoming, result).slice(0, MAX_WARNINGS);

/** What was put right in an event, by its format and by {@link translate}, with paths in the request's body. */
export function allWarningsOf(incoming: IncomingEvent, result: Translation): Warning[] {
  const found = 'warnings' in result ? (result.warnings ?? []) : [];
  const placed = found.map((warning) => ({ ...warning, path: incoming.pathOf(warning.path) }));
  return [...(incoming.warnings ?? []), ...placed];
}
