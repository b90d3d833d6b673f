import type { Generation } from '../generations/generation.ts';
import { getOrMake } from '../platform/counters.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import type { Month } from '../platform/time.ts';
import { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { COPY_KEPT_MS, Copies } from './copies.ts';
import { DerivedReader } from './derived-reader.ts';

/**
 * Makes the copies of a site's settled days before a question needs them: the first question about a year would read each
 * day of each shard. It waits until a month's settled days were the same for two runs: an import changes them all the time.
 */
export class CopyPreparer {
  readonly #redis: RedisClient;
  readonly #generation: Generation;
  readonly #store: StoreReader;
  /** By site and month: what its settled days were like in the last run, and since when there are copies of that, ms. */
  readonly #seen = new Map<string, Map<Month, { stamp: string; preparedAt: number }>>();

  constructor(redis: RedisClient, generation: Generation) {
    this.#redis = redis;
    this.#generation = generation;
    this.#store = new StoreReader(redis, generation);
  }

  /**
   * One run.
   * @param options.now ms since the epoch
   * @param options.goOn called before each step; false ends the run, and the next run goes on with the months that are left
   * @returns of how many sites it made or renewed copies
   * @throws RedisUnavailable
   */
  async run(sites: readonly Site[], { now, goOn }: { now: number; goOn(): boolean }): Promise<number> {
    let prepared = 0;
    const begin = Math.floor(Math.random() * sites.length);
    for (const site of [...sites.slice(begin), ...sites.slice(0, begin)]) {
      if (!goOn()) break;
      const heads = await this.#store.siteHeads(site.id);
      // Its own copies: this process needs none of them later.
      const copies = new Copies(this.#redis);
      const reader = new DerivedReader(this.#redis, this.#generation, copies, { site, heads, now });
      const seen = getOrMake(this.#seen, site.id, () => new Map());
      const due = new Set<Month>();
      let isWhole = true;
      for (const [month, stamp] of await reader.settledStamps()) {
        const before = seen.get(month);
        if (before?.stamp !== stamp) {
          seen.set(month, { stamp, preparedAt: -Infinity });
          isWhole = false;
          // Copies that no question uses would be gone after a while.
        } else if (now - before.preparedAt >= COPY_KEPT_MS / 2) due.add(month);
      }
      if (due.size === 0 || !(await reader.prepare({ months: due, isWhole }, goOn))) continue;
      for (const month of due) seen.get(month)!.preparedAt = now;
      prepared++;
    }
    return prepared;
  }
}
