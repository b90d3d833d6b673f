import { type Erases, EVENT_VERSION, type FootfallEvent } from './event.ts';

/**
 * Whether an erasure covers an event: it happened or was received until then, ms. So a client that sends an old event
 * late or again does not bring an erased user back.
 */
export const isErasedBy = (
  { ts, received }: Pick<FootfallEvent, 'ts' | 'received'>,
  until: number,
): boolean => Math.min(ts, received) <= until;

/**
 * The record that erases a user: what lies before it in the log of their partition, and what comes after it but
 * happened or was received until `at` (ms). It is in the log, so it is applied again whenever Redis is filled from
 * there.
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
  // It is no event, so it can't be too late.
  backfill: true,
  erases,
});
