import fc from 'fast-check';
import type { ApplyContext } from '../../shared/aggregate/apply-context.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { CommitWindow } from '../../shared/aggregate/commit-window.ts';
import { TimeBudget } from '../../shared/aggregate/time-budget.ts';
import type { DeadLetter, UserRef } from '../../shared/event/decode.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import type { ChunkDelta } from '../../shared/fold/chunk-delta.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import type { Head } from '../../shared/shard/committer.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { restoreFunnels } from '../../shared/sites/site-funnels.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { recordOf } from '../oracle/streams.ts';
import { generationOf } from './generation.ts';
import { packAll } from './pack-all.ts';
import { loseAll } from './redis-data.ts';

/** One batch of one partition, and what goes wrong with it. */
interface Turn {
  /** The index of the partition, among those with records. */
  partition: number;
  size: number;
  /** How many records that were applied before are delivered again. */
  back: number;
  /** The step at which the consumer dies; a batch takes at least four. */
  crash: number | null;
  /** Whether the days of the partition's shard are packed afterwards. */
  packs?: boolean;
}

/** How the records of a log reach the consumer. */
export interface Plan {
  turns: Turn[];
  /** Records a batch, after the turns. */
  rest: number;
  /** The turn before which Redis is emptied. */
  flush: number | null;
}

export const plans: fc.Arbitrary<Plan> = fc.record({
  turns: fc.array(
    fc.record({
      partition: fc.nat({ max: 15 }),
      size: fc.integer({ min: 1, max: 40 }),
      back: fc.constantFrom(0, 0, 0, 1, 6),
      crash: fc.option(fc.nat({ max: 11 }), { freq: 2 }),
      packs: fc.boolean(),
    }),
    { maxLength: 40, size: 'max' },
  ),
  rest: fc.integer({ min: 5, max: 60 }),
  flush: fc.option(fc.nat({ max: 30 }), { freq: 4 }),
});

class Crash extends Error {}

/** Counts the steps of a consumer. After its death it takes no further one. */
class Steps {
  #left = Infinity;

  arm(left: number | null): void {
    this.#left = left ?? Infinity;
  }

  /** @throws Crash */
  take(): void {
    if (this.#left <= 0) throw new Crash();
    this.#left--;
  }
}

/** Dies before or after a read or the commit of any chunk, with or without later commits in flight. */
class CrashingStore extends ShardStore {
  readonly #steps: Steps;

  constructor(redis: RedisClient, generation: Generation, steps: Steps) {
    super(redis, generation);
    this.#steps = steps;
  }

  override async read(partition: number, users: Iterable<UserRef>, letters?: Iterable<string>) {
    this.#steps.take();
    const snapshot = await super.read(partition, users, letters);
    this.#steps.take();
    return snapshot;
  }

  override prepare(partition: number, head: Head, chunk: ChunkDelta) {
    const prepared = super.prepare(partition, head, chunk);
    const commit = async () => {
      this.#steps.take();
      const committed = await prepared.commit();
      this.#steps.take();
      return committed;
    };
    return { ...prepared, commit };
  }
}

export interface DeliveryOptions {
  redis: RedisClient;
  sites: readonly Site[];
  partitions: number;
  /** The funnels of each site. */
  funnels: readonly FunnelDefinition[];
  /** Called after each batch, and after each consumer's death. */
  after?: () => Promise<void>;
}

/**
 * A log in this process and a consumer that dies now and then. Arrays stand for Kafka, Redis is real. Records that
 * shards send to each other are appended to the log.
 */
export class Delivery {
  readonly logs: KafkaRecord[][];
  readonly letters: DeadLetter[] = [];
  crashes = 0;
  /** Days of shards that were packed. */
  packed = 0;
  readonly #options: DeliveryOptions;
  readonly #steps = new Steps();
  /** The offset after the last successful batch of each partition. */
  readonly #next: number[];
  #context: ApplyContext;

  constructor(logs: readonly (readonly KafkaRecord[])[], options: DeliveryOptions) {
    this.logs = logs.map((log) => [...log]);
    this.#options = options;
    this.#next = logs.map(() => 0);
    this.#context = this.#start();
  }

