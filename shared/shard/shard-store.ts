import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { UserRef } from '../event/decode.ts';
import { dayOfInvalidUser } from '../event/invalid.ts';
import { transactionOfHome } from '../event/order-note.ts';
import { partitionOf } from '../event/partition.ts';
import type { ChunkDelta, Kept } from '../fold/chunk-delta.ts';
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
  BIRTH,
  erasedField,
  KEPT_BYTES,
  KEPT_EVENTS,
  lostField,
  positionsOf,
  SKIPPED,
  splitFunnelField,
} from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { HOUR_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import { assertSameTopic } from './assert-topic.ts';
import { ChunkWriter, type NewName } from './chunk-writer.ts';
import { Committer, type Head } from './committer.ts';
import { type EncodedBatch, WriteBatch } from './write-batch.ts';

/** What is known of a shard before a batch is folded. */
export interface Snapshot extends FoldSnapshot {
  head: Head;
  /** How many of the users were read: the first ones. The states of all would be too much at once. */
  users: number;
}

/**
 * The most bytes of states that are read at once. Redis needs about 1 ms for them, and unpacked they take some five times
 * as much memory. A single state may be longer.
 */
const MAX_STATES_BYTES = 2_000_000;
/** The most users that are read at once: Redis needs some 5 ms for them. */
const MAX_USERS = 4_000;
const READ_STATES = readScript('shard/read-states.lua');

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
  /** What the heads of other partitions are told from their earlier ones by. */
  readonly #births = new Map<number, string>();

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
   * Reads the shard's head, its sites' funnels, and the states of these users and orders in one round trip. The head
   * comes first: when another commit comes in between, the head is outdated, and a commit based on it changes nothing. A
   * second round trip reads about users without a state, when users of their site were ever erased.
   *
   * Reads fewer users when their states weigh too much, see {@link Snapshot.users}.
   * @param users at least the first one is read
   * @param letters keys of dead letters: the snapshot says which of them were replayed here
   */
  async read(partition: number, users: Iterable<UserRef>, letters: Iterable<string> = []): Promise<Snapshot> {
    const replays = [...letters];
    let distinct = [...new Set(users)].slice(0, MAX_USERS);
    const fields = this.#headFields(distinct);
    const pipeline = inOrder(this.#redis)
      .hmget(this.#keys.head(partition), ...fields)
      .hgetall(this.#keys.funnels(partition));
    // The keys of invalid events name the day that their limit is for.
    const limited = distinct.flatMap(({ key, site, user }) => {
      const day = dayOfInvalidUser(user);
      return day === undefined ? [] : [{ key, site, day }];
    });
    for (const { site, day } of limited) {
      pipeline.hmget(this.#keys.kept(partition, site, day), KEPT_EVENTS, KEPT_BYTES);
    }
    if (replays.length > 0) pipeline.zmscore(this.#keys.replayed(partition), replays);
    // A user's key may also name an order whose home the shard is. Both are read together.
    const names = distinct.map(({ site, user }) => {
      const transaction = transactionOfHome(user);
      const own = this.#keys.user(partition, site, user);
      return transaction === undefined ? [own] : [own, this.#keys.order(partition, site, transaction)];
    });
    const wanted = names.flat();
    // As text: the commands of a transaction can't fall back to it when the server does not know the script.
    if (wanted.length > 0) {
      const least = names[0]!.length;
      pipeline.callBuffer('eval', READ_STATES, wanted.length, ...wanted, MAX_STATES_BYTES, least);
    }
    const [values, definitions, ...rest] =
      await answersOf<[(string | null)[], Record<string, string>, ...unknown[]]>(pipeline);
    const head = Object.fromEntries(
      fields.flatMap((field, i) => (values[i] === null ? [] : [[field, values[i]!]])),
    );
    this.#checkHead(partition, head);
    const kept = limited.map(({ key }): [string, Kept] => {
      const [events, bytes] = rest.shift() as (string | null)[];
      return [key, { events: Number(events ?? 0), bytes: Number(bytes ?? 0) }];
    });
    const scores = replays.length > 0 ? (rest.shift() as (string | null)[]) : [];
    const [packed = []] = rest as [(Buffer | null)[]?];
    const orders: OrderStates = new Map();
    const states: States = new Map();
    let [taken, read] = [0, 0];
    for (const { key } of distinct) {
      const { length } = names[read]!;
      // A user without the order of the same key counts as not read.
      if (taken + length > packed.length) break;
      const [state, order] = packed.slice(taken, taken + length);
      if (state) states.set(key, unpackUserState(state));
      if (order) orders.set(key, unpackOrder(order));
      taken += length;
      read++;
    }
    distinct = distinct.slice(0, read);
    const unknown = distinct.filter(({ key, site }) => !states.has(key) && erasedField(site) in head);
    if (unknown.length > 0) await this.#addErased(partition, unknown, states);
    const version = Number(head.version ?? 0);
    // Redis has lost its data, with the names that were stored.
    if (version < (this.#versions.get(partition) ?? 0)) this.#names.clear();
    this.#versions.set(partition, version);
    return {
      head: { version, next: Number(head.next ?? 0) },
      users: distinct.length,
      states,
      orders,
      funnels: funnelsOf(definitions),
      arrivals: positionsOf(head, ARRIVED),
      replayed: new Set(replays.filter((_, i) => scores[i] !== null)),
      kept: new Map(kept),
    };
  }

  /**
   * With another number of partitions, users would be counted in shards where no reader looks for them.
   * @throws FootfallError `wrong_partitions` 500.
   */
  #checkHead(partition: number, head: Record<string, string>): void {
    assertSameTopic(head, this.#generation);
    if (head.partitions !== undefined) {
      this.#told.add(partition);
      return;
    }
    this.#told.delete(partition);
    this.#births.set(partition, newBirth());
  }

  /** What a batch needs of the head. All of it may be much more: it also has what readers need of each site. */
  #headFields(users: readonly UserRef[]): string[] {
    const { partitions } = this.#generation;
    return [
      ...['version', 'next', 'topic', 'partitions'],
      ...Array.from({ length: partitions }, (_, partition) => `${ARRIVED}${partition}`),
      ...new Set(users.map(({ site }) => erasedField(site))),
    ];
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
   * @returns `commit` commits it: true when it did; false when the head is another one by now, because another consumer
   *   has committed, and nothing was changed. `bytes` of it are held until then.
   */
  prepare(
    partition: number,
    head: Head,
    chunk: ChunkDelta,
  ): { commit: () => Promise<boolean>; bytes: number } {
    const newNames = this.#newNames(partition, chunk);
    const sent = sentTo(chunk.forwards, this.#generation.partitions);
    const batch = this.#newBatch(partition);
    new ChunkWriter(batch, this.#keys, partition, chunk).write({ newNames, sent });
    const encoded = batch.encode();
    const to = { next: chunk.nextOffset, timestamp: chunk.timestamp };
    const commit = async () => {
      const committed = await this.#commit(partition, head, to, encoded);
      if (committed) for (const { known, name } of newNames) this.#names.set(known, name);
      return committed;
    };
    return { commit, bytes: encoded.writes.length + encoded.strings.length };
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
      [BIRTH, this.#births.get(partition) ?? newBirth()],
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

const newBirth = () => randomUUID().slice(0, 8);

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
