import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Fault, progress } from '../world.ts';

/** Redis dies, hangs, is full, or loses data. */

/** Longer than any command may take (shared/platform/redis/connection.ts). */
const PAST_EVERY_TIMEOUT_MS = 12_000;

export const redisFaults: Fault[] = [
  {
    name: 'Redis killed',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      await redis.primary.kill();
      await between(world, 200, 3_000);
      await redis.primary.start();
      await redis.replicate();
    },
  },
  {
    name: 'Redis comes back empty',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      await redis.restartFrom(undefined);
      await redis.replicate();
    },
  },
  {
    name: 'Redis comes back as it was before',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      const snapshot = await redis.snapshot();
      await between(world, 2_000, 5_000);
      await progress(world);
      await redis.restartFrom(snapshot);
      await redis.replicate();
    },
  },
  {
    name: 'Redis hangs past every timeout',
    async run(world) {
      const { primary } = world.environment.redis;
      await progress(world);
      process.kill(primary.pid!, 'SIGSTOP');
      await sleep(PAST_EVERY_TIMEOUT_MS);
      process.kill(primary.pid!, 'SIGCONT');
    },
  },
  {
    name: 'Redis is full',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      await redis.direct().config('SET', 'maxmemory', '1mb');
      await between(world, 2_000, 4_000);
      await redis.direct().config('SET', 'maxmemory', '0');
    },
  },
  {
    name: 'Redis fails over to a replica that lags',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      redis.replication.hold();
      await between(world, 1_000, 3_000);
      await progress(world);
      const hangs = world.dice.chance(0.5);
      // Clients of a lost machine get no error.
      if (hangs) redis.front.strand();
      redis.replication.reset();
      redis.replication.release();
      await redis.primary.kill();
      await redis.promote();
      await between(world, 500, 2_000);
      await redis.replica.start();
      await redis.replicate();
    },
  },
  {
    name: 'Redis servers change places',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      // Connections stay open, now to a replica.
      await redis.promote();
      await redis.replicate();
    },
  },
];
