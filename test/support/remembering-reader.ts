import type { Counters } from '../../shared/platform/counters.ts';
import type { Day } from '../../shared/platform/time.ts';
import { type DayHash, StoreReader } from '../../shared/shard/reader.ts';
import type { Sums } from '../../shared/shard/sums.ts';

type DaySums = { day: Day; sums: Counters };

/**
 * A reader for hundreds of questions about a store without writers: it fetches each of the commonly used hashes from
 * Redis once.
 */
export class RememberingReader extends StoreReader {
  readonly #known = new Map<string, Promise<unknown>>();

  override days(site: string): Promise<Day[]> {
    return this.#once(['days', site], () => super.days(site));
  }

  override dayHashes(kind: DayHash, site: string, days: readonly Day[]): Promise<DaySums[]> {
    return this.#eachOnce([kind, site], days, (day) => super.dayHashes(kind, site, [day]));
  }

  override breakdown(site: string, days: readonly Day[], dimension: string): Promise<DaySums[]> {
    return this.#eachOnce([dimension, site], days, (day) => super.breakdown(site, [day], dimension));
  }

  override products(site: string, days: readonly Day[], metrics: readonly string[]): Promise<Sums> {
    return this.#once(['products', site, ...days, ...metrics], () => super.products(site, days, metrics));
  }

  async #eachOnce(
    name: (string | number)[],
    days: readonly Day[],
    read: (day: Day) => Promise<DaySums[]>,
  ): Promise<DaySums[]> {
    return (await Promise.all(days.map((day) => this.#once([...name, day], () => read(day))))).flat();
  }

  #once<T>(name: (string | number)[], read: () => Promise<T>): Promise<T> {
    const key = name.join('|');
    let answer = this.#known.get(key) as Promise<T> | undefined;
    if (!answer) {
      answer = read();
      this.#known.set(key, answer);
    }
    return answer;
  }
}
