import {
  currentGeneration,
  type EventsTopic,
  findGeneration,
  type Generations,
  haveSamePrograms,
  pointerOf,
} from '../generations/generation.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { MINUTE_MS } from '../platform/time.ts';
import { earlierCountedGeneration } from '../shard/assert-topic.ts';
import type { Site } from '../sites/site.ts';
import { carryCarts } from './transfer.ts';

/** A sweep that had begun before a switch has ended by then, as functions have 15 minutes at the most (AWS, "Lambda quotas"). */
const TAKEN_OVER_MS = 16 * MINUTE_MS;

/**
 * After a switch: what sweeps of the generation before have signalled is known in this one, so that no cart is signalled
 * twice. Where other programs count that one, it is as long as it is there, since they may be ended long after the
 * switch; else a little. To be called when none of them can publish any more.
 */
export async function takeOverCarts(
  redis: RedisClient,
  known: Generations,
  { kafka, sites, now = Date.now() }: { kafka: EventsTopic; sites: readonly Site[]; now?: number },
): Promise<void> {
  const to = currentGeneration(known, kafka);
  const pointer = pointerOf(known, kafka.eventsTopic);
  const from = pointer
    ? findGeneration(known, pointer.previous ?? '')
    : // Deployed in the place of programs with an earlier format, without a rebuild.
      await earlierCountedGeneration(redis, known, kafka);
  if (!from || findGeneration(known, from.id)?.state === 'freeing') return;
  if (pointer && haveSamePrograms(from, to) && now - pointer.since > TAKEN_OVER_MS) return;
  await carryCarts(redis, { from, to, sites: sites.map(({ id }) => id) });
}