  /** Delivers everything in the log, also what is appended meanwhile. */
  async run({ turns, rest, flush }: Plan): Promise<void> {
    await this.#empty();
    await this.goOn({ turns, rest, flush });
  }

  /** Publishes further events and delivers from where it was. */
  async goOn({ turns, rest, flush }: Plan, events: readonly FootfallEvent[] = []): Promise<void> {
    for (const event of events) {
      this.#append(partitionOf(userKey(event), this.#options.partitions), event);
    }
    for (const [i, { partition, size, back, crash, packs }] of turns.entries()) {
      if (i === flush) await this.#empty();
      const filled = this.#filled();
      const one = filled[partition % filled.length]!;
      this.#steps.arm(crash);
      await this.#hand(one, Math.max(0, this.#next[one]! - back), size);
      if (packs) await this.pack([one]);
    }
    this.#steps.arm(null);
    await this.#drain(rest);
    // All records of a partition came before Redis was emptied: the last one comes again.
    for (const partition of this.#filled()) await this.#hand(partition, this.#next[partition]! - 1, 1);
    await this.#drain(rest);
    // As the sweep does for shards without new records.
    await Promise.all(this.logs.map((_, partition) => this.#context.restoreFunnels(partition)));
  }

  async #drain(size: number): Promise<void> {
    for (;;) {
      const waiting = this.#filled().filter((one) => this.#next[one]! < this.logs[one]!.length);
      if (waiting.length === 0) return;
      for (const partition of waiting) await this.#hand(partition, this.#next[partition]!, size);
    }
  }

  #filled(): number[] {
    return [...this.logs.keys()].filter((partition) => this.logs[partition]!.length > 0);
  }

  /** Packs all days of some shards. */
  async pack(partitions: readonly number[] = this.#filled()): Promise<void> {
    const { redis, partitions: all } = this.#options;
    for (const partition of partitions) {
      this.packed += await packAll(redis, generationOf(all), partition, this.#sites());
    }
  }

  #sites(): Site[] {
    const { sites, funnels } = this.#options;
    return sites.map((site) => ({ ...site, funnels: [...funnels] }));
  }

  async #empty(): Promise<void> {
    await loseAll(this.#options.redis);
  }

  async #hand(partition: number, from: number, size: number): Promise<void> {
    const batch = this.logs[partition]!.slice(from, from + size);
    if (batch.length === 0) return;
    try {
      await applyRecords(batch, this.#context);
      this.#next[partition] = Math.max(this.#next[partition]!, from + batch.length);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.crashes++;
      // Either a new process, or one that survives the error.
      if (this.crashes % 2 === 0) this.#context = this.#start();
    }
    await this.#options.after?.();
  }

  #start(): ApplyContext {
    const { redis, partitions } = this.#options;
    const steps = this.#steps;
    const source = fixedSites(new Sites(this.#sites()));
    const definitions = new FunnelStore(redis, generationOf(partitions));
    return {
      store: new CrashingStore(redis, generationOf(partitions), steps),
      sites: source,
      partitions,
      publishDeadLetters: async (letters) => {
        steps.take();
        this.letters.push(...letters);
        steps.take();
      },
      forward: async (events) => {
        for (const [partition, own] of Map.groupBy(events, (one) => partitionOf(userKey(one), partitions))) {
          for (const event of own) {
            steps.take();
            this.#append(partition, event);
          }
        }
        steps.take();
      },
      restoreFunnels: async (partition) => {
        steps.take();
        await restoreFunnels(partition, definitions, source);
        steps.take();
      },
      firstOffset: async () => 0,
      readRange: async (partition, from, to, apply) => {
        for (let next = from; next < to; next += 9) {
          await apply(this.logs[partition]!.slice(next, Math.min(next + 9, to)));
        }
      },
      refusedBefore: async (partition) => async () => (refused) =>
        this.letters.find(
          ({ record: { partition: of, offset } }) => of === partition && offset === refused.offset,
        ),
      onGap: () => {},
      onRefilled: () => {},
      budget: new TimeBudget(),
      commits: new CommitWindow(),
      remainingMs: () => Infinity,
    };
  }

  #append(partition: number, event: FootfallEvent): void {
    const log = this.logs[partition]!;
    log.push(recordOf(JSON.stringify(event), partition, log.length));
  }
}
