import { epochMs } from '../../../event/timestamps.ts';

/** ISO 8601 without an offset: Segment's times are in UTC ("Spec: Common fields", "Timestamps"). */
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** ms since the epoch of a time as SDKs write it; undefined when it is none. */
function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return epochMs(value);
  if (typeof value !== 'string' || value === '') return undefined;
  if (/^\d{9,16}(\.\d+)?$/.test(value)) return epochMs(Number(value));
  const ms = Date.parse(WITHOUT_OFFSET.test(value) ? `${value.replace(' ', 'T')}Z` : value);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * When something happened, as ISO 8601, by the server's clock: `received - (sentAt - timestamp)`, which takes out
 * what the client's clock is off by (Segment, "Spec: Common fields", "Timestamp overview"). Without a valid
 * `sentAt` it is the timestamp itself.
 * @returns undefined without a timestamp, and the timestamp as it is when it is no time: the plain format says so.
 */
export function happenedAt(timestamp: unknown, sentAt: unknown, received: number): unknown {
  if (timestamp === undefined || timestamp === '') return undefined;
  const original = instantOf(timestamp);
  if (original === undefined) return timestamp;
  const sent = instantOf(sentAt);
  const ms = sent === undefined ? original : received - (sent - original);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : timestamp;
}
