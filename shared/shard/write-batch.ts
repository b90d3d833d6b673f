import { Packr } from 'msgpackr';
import { getOrMake } from '../platform/counters.ts';

const packr = new Packr({ useRecords: false });

/** commit.lua's operations by the numbers that stand for them in a batch; a test compares them with `OPERATIONS` there. */
export const OPERATIONS = {
  increment: 1,
  rank: 2,
  set: 3,
  append: 4,
  incrementValues: 5,
  raiseScores: 6,
  setScores: 7,
  setFields: 8,
  remove: 9,
  removeMembers: 10,
  countRemoved: 11,
  keepLatest: 12,
  removeBeginning: 13,
  noteChanges: 14,
} as const;

/** An operation, the time at which its key expires, and what it writes. */
type Write = [operation: number, expireAt: number, ...rest: (string | number)[]];

/** A batch as commit.lua takes it. */
export interface EncodedBatch {
  /** One for each write, then those that writes only look at. */
  keys: readonly string[];
  /** MessagePack of the writes, and of the lengths of their strings. */
  writes: Buffer;
  /** All strings, one behind the other. */
  strings: Buffer;
}

/** Amounts by field or member. */
type Amounts = ReadonlyMap<string | number, number>;

/**
 * The writes of one commit. commit.lua applies all of them, in this order, or none. A write of nothing is left out.
 *
 * `expireAt` is in seconds since the epoch, for the whole key; 0 changes nothing about when it expires. All keys are of
 * one slot, and each write takes one.
 * @example
 * const batch = new WriteBatch();
 * batch.increment(keys.day(3, 'shop', day), expireAt, new Map([['orders', 1], ['revenue:EUR', 1999]]));
 * batch.append(keys.timeline(3, 'shop', month, 'ana'), expireAt, block);
 */
export class WriteBatch {
  readonly #keys: string[] = [];
  readonly #writes: Write[] = [];
  readonly #strings: Buffer[] = [];
  /** Keys that writes only look at, with their numbers. */
  readonly #seen = new Map<string, number>();

  /** Adds to fields of a hash. An amount that would go beyond 2^63 is dropped. @returns whether there is one. */
  increment(key: string, expireAt: number, amounts: Amounts | undefined): boolean {
    const write: Write = [OPERATIONS.increment, expireAt];
    // Amounts as text: Redis would format each Lua number with printf, which costs more than the write.
    for (const [field, amount] of amounts ?? []) {
      if (amount !== 0) write.push(String(field), String(amount));
    }
    return this.#add(key, write, 2);
  }

  /** Adds to the scores of a sorted set's members. @returns whether there is an amount. */
  rank(key: string, expireAt: number, amounts: Amounts | undefined): boolean {
    const write: Write = [OPERATIONS.rank, expireAt];
    for (const [member, amount] of amounts ?? []) {
      if (amount !== 0) write.push(String(amount), String(member));
    }
    return this.#add(key, write, 2);
  }

  /** Sets a string, which always expires: `expireAt` is not 0. */
  set(key: string, expireAt: number, bytes: Buffer): void {
    this.#addString(key, [OPERATIONS.set, expireAt], bytes);
  }

  /** Appends to a string, which always expires: `expireAt` is not 0. */
  append(key: string, expireAt: number, bytes: Buffer): void {
    this.#addString(key, [OPERATIONS.append, expireAt], bytes);
  }

