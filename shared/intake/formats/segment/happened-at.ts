import { readInstant } from '../../../event/timestamps.ts';

/** Without an offset, Segment's times are UTC ("Spec: Common fields", "Timestamps"). */
const instantOf = (value: unknown): number | undefined => readInstant(value, { utc: true });

/**
 * When an event happened by the server's clock, in ISO 8601: `received - (sentAt - timestamp)`, which cancels
 * the error of the client's clock (Segment, "Spec: Common fields", "Timestamp overview"). Without a valid
 * `sentAt`, the timestamp itself.
 * @returns undefined without a timestamp; an unreadable timestamp unchanged, so the plain format refuses it.
 * @example happenedAt('2026-03-01T12:00:00Z', '2026-03-01T12:00:05Z', Date.parse('2026-03-01T11:00:05Z')) //
 *   '2026-03-01T11:00:00.000Z'
 */
export function happenedAt(timestamp: unknown, sentAt: unknown, received: number): unknown {
  if (timestamp === undefined || timestamp === '') return undefined;
  const original = instantOf(timestamp);
  if (original === undefined) return timestamp;
  const sent = instantOf(sentAt);
  const ms = sent === undefined ? original : received - (sent - original);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : timestamp;
}
