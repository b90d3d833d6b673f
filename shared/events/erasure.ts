import { type Erases, EVENT_VERSION, type FootfallEvent } from './event.ts';

/**
 * The record that has a user forgotten: what was counted before it in the log of their partition, and whatever comes
 * after it and was received until `at` (ms). Being a record, it comes again with the others when Redis is filled anew.
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
