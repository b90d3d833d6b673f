import { partitionOf } from '../event/partition.ts';
import type { Generation } from '../generations/generation.ts';
import { answersOf, type RedisClient } from '../platform/redis/connection.ts';
import { receiptField } from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { DAY_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import { dayExpiry } from '../shard/retention.ts';
import type { Site } from '../sites/site.ts';

/** The present state of an erasure. */
export interface Receipt {
  /** When it was requested, ms. */
  requested: number;
  /** Number of ids requested. */
  of: number;
  /** Whether all requested ids are erased, and all ids found along with them. */
  isDone: boolean;
  /** The erased ids, by digest. */
  erased: ErasedId[];
}

export interface ErasedId {
  digest: string;
  /** Redis keys removed, and members removed from other keys. */
  keys: number;
  entries: number;
  /** Timestamp of the record that erased it, ms; undefined: erased along with another id. */
  at: number | undefined;
}

/** Receipts of erasures. Each shard that took part holds its part. */
export class Receipts {
  readonly #redis: RedisClient;
  readonly #partitions: number;
  readonly #keys: ShardKeys;

  constructor(redis: RedisClient, { id, partitions }: Generation) {
    this.#redis = redis;
    this.#partitions = partitions;
    this.#keys = keysOf(id);
  }

  /** Makes a receipt readable before the first shard writes its part; that write sets the same fields. */
  async begin(
    site: Site,
    { receipt, user, at, of }: { receipt: string; user: string; at: number; of: number },
  ): Promise<void> {
    const shard = partitionOf(userKey({ site: site.id, user }), this.#partitions);
    const name = this.#keys.receipt(shard, site.id, receipt);
    const expireAt = dayExpiry(Math.floor(at / DAY_MS), site);
    await answersOf(this.#redis.multi().hset(name, { of, requested: at }).expireat(name, expireAt));
  }

  /** Reads a receipt from all shards; undefined when there is none or it has expired. */
  async read(site: string, receipt: string): Promise<Receipt | undefined> {
    const parts = await Promise.all(
      Array.from({ length: this.#partitions }, (_, shard) =>
        this.#redis.hgetall(this.#keys.receipt(shard, site, receipt)),
      ),
    );
    const asked = parts.find(({ of }) => of !== undefined);
    if (!asked) return undefined;
    const sum = (field: string) => parts.reduce((total, part) => total + Number(part[field] ?? 0), 0);
    const fields = parts.flatMap((part) => Object.keys(part));
    const digests = [...new Set(fields.map((field) => /^(?:keys|at):(.+)$/.exec(field)?.[1]))].filter(
      (digest) => digest !== undefined,
    );
    const erased = digests.sort().map((digest) => {
      const at = sum(receiptField('at', digest));
      return {
        digest,
        keys: sum(receiptField('keys', digest)),
        entries: sum(receiptField('entries', digest)),
        at: at > 0 ? at : undefined,
      };
    });
    const of = Number(asked.of);
    const done = erased.filter(({ at }) => at !== undefined).length;
    return {
      requested: Number(asked.requested),
      of,
      isDone: done === of && sum('sent') === sum('came'),
      erased,
    };
  }
}
