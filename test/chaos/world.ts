import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../shared/simulation/random.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Environment } from './environment.ts';
import type { Load } from './load.ts';
import type { Reads } from './reads.ts';
import type { Truth } from './truth.ts';

/** What a fault works with: an installation under load. */
export interface World {
  environment: Environment;
  load: Load;
  reads: Reads;
  truth: Truth;
  /** The random choices of a fault. */
  dice: Random;
}

/**
 * A fault. `run` causes it under load, and repairs what a supervisor, an operator or the network would: it restarts
 * processes and restores connections. Nothing else is repaired by hand.
 */
export interface Fault {
  name: string;
  run(world: World): Promise<void>;
}

/** Waits a random number of ms between two bounds. */
export const between = ({ dice }: World, least: number, most: number) =>
  sleep(least + dice.below(most - least + 1));

/** Waits until the consumer has applied further records. */
export async function progress({ truth }: World): Promise<void> {
  const sum = async () => (await truth.observe()).nexts.reduce((total, next) => total + next, 0);
  const before = await waitFor('Redis to say how far it is', async () => ({ sum: await sum() }));
  await waitFor('the consumer to go on', async () => (await sum()) > before.sum, {
    timeoutMs: 90_000,
    everyMs: 20,
  });
}

const LIMIT_MS = 120_000;

/**
 * Waits until everything accepted is applied, without new events.
 * @returns the seconds that it took.
 * @throws after two minutes.
 */
export async function caughtUp(world: World): Promise<number> {
  const started = Date.now();
  let why: unknown;
  while (Date.now() - started < LIMIT_MS) {
    const lag = await world.truth.lag().catch((error) => String(error));
    if (lag === 0) return (Date.now() - started) / 1_000;
    why = lag;
    await sleep(100);
  }
  throw new Error(`Not everything is applied after two minutes; what is left: ${why}.`);
}
