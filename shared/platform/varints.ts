/**
 * A whole number, of up to 51 bits, as one that is not below zero: a small one stays small. Not with bits, which a number
 * has only 32 of.
 */
export const zigzag = (amount: number) => (amount < 0 ? -2 * amount - 1 : 2 * amount);
export const unzigzag = (code: number) => (code % 2 === 0 ? code / 2 : -(code + 1) / 2);

/** Writes numbers from 0 to 2^53 − 1, smaller ones in fewer bytes. */
export class VarintWriter {
  #bytes = Buffer.allocUnsafe(1_024);
  #length = 0;

  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  append(bytes: Buffer): void {
    this.#reserve(bytes.length);
    bytes.copy(this.#bytes, this.#length);
    this.#length += bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** All that was written so far. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    this.#bytes = Buffer.concat([this.#bytes], Math.max(needed, 2 * this.#bytes.length));
  }
}

/** Reads what a {@link VarintWriter} has written. */
export class VarintReader {
  readonly #bytes: Buffer;
  #at = 0;

  /** @param at where it begins, and where it stands later */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return byte;
    let value = byte - 0x80;
    for (let weight = 0x80; ; weight *= 0x80) {
      byte = bytes[this.#at++]!;
      if (byte < 0x80) return value + byte * weight;
      value += (byte - 0x80) * weight;
    }
  }

  double(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** @param length in bytes */
  take(length: number): Buffer {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** @param length in bytes */
  text(length: number): string {
    const from = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', from, this.#at);
  }
}
