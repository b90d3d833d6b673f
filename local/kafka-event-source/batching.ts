import { type EncodedRecord, type Envelope, MAX_PAYLOAD_BYTES } from './event-shape.ts';

/**
 * Records of one partition that wait for their invocation. A batch leaves when the first of three things
 * happens (AWS "How Lambda processes records from stream and queue-based event sources", batching behavior):
 * the batching window is over, the batch size is reached, the payload limit is reached.
 */
export class RecordBuffer {
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #envelope: Envelope;
  #waiting: { record: EncodedRecord; arrivedAt: number }[] = [];
  #bytes = 0;

  constructor(batchSize: number, windowMs: number, envelope: Envelope) {
    this.#batchSize = batchSize;
    this.#windowMs = windowMs;
    this.#envelope = envelope;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** @param now ms of a clock that nobody sets; the window of a batch begins with its first record. */
  push(records: readonly EncodedRecord[], now: number): void {
    for (const record of records) {
      this.#waiting.push({ record, arrivedAt: now });
      this.#bytes += record.bytes;
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** The largest possible batch waits: fetching more would only cost memory. */
  get isFull(): boolean {
    return this.#bytes >= MAX_PAYLOAD_BYTES;
  }

  /** Time to fetch again, while there is still something to send. */
  get isLow(): boolean {
    return this.#bytes < MAX_PAYLOAD_BYTES / 2;
  }

  /** ms until the next batch is due: 0 when it can go, undefined when there is nothing to send. */
  dueIn(now: number): number | undefined {
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    if (this.#cut().full) return 0;
    return Math.max(0, first.arrivedAt + this.#windowMs - now);
  }

  /** Takes the next batch out: as many records as the batch size and the payload limit allow, at least one. */
  take(): EncodedRecord[] {
    const batch = this.#waiting.splice(0, this.#cut().count).map(({ record }) => record);
    this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    return batch;
  }

  #cut(): { count: number; full: boolean } {
    let bytes = this.#envelope.bytes;
    let count = 0;
    for (const { record } of this.#waiting) {
      if (count === this.#batchSize) return { count, full: true };
      const comma = count === 0 ? 0 : 1;
      if (count > 0 && bytes + comma + record.bytes > MAX_PAYLOAD_BYTES) return { count, full: true };
      bytes += comma + record.bytes;
      count += 1;
    }
    return { count, full: count === this.#batchSize || bytes >= MAX_PAYLOAD_BYTES };
  }
}
