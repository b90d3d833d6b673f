import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { between, type Fault, progress } from '../world.ts';

/** Brokers die, hang, or run out of disk. */

export const kafkaFaults: Fault[] = [
  {
    name: 'brokers restarted one after the other',
    async run(world) {
      const { brokers } = world.environment;
      const first = world.dice.below(3);
      for (const broker of [brokers[first]!, brokers[(first + 1) % 3]!]) {
        await broker.kill();
        await between(world, 500, 2_500);
        await broker.start();
        await progress(world);
      }
    },
  },
  {
    name: 'a broker hangs',
    async run(world) {
      const { pid } = world.dice.pick(world.environment.brokers);
      process.kill(pid!, 'SIGSTOP');
      await between(world, 5_000, 9_000);
      process.kill(pid!, 'SIGCONT');
    },
  },
  {
    name: 'two brokers of three away',
    async run(world) {
      const { brokers } = world.environment;
      const stays = world.dice.below(3);
      const others = brokers.filter((_, i) => i !== stays);
      await Promise.all(others.map((broker) => broker.kill()));
      await sleep(3_000);
      await Promise.all(others.map((broker) => broker.start()));
    },
  },
  {
    name: "a broker's disk is full",
    async run(world) {
      const broker = world.dice.pick(world.environment.brokers);
      await limitFiles(broker.pid!, '0');
      // The broker stops by itself at its next write.
      await between(world, 4_000, 7_000);
      await broker.kill();
      await broker.start();
    },
  },
];

/**
 * Makes every write to a file fail (EFBIG), as on a full disk (ENOSPC), or work again. Unlike a file system of its own
 * it needs no rights. It kills a program (SIGXFSZ) unless that handles the signal, as Java does.
 */
async function limitFiles(pid: number, bytes: '0' | 'unlimited'): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(
      'prlimit is missing: install util-linux, which brings it (Debian: apt-get install util-linux).',
    );
  });
}
