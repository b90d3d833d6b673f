import type { Generation } from '../../shared/generations/generation.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import type { Site } from '../../shared/sites/site.ts';

/**
 * Packs all days of some sites in a shard, whether they are settled or not.
 * @returns how many were packed
 */
export async function packAll(
  redis: RedisClient,
  generation: Generation,
  partition: number,
  sites: readonly Site[],
): Promise<number> {
  const keys = keysOf(generation.id);
  const packer = new DayPacker(redis, generation);
  let packed = 0;
  for (const site of sites) {
    const days = await redis.hkeys(keys.touched(partition, site.id));
    for (const day of days.map(Number)) {
      if (await packer.pack({ partition, site, day })) packed++;
    }
  }
  return packed;
}
