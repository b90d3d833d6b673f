import { setTimeout as sleep } from 'node:timers/promises';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import { DayPacker } from '../../shared/shard/packing/day-packer.ts';
import type { Site } from '../../shared/sites/site.ts';

/**
 * Packs the days of the load all the time, as if they were settled, in a process of its own, to be killed. A run that
 * fails is repaired by the next one, as of the sweep.
 */
const sites = JSON.parse(process.argv[2]!) as Site[];
const PAUSE_MS = 1_000;
const AHEAD_MS = 30 * DAY_MS;

const config = readConfig();
const redis = connectRedis(config.redis, { enableAutoPipelining: true });
const packer = new DayPacker(redis, firstGeneration(config.kafka));
process.on('SIGTERM', () => process.exit());
process.send?.({ ready: true });
for (;;) {
  const packed = await packer
    .run(sites, { now: Date.now() + AHEAD_MS, goOn: () => true, againEvery: 1 })
    .catch((error) => String(error));
  console.error(`${new Date().toISOString()} ${process.pid} packed: ${packed}`);
  await sleep(PAUSE_MS);
}
