import { LRUCache } from 'lru-cache';
import { Packr } from 'msgpackr';
import type { UserRef } from '../event/decode.ts';
import { partitionOf } from '../event/partition.ts';
import type { Deltas } from '../fold/chunk-delta.ts';
import type { Funnels, States } from '../fold/fold.ts';
import { type Arrivals, type Forwarded, positionOf } from '../fold/identity.ts';
import { type Erased, newUserState, unpackUserState } from '../fold/user-state.ts';
import type { FunnelDefinition } from '../funnels/definition.ts';
import type { Generation } from '../generations/generation.ts';
import { getOrMake } from '../platform/counters.ts';
import { answersOf, inOrder, type RedisClient } from '../platform/redis/connection.ts';
import { userDigest } from '../platform/redis/digest.ts';
import { ARRIVED, erasedField, lostField, positionsOf, SKIPPED } from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { HOUR_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import { checkPlace } from './assert-topic.ts';
import { type Encoded, type NewName, type Write, writesOf } from './write-batch.ts';

const COMMIT = readScript('shard/commit.lua');
const packr = new Packr({ useRecords: false });

/** How far a shard has come. */
export interface Head {
  /** Grows by one with each commit; 0 when there is no head. */
  version: number;
  /** The offset of the first record that is not applied yet. */
  next: number;
}

/** What a batch is folded with. */
export interface Snapshot {
  head: Head;
  states: States;
  funnels: Funnels;
  arrivals: Arrivals;
  /** Of the dead letters that were asked for, those that were replayed here. */
  replayed: Set<string>;
}

/** Product names that are known to be stored, so that each is sent once in a while and not with each event. */
const MAX_NAMES = 50_000;
const NAMES_KNOWN_MS = HOUR_MS;

interface CommitCommand {
  commitChunk(keyCount: number, ...args: (string | number | Buffer)[]): Promise<number>;
}

/** The write side of the store: one shard for each Kafka partition. */
export class ShardStore {
  readonly #redis: RedisClient & CommitCommand;
  readonly #generation: Generation;
  readonly #keys: ShardKeys;
  readonly #names = new LRUCache<string, string>({ max: MAX_NAMES, ttl: NAMES_KNOWN_MS });
  /** Of each partition the last version that was read or made. */
  readonly #versions = new Map<number, number>();
  /** Partitions whose head says what the shard is of. */
  readonly #told = new Set<number>();

  constructor(redis: RedisClient, generation: Generation) {
    redis.defineCommand('commitChunk', { lua: COMMIT });
    this.#redis = redis as RedisClient & CommitCommand;
    this.#generation = generation;
    this.#keys = keysOf(generation.id);
  }

  /** The id of the one that this writes. */
  get generation(): string {
    return this.#generation.id;
  }

  /**
   * One round trip: the shard's head, its sites' funnels, and the states of these users. The head is read first:
   * a commit that comes in between leaves it with an old version, and a commit based on it changes nothing. Where
   * users were erased, another one tells whether those without a state were.
   * @param letters keys of dead letters, of which to tell whether they were replayed here.
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
    const [head, definitions, ...rest] =
      await answersOf<[Record<string, string>, Record<string, string>, ...unknown[]]>(pipeline);
    this.#checkHead(partition, head);
    const scores = replays.length > 0 ? (rest.shift() as (string | null)[]) : [];
    const [packed = []] = rest as [(Buffer | null)[]?];
    const states: States = new Map();
    distinct.forEach(({ key }, i) => {
      const bytes = packed[i];
      if (bytes) states.set(key, unpackUserState(bytes));
    });
    const unknown = distinct.filter(({ key, site }) => !states.has(key) && erasedField(site) in head);
    if (unknown.length > 0) await this.#addErased(partition, unknown, states);
    const version = Number(head.version ?? 0);
    // Redis has lost what it had: names that were stored are stored no more.
    if (version < (this.#versions.get(partition) ?? 0)) this.#names.clear();
    this.#versions.set(partition, version);
    return {
      head: { version, next: Number(head.next ?? 0) },
      states,
      funnels: funnelsOf(definitions),
      arrivals: positionsOf(head, ARRIVED),
      replayed: new Set(replays.filter((_, i) => scores[i] !== null)),
    };
  }

  /**
   * A shard knows of which topic it is, and of how many: another number would count users where nobody looks for them.
   * @throws FootfallError `wrong_partitions` 500.
   */
  #checkHead(partition: number, head: Record<string, string>): void {
    checkPlace(head, this.#generation);
    if (head.partitions === undefined) this.#told.delete(partition);
    else this.#told.add(partition);
  }

  /** A user who was erased and has not come back has no state, but a time until which nothing is known of them. */
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
   * Encodes a chunk, so that the next one may be folded, and gives the function that commits it if the head is
   * still this one: true when it did, false when somebody else committed and nothing was changed.
   */
  prepare(partition: number, head: Head, chunk: Deltas): () => Promise<boolean> {
    const { nextOffset, timestamp } = chunk;
    const names = this.#newNames(partition, chunk);
    const sent = sentTo(chunk.forwards, this.#generation.partitions);
    const encoded = { nextOffset, timestamp, ...writesOf(this.#keys, partition, chunk, names, sent) };
    return async () => {
      const committed = await this.#commit(partition, head, encoded);
      if (committed) for (const { known, name } of names) this.#names.set(known, name);
      return committed;
    };
  }

  #newNames(partition: number, chunk: Deltas): NewName[] {
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
   * Moves the head to an offset without applying anything: there are no records in between, or they are lost,
   * which the ledger then says for ever. False: somebody else committed, and nothing was changed.
   */
  async skip(partition: number, head: Head, to: number, { lost }: { lost: boolean }): Promise<boolean> {
    return this.#commit(partition, head, {
      nextOffset: to,
      timestamp: Date.now(),
      names: [this.#keys.ledger(partition)],
      writes: [[1, 0, lost ? lostField(head.next, to) : SKIPPED, to - head.next]],
      strings: [],
    });
  }

  async #commit(
    partition: number,
    head: Head,
    { nextOffset, timestamp, names, writes, strings }: Encoded & Pick<Deltas, 'nextOffset' | 'timestamp'>,
  ): Promise<boolean> {
    const { topic, partitions } = this.#generation;
    const told: Write[] = this.#told.has(partition)
      ? []
      : [[8, 0, 'topic', topic, 'partitions', String(partitions)]];
    // One value for all strings: each argument of a command costs about as much as a small write.
    const lengths = strings.map((bytes) => bytes.length);
    const committed = await this.#redis.commitChunk(
      names.length + told.length + 1,
      this.#keys.head(partition),
      ...names,
      ...told.map(() => this.#keys.head(partition)),
      head.version,
      head.next,
      nextOffset,
      timestamp,
      packr.pack([[...writes, ...told], lengths]) as Buffer,
      Buffer.concat(strings),
    );
    if (committed === 1) this.#versions.set(partition, head.version + 1);
    return committed === 1;
  }
}

/** By partition: the position of the last of some records that goes there. */
function sentTo(forwards: readonly Forwarded[], partitions: number): Map<number, number> {
  const sent = new Map<number, number>();
  for (const forward of forwards)
    sent.set(partitionOf(userKey(forward), partitions), positionOf(forward.origin));
  return sent;
}

/** Definitions by `site:funnel`; a site's id holds no colon. */
function funnelsOf(definitions: Record<string, string>): Funnels {
  const funnels = new Map<string, FunnelDefinition[]>();
  for (const [field, json] of Object.entries(definitions)) {
    const site = field.slice(0, field.indexOf(':'));
    getOrMake(funnels, site, () => []).push(JSON.parse(json) as FunnelDefinition);
  }
  return funnels;
}
