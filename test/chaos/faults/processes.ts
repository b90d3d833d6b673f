import { setTimeout as sleep } from 'node:timers/promises';
import { atScript } from '../at-script.ts';
import { GROUP } from '../environment.ts';
import type { Connection } from '../link.ts';
import { between, type Fault, progress, type World } from '../world.ts';

/** The consumer dies, hangs, or is not alone. */

const atCommit = (world: World, act: (connection: Connection) => Promise<void>) =>
  atScript('commit', world, act);

export const processFaults: Fault[] = [
  {
    name: 'aggregate killed at any time',
    async run(world) {
      const { consumer } = world.environment;
      for (let kills = 3; kills > 0; kills--) {
        if (world.dice.chance(0.8)) await progress(world);
        await between(world, 0, 400);
        await consumer.kill();
        await world.truth.observe();
        await consumer.start();
      }
    },
  },
  {
    name: 'aggregate killed before a commit',
    async run(world) {
      const { consumer } = world.environment;
      await atCommit(world, async (connection) => {
        await consumer.kill();
        connection.strand();
      });
      await consumer.start();
    },
  },
  {
    name: 'aggregate killed, its commit arrives later',
    async run(world) {
      const { consumer } = world.environment;
      const released = Promise.withResolvers<void>();
      const held = atCommit(world, async () => {
        await consumer.kill();
        void consumer.start().then(async () => {
          // Before the next process has done anything, or after it has applied the same records.
          if (world.dice.chance(0.5)) await sleep(1_000);
          released.resolve();
        });
        await released.promise;
      });
      await held;
      await progress(world);
    },
  },
  {
    name: 'aggregate killed after a commit',
    async run(world) {
      const { consumer } = world.environment;
      await atCommit(world, async (connection) => {
        connection.holdReplies();
        // The commit is sent when this returns; its answer never arrives.
        void sleep(150).then(() => consumer.kill());
      });
      await sleep(500);
      await consumer.restart();
    },
  },
  {
    name: 'aggregate frozen until others have its partitions',
    async run(world) {
      const { environment } = world;
      await progress(world);
      // In the middle of a batch, whose commit is sent when it goes on.
      await atCommit(world, async () => environment.consumer.pause());
      const other = await environment.startConsumer('same');
      await between(world, GROUP.sessionTimeoutMs, 2 * GROUP.sessionTimeoutMs);
      await progress(world);
      environment.consumer.resume();
      await between(world, 500, 2_000);
      await other.end('SIGTERM');
    },
  },
  {
    name: 'two consumers of the same records',
    async run(world) {
      const other = await world.environment.startConsumer('other');
      await progress(world);
      await between(world, 3_000, 5_000);
      await other.kill();
    },
  },
  {
    name: 'rebalance in the middle of batches',
    async run(world) {
      for (let times = 2; times > 0; times--) {
        const other = await world.environment.startConsumer('same');
        await between(world, 500, 1_500);
        await other.end(world.dice.pick(['SIGTERM', 'SIGKILL']));
        await between(world, 200, 1_000);
      }
    },
  },
  {
    name: 'collect killed with requests under way',
    async run(world) {
      const { collect } = world.environment;
      for (let kills = 3; kills > 0; kills--) {
        await between(world, 200, 1_000);
        await collect.restart();
      }
    },
  },
  {
    name: 'clocks of collect and aggregate jump by hours',
    async run(world) {
      const { collect, consumer } = world.environment;
      for (const child of [collect, consumer, collect, consumer]) {
        child.shiftClock((world.dice.below(24) - 12) * 3_600_000);
        await between(world, 500, 1_500);
      }
      for (const child of [collect, consumer]) child.shiftClock(0);
    },
  },
];
