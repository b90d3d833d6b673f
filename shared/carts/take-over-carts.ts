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
import { transferCarts } from './transfer-carts.ts';

/**
 * A sweep that began before a switch of generations has ended by then: functions run for 15 minutes at most
 * (AWS, "Lambda quotas").
 */
const TAKEN_OVER_MS = 16 * MINUTE_MS;

/**
 * After a switch of generations, copies what sweeps of the previous generation have signalled, so that no
 * cart is signalled twice. If another deployment counts the previous generation, this happens as long as that
 * generation exists, since that deployment may end long after the switch; otherwise for a short time. Call it
 * once no such sweep can publish any more.
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
    : // Deployed over programs with an earlier format, without a rebuild.
      await earlierCountedGeneration(redis, known, kafka);
  if (!from || findGeneration(known, from.id)?.state === 'freeing') return;
  if (pointer && haveSamePrograms(from, to) && now - pointer.since > TAKEN_OVER_MS) return;
  await transferCarts(redis, { from, to, sites: sites.map(({ id }) => id) });
}