  /**
   * Adds to a breakdown: a hash with the field `counter|value` for each counter of each value. Once it has `limit`
   * values, further ones are added to the value `(other)`.
   * @param options.marker the counter that every value has
   * @param options.packed the key of the packed day that may have values of this dimension already
   * @returns whether there is an amount
   */
  incrementValues(
    key: string,
    expireAt: number,
    values: ReadonlyMap<string, Amounts>,
    {
      limit,
      marker,
      packed,
    }: { limit: number; marker: string; packed?: { key: string; dimension: string } | undefined },
  ): boolean {
    const write: Write = [OPERATIONS.incrementValues, expireAt, limit, marker, 0, packed?.dimension ?? ''];
    for (const [value, amounts] of values) {
      const from = write.length;
      // The marker's field comes first, whatever its amount is: the script looks it up.
      write.push(1, `${marker}|${value}`, String(amounts.get(marker) ?? 0));
      for (const [counter, amount] of amounts) {
        if (amount !== 0 && counter !== marker) write.push(`${counter}|${value}`, String(amount));
      }
      const fields = (write.length - from - 1) / 2;
      if (fields === 1 && write.at(-1) === '0') write.length = from;
      else write[from] = fields;
    }
    if (packed && write.length > 6) write[4] = getOrMake(this.#seen, packed.key, () => this.#seen.size + 1);
    return this.#add(key, write, 6);
  }

  /** Raises scores of a sorted set, and never lowers one. Then removes members with a score below `least`. */
  raiseScores(key: string, expireAt: number, least: number, scores: readonly [string, number][]): void {
    const write: Write = [OPERATIONS.raiseScores, expireAt, least];
    for (const [member, score] of scores) write.push(score, member);
    this.#add(key, write, 3);
  }

  /**
   * Adds members to a sorted set. Then removes those with a score below `least`, and the lowest ones beyond `limit`.
   * @param members at most 3,000: the script adds them in one call
   */
  keepLatest(
    key: string,
    expireAt: number,
    { least, limit }: { least: number; limit: number },
    members: readonly [member: string, score: number][],
  ): void {
    const write: Write = [OPERATIONS.keepLatest, expireAt, least, limit];
    for (const [member, score] of members) write.push(score, member);
    this.#add(key, write, 4);
  }

  /** Sets scores of a sorted set; a member without a score is removed. A member that is both removed and set is set. */
  setScores(key: string, scores: readonly [string, number | undefined][], expireAt = 0): void {
    const gone = scores.flatMap(([member, score]) => (score === undefined ? [member] : []));
    const write: Write = [OPERATIONS.setScores, expireAt, gone.length, ...gone];
    for (const [member, score] of scores) if (score !== undefined) write.push(score, member);
    this.#add(key, write, 3);
  }

  /** Sets fields of a hash. */
  setFields(key: string, expireAt: number, fields: Iterable<readonly [string, string]>): void {
    const write: Write = [OPERATIONS.setFields, expireAt];
    for (const [field, value] of fields) write.push(field, value);
    this.#add(key, write, 2);
  }

  /** Sets when a key expires, and nothing else. */
  expire(key: string, expireAt: number): void {
    this.#add(key, [OPERATIONS.setFields, expireAt], 0);
  }

  /** Removes a key. */
  remove(key: string): void {
    this.#add(key, [OPERATIONS.remove, 0], 0);
  }

  /** Removes members of a sorted set, or fields of a hash. */
  removeMembers(key: string, members: readonly string[]): void {
    this.#add(key, [OPERATIONS.removeMembers, 0, ...members], 2);
  }

  /** Removes the members of a small sorted set that begin with a text. */
  removeBeginning(key: string, beginning: string): void {
    this.#add(key, [OPERATIONS.removeBeginning, 0, beginning], 2);
  }

  /**
   * Notes an offset under some entries of a field, see changes.ts.
   * @param offset as an entry holds it: all have the same length
   */
  noteChanges(key: string, field: string, offset: string, entries: readonly string[]): void {
    this.#add(key, [OPERATIONS.noteChanges, 0, field, offset, ...entries], 4);
  }

  /** Adds to two fields of a hash how many keys and how many members the writes since the last count have removed. */
  countRemoved(key: string, expireAt: number, fields: { keys: string; members: string }): void {
    this.#add(key, [OPERATIONS.countRemoved, expireAt, fields.keys, fields.members], 0);
  }

  encode(): EncodedBatch {
    // One value for all strings: each argument of a command costs about as much as a small write.
    const lengths = this.#strings.map((bytes) => bytes.length);
    return {
      keys: [...this.#keys, ...this.#seen.keys()],
      writes: packr.pack([this.#writes, lengths]),
      strings: Buffer.concat(this.#strings),
    };
  }

  /** @param bare how long the write is when it writes nothing. @returns whether it writes something. */
  #add(key: string, write: Write, bare: number): boolean {
    if (write.length === bare) return false;
    this.#keys.push(key);
    this.#writes.push(write);
    return true;
  }

  #addString(key: string, write: Write, bytes: Buffer): void {
    this.#add(key, write, 0);
    this.#strings.push(bytes);
  }
}
