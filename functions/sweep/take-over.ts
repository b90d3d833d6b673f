import {
  currentGeneration,
  type EventsPlace,
  findGeneration,
  type Generations,
  pointerOf,
} from '../../shared/generations/generation.ts';
import type { Site } from '../../shared/sites/sites.ts';
import { carryCarts } from '../../shared/store/carry.ts';
import type { RedisClient } from '../../shared/store/connection.ts';
import { MINUTE_MS } from '../../shared/time.ts';

/** A sweep that had begun before a switch has ended by then, as functions have 15 minutes at the most (AWS, "Lambda quotas"). */
const TAKEN_OVER_MS = 16 * MINUTE_MS;

/**
 * A little after a switch: what sweeps of the generation before have signalled is known in this one, so that no cart is
 * signalled twice. To be called when none of them can publish any more.
 */
export async function takeOverCarts(
  redis: RedisClient,
  known: Generations,
  { kafka, sites, now = Date.now() }: { kafka: EventsPlace; sites: readonly Site[]; now?: number },
): Promise<void> {
  const pointer = pointerOf(known, kafka.eventsTopic);
  if (pointer?.previous === undefined || now - pointer.since > TAKEN_OVER_MS) return;
  const from = findGeneration(known, pointer.previous);
  if (from?.state !== 'old') return;
  const to = currentGeneration(known, kafka);
  await carryCarts(redis, { from, to, sites: sites.map(({ id }) => id) });
}
