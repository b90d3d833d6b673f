import { LRUCache } from 'lru-cache';
import type { UserRef } from '../event/decode.ts';
import { transactionOfHome } from '../event/order-note.ts';
import { partitionOf } from '../event/partition.ts';
import type { ChunkDelta } from '../fold/chunk-delta.ts';
import type { OrderStates } from '../fold/chunk-orders.ts';
import type { FoldSnapshot, Funnels, States } from '../fold/fold.ts';
import { type Forwarded, positionOf } from '../fold/identity.ts';
import { unpackOrder } from '../fold/order-state.ts';
import { type Erased, newUserState, unpackUserState } from '../fold/user-state.ts';
import type { FunnelDefinition } from '../funnels/definition.ts';
import type { Generation } from '../generations/generation.ts';
import { getOrMake } from '../platform/counters.ts';
import { answersOf, inOrder, type RedisClient } from '../platform/redis/connection.ts';
import { userDigest } from '../platform/redis/digest.ts';
import {
  ARRIVED,
  erasedField,
  lostField,
  positionsOf,
  SKIPPED,
  splitFunnelField,
} from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { HOUR_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import { assertSameTopic } from './assert-topic.ts';
import { ChunkWriter, type NewName } from './chunk-writer.ts';
import { Committer, type Head } from './committer.ts';
import { type EncodedBatch, WriteBatch } from './write-batch.ts';

/** What is known of a shard before a batch is folded. */
export interface Snapshot extends FoldSnapshot {
  head: Head;
}

/** How many product names are remembered as stored, and for how long: they are not sent again with each event. */
const MAX_NAMES = 50_000;
const NAMES_KNOWN_MS = HOUR_MS;

/** The write side of the store. Each Kafka partition has one shard. */
export class ShardStore {
  readonly #redis: RedisClient;
  readonly #committer: Committer;
  readonly #generation: Generation;
  readonly #keys: ShardKeys;
  readonly #names = new LRUCache<string, string>({ max: MAX_NAMES, ttl: NAMES_KNOWN_MS });
  /** By partition: the last version that was read or committed. */
  readonly #versions = new Map<number, number>();
  /** Partitions whose head names the topic. */
  readonly #told = new Set<number>();

  constructor(redis: RedisClient, generation: Generation) {
    this.#redis = redis;
    this.#committer = new Committer(redis);
    this.#generation = generation;
    this.#keys = keysOf(generation.id);
  }

  /** The id of the generation that this writes. */
  get generation(): string {
    return this.#generation.id;
  }

  /**
   * Reads the shard's head, its sites' funnels, and the states of these users and orders in one round trip. The head comes first:
   * when another commit comes in between, the head is outdated, and a commit based on it changes nothing. A second
   * round trip reads about users without a state, when users of their site were ever erased.
   * @param letters keys of dead letters: the snapshot says which of them were replayed here
   */
  async read(partition: number, users: Iterable<UserRef>, letters: Iterable<string> = []): Promise<Snapshot> {
    const replays = [...letters];
    const distinct = [...new Set(users)];
    const pipeline = inOrder(this.#redis)
      .hgetall(this.#keys.head(partition))
      .hgetall(this.#keys.funnels(partition));
    if (replays.length > 0) pipeline.zmscore(this.#keys.replayed(partition), replays);
    if (distinct.length > 0) {
      pipeline.mgetBuffer(distinct.map(({ site, user }) => this.#keys.user(partition, site, user)));
    }
    const homes = distinct.flatMap(({ key, site, user }) => {
      const transaction = transactionOfHome(user);
      return transaction === undefined ? [] : [{ key, name: this.#keys.order(partition, site, transaction) }];
    });
    if (homes.length > 0) pipeline.mgetBuffer(homes.map(({ name }) => name));
    const [head, definitions, ...rest] =
      await answersOf<[Record<string, string>, Record<string, string>, ...unknown[]]>(pipeline);
    this.#checkHead(partition, head);
    const scores = replays.length > 0 ? (rest.shift() as (string | null)[]) : [];
    const [packed = [], packedOrders = []] = rest as [(Buffer | null)[]?, (Buffer | null)[]?];
    const orders: OrderStates = new Map();
    homes.forEach(({ key }, i) => {
      const bytes = packedOrders[i];
      if (bytes) orders.set(key, unpackOrder(bytes));
    });
    const states: States = new Map();
    distinct.forEach(({ key }, i) => {
      const bytes = packed[i];
      if (bytes) states.set(key, unpackUserState(bytes));
    });
    const unknown = distinct.filter(({ key, site }) => !states.has(key) && erasedField(site) in head);
    if (unknown.length > 0) await this.#addErased(partition, unknown, states);
    const version = Number(head.version ?? 0);
    // Redis has lost its data, with the names that were stored.
    if (version < (this.#versions.get(partition) ?? 0)) this.#names.clear();
    this.#versions.set(partition, version);
    return {
      head: { version, next: Number(head.next ?? 0) },
      states,
      orders,
      funnels: funnelsOf(definitions),
      arrivals: positionsOf(head, ARRIVED),
      replayed: new Set(replays.filter((_, i) => scores[i] !== null)),
    };
  }

  /**
   * With another number of partitions, users would be counted in shards where no reader looks for them.
   * @throws FootfallError `wrong_partitions` 500.
   */
  #checkHead(partition: number, head: Record<string, string>): void {
    assertSameTopic(head, this.#generation);
    if (head.partitions === undefined) this.#told.delete(partition);
    else this.#told.add(partition);
  }

  /** Adds states for erased users who have not come back: only a tombstone is stored of them. */
  async #addErased(partition: number, users: readonly UserRef[], states: States): Promise<void> {
    const names = users.map(({ site, user }) =>
      this.#keys.tombstone(partition, site, userDigest(site, user)),
    );
    const found = await this.#redis.mget(names);
    users.forEach(({ key }, i) => {
      const erased = found[i];
      if (erased) states.set(key, { ...newUserState(), erased: JSON.parse(erased) as Erased });
    });
  }

  /**
   * Encodes a chunk, so that the next one may be folded. Writes nothing yet.
   * @returns the function that commits it: true when it did; false when the head is another one by now, because another
   *   consumer has committed, and nothing was changed.
   */
  prepare(partition: number, head: Head, chunk: ChunkDelta): () => Promise<boolean> {
    const newNames = this.#newNames(partition, chunk);
    const sent = sentTo(chunk.forwards, this.#generation.partitions);
    const batch = this.#newBatch(partition);
    new ChunkWriter(batch, this.#keys, partition, chunk).write({ newNames, sent });
    const encoded = batch.encode();
    const to = { next: chunk.nextOffset, timestamp: chunk.timestamp };
    return async () => {
      const committed = await this.#commit(partition, head, to, encoded);
      if (committed) for (const { known, name } of newNames) this.#names.set(known, name);
      return committed;
    };
  }

  #newNames(partition: number, chunk: ChunkDelta): NewName[] {
    const names: NewName[] = [];
    for (const [site, { names: months }] of chunk.sites) {
      for (const [month, products] of months) {
        for (const [product, name] of products) {
          const known = `${partition}|${site.id}|${month}|${product}`;
          if (this.#names.get(known) !== name) names.push({ known, site, month, product, name });
        }
      }
    }
    return names;
  }

  /**
   * Moves the head to an offset without applying anything: there are no records in between, or they are lost. The
   * ledger keeps which, for good.
   * @returns false when another consumer has committed, and nothing was changed.
   */
  async skip(partition: number, head: Head, to: number, { lost }: { lost: boolean }): Promise<boolean> {
    const batch = this.#newBatch(partition);
    const field = lost ? lostField(head.next, to) : SKIPPED;
    batch.increment(this.#keys.ledger(partition), 0, new Map([[field, to - head.next]]));
    return this.#commit(partition, head, { next: to, timestamp: Date.now() }, batch.encode());
  }

  /** A batch with what the head has to say of the topic, unless it says so already. */
  #newBatch(partition: number): WriteBatch {
    const batch = new WriteBatch();
    if (this.#told.has(partition)) return batch;
    const { topic, partitions } = this.#generation;
    batch.setFields(this.#keys.head(partition), 0, [
      ['topic', topic],
      ['partitions', String(partitions)],
    ]);
    return batch;
  }

  async #commit(
    partition: number,
    head: Head,
    to: { next: number; timestamp: number },
    batch: EncodedBatch,
  ): Promise<boolean> {
    const committed = await this.#committer.commit(this.#keys.head(partition), head, to, batch);
    if (committed) this.#versions.set(partition, head.version + 1);
    return committed;
  }
}

/** By partition: the position of the last of these records that goes there. */
function sentTo(forwards: readonly Forwarded[], partitions: number): Map<number, number> {
  const sent = new Map<number, number>();
  for (const forward of forwards)
    sent.set(partitionOf(userKey(forward), partitions), positionOf(forward.origin));
  return sent;
}

/** By site, the definitions of a shard's hash. */
function funnelsOf(definitions: Record<string, string>): Funnels {
  const funnels = new Map<string, FunnelDefinition[]>();
  for (const [field, json] of Object.entries(definitions)) {
    const [site] = splitFunnelField(field);
    getOrMake(funnels, site, () => []).push(JSON.parse(json) as FunnelDefinition);
  }
  return funnels;
}
