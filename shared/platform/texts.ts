import { randomInt } from 'node:crypto';

/** Many texts as bytes. One becomes a string when it is asked for. */
export class Texts {
  /** UTF-8, one text behind the other. */
  readonly bytes: Buffer;
  /** Where each text ends in `bytes`. */
  readonly ends: Uint32Array;
  readonly #strings: string[] = [];

  constructor(bytes: Buffer, ends: Uint32Array) {
    this.bytes = bytes;
    this.ends = ends;
  }

  static of(strings: readonly string[]): Texts {
    const ends = new Uint32Array(strings.length);
    let end = 0;
    for (let i = 0; i < strings.length; i++) {
      end += Buffer.byteLength(strings[i]!);
      ends[i] = end;
    }
    return new Texts(Buffer.from(strings.join('')), ends);
  }

  get length(): number {
    return this.ends.length;
  }

  at(i: number): string {
    this.#strings[i] ??= this.bytes.toString('utf8', i === 0 ? 0 : this.ends[i - 1], this.ends[i]);
    return this.#strings[i];
  }
}

const FIRST_SLOTS = 1_024;
const FIRST_BYTES = 16_384;
/** Of this process alone: shoppers choose many of the texts, and must not be able to choose texts of one hash. */
const SEED = randomInt(2 ** 32) | 0;
const FACTOR = 0x0100_0193 + 2 * randomInt(2 ** 30);

/**
 * Numbers for texts, from 0 on, so that many tables can be added up without looking at their texts again. A table's texts
 * are found by their bytes: most of them never become strings.
 */
export class Dictionary {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #ends: Uint32Array = new Uint32Array(FIRST_SLOTS >> 1);
  #hashes: Int32Array = new Int32Array(FIRST_SLOTS >> 1);
  /** By hash: a text's number plus 1; 0 is free. At least half of them are. */
  #slots = new Int32Array(FIRST_SLOTS);
  #length = 0;
  readonly #strings: string[] = [];
  readonly #known = new WeakMap<Texts, Int32Array>();

  get length(): number {
    return this.#length;
  }

  /** The text of a number. */
  at(number: number): string {
    this.#strings[number] ??= this.#bytes.toString('utf8', this.#start(number), this.#ends[number]);
    return this.#strings[number];
  }

  /** The number of a text; undefined when it has none. */
  find(text: string): number | undefined {
    const bytes = Buffer.from(text);
    const number = this.#slots[this.#slotOf(hashOf(bytes, 0, bytes.length), bytes, 0, bytes.length)]!;
    return number === 0 ? undefined : number - 1;
  }

  /** By index of a text its number here. @param texts that differ from each other */
  numbersOf(texts: Texts): Int32Array {
    const known = this.#known.get(texts);
    if (known) return known;
    const { bytes, ends } = texts;
    const numbers = new Int32Array(ends.length);
    if (this.#length === 0) {
      this.#adopt(texts);
      for (let i = 0; i < numbers.length; i++) numbers[i] = i;
    } else {
      for (let i = 0, from = 0; i < ends.length; i++) {
        numbers[i] = this.#numberOf(bytes, from, ends[i]!);
        from = ends[i]!;
      }
    }
    this.#known.set(texts, numbers);
    return numbers;
  }

  /** Takes the first texts over in one piece: a new process has most of its texts from its first table. */
  #adopt({ bytes, ends }: Texts): void {
    let slots = FIRST_SLOTS;
    while (slots <= 2 * ends.length) slots *= 2;
    this.#bytes = Buffer.from(bytes);
    this.#ends = larger(ends, new Uint32Array(slots >> 1));
    this.#hashes = new Int32Array(slots >> 1);
    this.#length = ends.length;
    for (let i = 0, from = 0; i < ends.length; i++) {
      this.#hashes[i] = hashOf(bytes, from, ends[i]!);
      from = ends[i]!;
    }
    this.#fill(slots);
  }

  #numberOf(bytes: Buffer, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const slot = this.#slotOf(hash, bytes, from, to);
    return this.#slots[slot] === 0 ? this.#add(hash, bytes, from, to, slot) : this.#slots[slot]! - 1;
  }

  /** The slot that a text has, or else would have. */
  #slotOf(hash: number, bytes: Buffer, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (this.#hashes[number] === hash && this.#isSame(number, bytes, from, to)) break;
    }
    return slot;
  }

  #isSame(number: number, bytes: Buffer, from: number, to: number): boolean {
    const own = this.#bytes;
    let at = this.#start(number);
    if (this.#ends[number]! - at !== to - from) return false;
    for (let other = from; other < to; other++) if (own[at++] !== bytes[other]) return false;
    return true;
  }

  #add(hash: number, bytes: Buffer, from: number, to: number, slot: number): number {
    const number = this.#length++;
    const start = this.#start(number);
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const bytesOfBoth = Buffer.allocUnsafe(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(bytesOfBoth, 0, 0, start);
      this.#bytes = bytesOfBoth;
    }
    // Most texts are short: a call would take longer.
    for (let at = start, other = from; other < to; ) this.#bytes[at++] = bytes[other++]!;
    this.#ends[number] = end;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (2 * this.#length === this.#slots.length) this.#grow();
    return number;
  }

  #grow(): void {
    const slots = 2 * this.#slots.length;
    this.#ends = larger(this.#ends, new Uint32Array(slots >> 1));
    this.#hashes = larger(this.#hashes, new Int32Array(slots >> 1));
    this.#fill(slots);
  }

  #fill(length: number): void {
    const slots = new Int32Array(length);
    const hashes = this.#hashes;
    for (let number = 0; number < this.#length; number++) {
      let slot = hashes[number]! & (length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }

  #start(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }
}

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = SEED;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, FACTOR);
  // Texts often differ in their last digits only.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function larger<T extends Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
