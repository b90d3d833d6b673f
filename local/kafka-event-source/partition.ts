import type { KafkaMessage } from 'kafkajs';
import { RecordBuffer } from './batching.ts';
import { backoffMs, type DeliveryPorts, type Discarded, deliver, messageOf } from './delivery.ts';
import {
  type EncodedRecord,
  encodeEvent,
  encodeRecord,
  envelopeOf,
  eventBytes,
  MAX_PAYLOAD_BYTES,
} from './event-shape.ts';
import type { Log } from './log.ts';
import type { Mapping } from './mapping.ts';
import { type Invocation, judge } from './response.ts';

/** What the loop of one partition needs from its poller. */
export interface PartitionPorts {
  invoke(payload: string): Promise<Invocation>;
  onFailure(discarded: Discarded & { partition: number }): Promise<void>;
  /** One attempt to commit. */
  commit(partition: number, offset: number): Promise<void>;
  /** Stop and go on fetching: the buffer is full, is low. */
  pauseFetching(partition: number): void;
  resumeFetching(partition: number): void;
  log: Log;
}

/**
 * The loop of one partition while this member of the group owns it: takes records in, cuts batches, has one
 * invocation under way at a time, commits what is settled.
 */
export class PartitionLoop {
  readonly partition: number;
  readonly #mapping: Mapping;
  readonly #ports: PartitionPorts;
  readonly #envelope: ReturnType<typeof envelopeOf>;
  readonly #buffer: RecordBuffer;
  /** Aborted when no further invocation may begin. */
  readonly #ended = new AbortController();
  /** Resolves once nothing of this loop is under way. */
  readonly finished: Promise<void>;
  #revoked = false;
  #held = false;
  #fetchingPaused = false;
  /** The next offset that was not yet taken in. */
  #next: number | undefined;
  /** After a rejoin: what is below was taken in before, and Kafka sends it again. */
  #skipBelow: number | undefined;
  #wake = () => {};

