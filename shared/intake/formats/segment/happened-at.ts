import { epochMs } from '../../../event/timestamps.ts';

/** ISO 8601 without an offset: Segment's times are UTC ("Spec: Common fields", "Timestamps"). */
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** Milliseconds since the epoch of a time as SDKs write it; undefined when it cannot be parsed. */
function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return epochMs(value);
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\d{9,16}(\.\d+)?$/.test(value)) return epochMs(Number(value));
  const ms = Date.parse(WITHOUT_OFFSET.test(value) ? `${value.replace(' ', 'T')}Z` : value);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * When an event happened by the server's clock, in ISO 8601: `received - (sentAt - timestamp)`, which cancels
 * the error of the client's clock (Segment, "Spec: Common fields", "Timestamp overview"). Without a valid
 * `sentAt`, the timestamp itself.
 * @returns undefined without a timestamp; an unparsable timestamp unchanged, so the plain format rejects it.
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
