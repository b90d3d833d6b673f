import { type Erases, EVENT_VERSION, type FootfallEvent } from './event.ts';

/**
 * Whether an event is of the time that an erasure ends, ms: it happened or was received until then. A client that sends
 * once more, or late, what it had to say before does not bring anybody back.
 */
export const isErasedBy = (
  { ts, received }: Pick<FootfallEvent, 'ts' | 'received'>,
  until: number,
): boolean => Math.min(ts, received) <= until;

/**
 * The record that has a user forgotten: what was counted before it in the log of their partition, and whatever comes
 * after it and happened or was received until `at` (ms). Being a record, it comes again with the others when Redis is filled anew.
 */
export const erasureEvent = ({
  site,
  user,
  at,
  erases,
}: {
  site: string;
  user: string;
  at: number;
  erases: Erases;
}): FootfallEvent & { erases: Erases } => ({
  v: EVENT_VERSION,
  id: erases.receipt,
  site,
  user,
  name: 'erasure',
  ts: at,
  received: at,
  // No event: it can't be too late.
  backfill: true,
  erases,
});