  /**
   * @param predecessor the end of an earlier loop of the same partition in this process, whose last
   *   invocation must be over before this one begins.
   */
  constructor(partition: number, mapping: Mapping, ports: PartitionPorts, predecessor: Promise<void>) {
    this.partition = partition;
    this.#mapping = mapping;
    this.#ports = ports;
    this.#envelope = envelopeOf(mapping.topic, partition, mapping.bootstrapServers);
    this.#buffer = new RecordBuffer(mapping.batchSize, mapping.batchingWindowMs, this.#envelope);
    this.finished = predecessor.then(() => this.#run());
  }

  /** Takes in what was fetched, in the order of the partition. */
  append(messages: readonly KafkaMessage[]): void {
    if (this.#ended.signal.aborted) return;
    const records: EncodedRecord[] = [];
    for (const message of messages) {
      const offset = Number(message.offset);
      if (this.#skipBelow !== undefined && offset < this.#skipBelow) continue;
      this.#skipBelow = undefined;
      records.push(encodeRecord(this.#mapping.topic, this.partition, message));
      this.#next = offset + 1;
    }
    this.#buffer.push(records, performance.now());
    if (this.#buffer.isFull && !this.#fetchingPaused) {
      this.#fetchingPaused = true;
      this.#ports.pauseFetching(this.partition);
    }
    this.#wake();
  }

  /** The group rebalances: begin nothing new until it is known whether the partition stays. */
  hold(): void {
    this.#held = true;
  }

  /** The partition stays. Kafka goes on from the committed offset, which can lie behind what was taken in. */
  keep(): void {
    this.#held = false;
    this.#skipBelow = this.#next;
    this.#wake();
  }

  /** The partition is another's: nothing begins, nothing more is committed. */
  revoke(): void {
    this.#revoked = true;
    this.#buffer.clear();
    // kafkajs remembers pauses over rebalances, and the partition may come back.
    if (this.#fetchingPaused) this.#ports.resumeFetching(this.partition);
    this.#ended.abort();
  }

  /** Ends after the invocation under way, and commits it. What waits in the buffer will be read again. */
  close(): Promise<void> {
    this.#ports.pauseFetching(this.partition);
    this.#ended.abort();
    return this.finished;
  }

  async #run(): Promise<void> {
    while (await this.#batchIsDue()) {
      const batch = this.#buffer.take();
      if (this.#fetchingPaused && this.#buffer.isLow) {
        this.#fetchingPaused = false;
        this.#ports.resumeFetching(this.partition);
      }
      try {
        await this.#handle(batch);
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        // A fault of this program. The records were not committed, so they come again after a restart.
        this.#ports.log.error(`${this.#name}: polling stopped, ${messageOf(error)}`);
        return;
      }
    }
  }

  async #handle(batch: readonly EncodedRecord[]): Promise<void> {
    if (eventBytes(this.#envelope, batch) > MAX_PAYLOAD_BYTES) {
      // A batch is only cut larger than the limit when it is a single record that never fits.
      await this.#discard({ condition: 'MaximumPayloadSizeExceeded', records: batch, invokeCount: 0 });
      await this.#commit(batch.at(-1)!.offset + 1);
      return;
    }
    const ports: DeliveryPorts = {
      invoke: (records) => {
        const payload = encodeEvent(this.#envelope, records);
        const { offset } = records[0]!;
        this.#ports.log.debug(
          `${this.#name}: invoke, ${records.length} records from offset ${offset}, ${payload.length} bytes`,
        );
        return this.#ports.invoke(payload);
      },
      judge: (invocation, records) =>
        judge(
          invocation,
          `${this.#mapping.topic}-${this.partition}`,
          records.map(({ offset }) => offset),
          this.#mapping.reportBatchItemFailures,
        ),
      discard: (discarded) => this.#discard(discarded),
      settled: (offset) => this.#commit(offset),
      pause: (ms) => this.#pause(ms),
      stopped: () => this.#ended.signal.aborted,
      now: () => Date.now(),
      warn: (line) => this.#ports.log.warning(`${this.#name}, ${line}`),
    };
    await deliver(batch, this.#mapping, ports);
  }

  /** Waits for the next batch; false when the loop has ended. */
  async #batchIsDue(): Promise<boolean> {
    while (!this.#ended.signal.aborted) {
      const dueIn = this.#held ? undefined : this.#buffer.dueIn(performance.now());
      if (dueIn === 0) return true;
      await this.#pause(dueIn, true);
    }
    return false;
  }

  /** Waits so many ms (for ever when undefined), or until the loop ends, or until woken when `wakeable`. */
  #pause(ms: number | undefined, wakeable = false): Promise<void> {
    if (this.#ended.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      const { signal } = this.#ended;
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      if (wakeable) this.#wake = done;
    });
  }

  async #discard(discarded: Discarded): Promise<void> {
    const { condition, records } = discarded;
    this.#ports.log.error(
      `${this.#name}: gave up offsets ${records.map(({ offset }) => offset).join(', ')} (${condition})`,
    );
    await this.#persist('send to the on-failure destination', () =>
      this.#ports.onFailure({ ...discarded, partition: this.partition }),
    );
  }

  /**
   * Commits, and tries again until it is done: the next invocation waits, as a commit that was skipped would
   * only be made good by later records. Nothing is committed for a partition that went to another member.
   */
  async #commit(offset: number): Promise<void> {
    await this.#persist('commit', async () => {
      if (!this.#revoked) await this.#ports.commit(this.partition, offset);
    });
  }

  async #persist(what: string, attempt: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        const line = `${this.#name}: could not ${what} (${messageOf(error)})`;
        if (this.#ended.signal.aborted) {
          this.#ports.log.warning(`${line}; the records will be delivered again`);
          throw error;
        }
        const ms = backoffMs(failures, this.#mapping.retryBackoff);
        // A rebalance fences commits until it is over; that is no news.
        if (this.#held) this.#ports.log.debug(line);
        else this.#ports.log.warning(`${line}; retry in ${ms} ms`);
        await this.#pause(ms);
      }
    }
  }

  get #name(): string {
    return `${this.#mapping.topic}-${this.partition} → ${this.#mapping.functionName}`;
  }
}
