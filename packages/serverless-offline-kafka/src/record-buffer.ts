import { type EncodedRecord, type Envelope, MAX_PAYLOAD_BYTES } from './lambda-event.ts';

/**
 * The records of one partition that wait for an invocation. A batch is due when the first of three limits is
 * reached: the batching window, the batch size, or the payload size (AWS, "How Lambda processes records from
 * stream and queue-based event sources", batching behavior).
 */
export class RecordBuffer {
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #envelope: Envelope;
  #waiting: { record: EncodedRecord; arrivedAt: number }[] = [];
  #bytes = 0;

  /**
   * @param batchSize the most records in a batch.
   * @param windowMs the longest time that a record waits for others, in milliseconds.
   * @param envelope the envelope of the partition's events; its bytes count towards the payload size.
   */
  constructor(batchSize: number, windowMs: number, envelope: Envelope) {
    this.#batchSize = batchSize;
    this.#windowMs = windowMs;
    this.#envelope = envelope;
  }

  /** The number of waiting records. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Adds records at the end. The window of a batch starts when its first record is added.
   * @param now milliseconds of a monotonic clock, such as `performance.now()`.
   */
  push(records: readonly EncodedRecord[], now: number): void {
    for (const record of records) {
      this.#waiting.push({ record, arrivedAt: now });
      this.#bytes += record.bytes;
    }
  }

  /** Drops all waiting records. */
  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Whether the largest possible batch is waiting. More records would only use memory. */
  get isFull(): boolean {
    return this.#bytes >= MAX_PAYLOAD_BYTES;
  }

  /** Whether it is time to fetch more: less than half of the largest possible batch is waiting. */
  get isLow(): boolean {
    return this.#bytes < MAX_PAYLOAD_BYTES / 2;
  }

  /**
   * Milliseconds until the next batch is due: 0 when it is due now, undefined when no record is waiting.
   * @param now milliseconds of the clock that `push` was given.
   */
  dueIn(now: number): number | undefined {
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    if (this.#nextBatch().isComplete) return 0;
    return Math.max(0, first.arrivedAt + this.#windowMs - now);
  }

  /** Removes and returns the next batch: as many records as both limits allow, but at least one. */
  take(): EncodedRecord[] {
    const batch = this.#waiting.splice(0, this.#nextBatch().count).map(({ record }) => record);
    this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    return batch;
  }

  /** How many records the next batch has, and whether one of its limits leaves no room for another. */
  #nextBatch(): { count: number; isComplete: boolean } {
    let bytes = this.#envelope.bytes;
    let count = 0;
    for (const { record } of this.#waiting) {
      if (count === this.#batchSize) return { count, isComplete: true };
      const comma = count === 0 ? 0 : 1;
      if (count > 0 && bytes + comma + record.bytes > MAX_PAYLOAD_BYTES) return { count, isComplete: true };
      bytes += comma + record.bytes;
      count += 1;
    }
    return { count, isComplete: count === this.#batchSize || bytes >= MAX_PAYLOAD_BYTES };
  }
}
