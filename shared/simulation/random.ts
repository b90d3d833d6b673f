import { randomInt } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const TWO_32 = 2 ** 32;

/** Random numbers determined by a seed (xoroshiro128+, Blackman and Vigna). */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /** @param seed an integer; its lowest 32 bits count. */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
  }

  /** In [0, 1). */
  unit(): number {
    return (this.#generator.next() >>> 0) / TWO_32;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Waiting time for something that happens every `mean` on average. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** Draws indexes with given weights. */
export class Weighted {
  readonly #sums: number[];

  constructor(weights: readonly number[]) {
    let sum = 0;
    this.#sums = weights.map((weight) => {
      sum += weight;
      return sum;
    });
  }

  draw(random: Random): number {
    const target = random.unit() * this.#sums.at(-1)!;
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Zipf's law: the n-th most popular of `count` things has weight 1/n. */
export function zipf(count: number): Weighted {
  return new Weighted(Array.from({ length: count }, (_, rank) => 1 / (rank + 1)));
}

/** A seed derived from a text (FNV-1a, 32 bits). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A random 32-bit seed. */
export function randomSeed(): number {
  return randomInt(2 ** 32);
}
