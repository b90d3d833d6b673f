import { setTimeout as sleep } from 'node:timers/promises';
import { atScript } from '../at-script.ts';
import { between, type Fault, progress } from '../world.ts';

/** The packing of settled days dies, comes late, or is not alone. It goes on during all other faults as well. */
export const packingFaults: Fault[] = [
  {
    name: 'packing killed at any time',
    async run(world) {
      const { packing } = world.environment;
      for (let kills = 4; kills > 0; kills--) {
        await between(world, 200, 1_500);
        await packing.restart();
      }
    },
  },
  {
    name: 'packing killed before a day is replaced',
    async run(world) {
      const { packing } = world.environment;
      await atScript('pack', world, async (connection) => {
        await packing.kill();
        connection.strand();
      });
      await progress(world);
      await packing.start();
    },
  },
  {
    name: 'packing killed after a day is replaced',
    async run(world) {
      const { packing } = world.environment;
      await atScript('pack', world, async (connection) => {
        connection.holdReplies();
        // The script is sent when this returns; its answer never arrives.
        void sleep(150).then(() => packing.kill());
      });
      await sleep(500);
      await packing.restart();
    },
  },
  {
    name: 'a packed day arrives after further commits',
    async run(world) {
      for (let times = 3; times > 0; times--) {
        await atScript('pack', world, () => progress(world));
        await between(world, 200, 1_000);
      }
    },
  },
  {
    name: 'a packed day arrives after Redis has lost everything',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      await atScript('pack', world, async () => {
        await redis.direct().flushall();
        await progress(world);
      });
      await progress(world);
    },
  },
  {
    name: 'a packed day arrives after a failover to a replica that lags',
    async run(world) {
      const { redis } = world.environment;
      await progress(world);
      redis.replication.hold();
      await progress(world);
      await atScript('pack', world, async () => {
        redis.replication.reset();
        redis.replication.release();
        await redis.promote();
        await redis.replicate();
      });
      await progress(world);
    },
  },
  {
    name: 'two that pack the same days',
    async run(world) {
      const other = await world.environment.startPacking();
      await progress(world);
      await between(world, 3_000, 5_000);
      await other.kill();
    },
  },
];
