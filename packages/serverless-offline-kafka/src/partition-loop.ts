import type { KafkaMessage } from 'kafkajs';
import { backoffMs, type DeliveryPorts, type Discarded, deliverBatch, messageOf } from './deliver-batch.ts';
import { judgeResponse } from './judge-response.ts';
import {
  type EncodedRecord,
  type Envelope,
  encodeRecord,
  envelopeOf,
  eventBytes,
  MAX_PAYLOAD_BYTES,
} from './lambda-event.ts';
import type { Log } from './log.ts';
import type { Mapping } from './mapping.ts';
import type { DiscardedFromPartition } from './on-failure-topic.ts';
import { RecordBuffer } from './record-buffer.ts';
import type { Answer, Turn, Turns } from './turns.ts';

/** What the loop of a partition needs from its poller. */
export interface PartitionPorts {
  /** Each invocation takes a turn. */
  turns: Turns;
  /** Resolves when the on-failure destination has the records. */
  onFailure(discarded: DiscardedFromPartition): Promise<void>;
  /** Makes one attempt to commit the offset. */
  commit(partition: number, offset: number): Promise<void>;
  /** Stops fetching, because the buffer is full. */
  pauseFetching(partition: number): void;
  /** Fetches again, because the buffer is low. */
  resumeFetching(partition: number): void;
  log: Log;
}

/**
 * Processes one partition while this group member owns it: buffers records, forms batches, runs one invocation at
 * a time, and commits what is settled.
 */
export class PartitionLoop {
  readonly partition: number;
  readonly #mapping: Mapping;
  readonly #ports: PartitionPorts;
  readonly #envelope: Envelope;
  readonly #buffer: RecordBuffer;
  /** Aborted when no further invocation may start. */
  readonly #ended = new AbortController();
  /** Resolves when the loop has ended and its last invocation is over. */
  readonly finished: Promise<void>;
  #isRevoked = false;
  #isHeld = false;
  #isFetchingPaused = false;
  #turn: Turn | undefined;
  /** The offset after the last buffered record. */
  #nextOffset: number | undefined;
  /** After a rebalance, Kafka sends the records from here on again although they were buffered before. */
  #skipBelow: number | undefined;
  #wake = () => {};

  /**
   * @param predecessor resolves when an earlier loop of the same partition in this process has finished. This loop
   *   starts its first invocation after that.
   */
  constructor(partition: number, mapping: Mapping, ports: PartitionPorts, predecessor: Promise<void>) {
    this.partition = partition;
    this.#mapping = mapping;
    this.#ports = ports;
    this.#envelope = envelopeOf(mapping.topic, partition, mapping.bootstrapServers);
    this.#buffer = new RecordBuffer(mapping.batchSize, mapping.batchingWindowMs, this.#envelope);
    this.finished = predecessor.then(() => this.#run());
  }

  /** Buffers fetched records, which must be in the order of the partition. */
  append(messages: readonly KafkaMessage[]): void {
    if (this.#ended.signal.aborted) return;
    const records: EncodedRecord[] = [];
    for (const message of messages) {
      const offset = Number(message.offset);
      if (this.#skipBelow !== undefined && offset < this.#skipBelow) continue;
      this.#skipBelow = undefined;
      records.push(encodeRecord(this.#mapping.topic, this.partition, message));
      this.#nextOffset = offset + 1;
    }
    this.#buffer.push(records, performance.now());
    if (this.#buffer.isFull && !this.#isFetchingPaused) {
      this.#isFetchingPaused = true;
      this.#ports.pauseFetching(this.partition);
    }
    this.#wake();
  }

  /** A rebalance has begun. No batch starts until `keep` or `revoke` is called. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The partition stays here. Kafka continues at the committed offset, which may be below what is buffered. */
  keep(): void {
    this.#isHeld = false;
    this.#skipBelow = this.#nextOffset;
    this.#wake();
  }

  /** The partition belongs to another member. No batch starts, and nothing more is committed. */
  revoke(): void {
    this.#isRevoked = true;
    this.#buffer.clear();
    // kafkajs keeps a pause over rebalances, and the partition may come back.
    if (this.#isFetchingPaused) this.#ports.resumeFetching(this.partition);
    this.#ended.abort();
  }

  /**
   * Ends the loop after the current invocation, and commits it. The buffered records will be read again by the
   * next owner of the partition.
   */
  close(): Promise<void> {
    this.#ports.pauseFetching(this.partition);
    this.#ended.abort();
    return this.finished;
  }

  async #run(): Promise<void> {
    while (await this.#waitForBatch()) {
      await this.#takeTurn();
      // What came meanwhile joins the batch. After a rebalance there may be none.
      if (this.#dueIn() !== 0 || this.#ended.signal.aborted) {
        this.#endTurn();
        continue;
      }
      const batch = this.#buffer.take();
      if (this.#isFetchingPaused && this.#buffer.isLow) {
        this.#isFetchingPaused = false;
        this.#ports.resumeFetching(this.partition);
      }
      try {
        await this.#process(batch);
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        // A fault of this program. The records are not committed, so they come again after a restart.
        this.#ports.log.error(`${this.#name}: polling stopped, ${messageOf(error)}`);
        return;
      } finally {
        this.#endTurn();
      }
    }
  }

  async #takeTurn(): Promise<Turn> {
    this.#turn ??= await this.#ports.turns.take();
    return this.#turn;
  }

  #endTurn(): void {
    this.#turn?.leave();
    this.#turn = undefined;
  }

  /** Milliseconds until a batch may start; undefined when none will unless something happens. */
  #dueIn(): number | undefined {
    return this.#isHeld ? undefined : this.#buffer.dueIn(performance.now());
  }

  /** Waits until a batch is due. Resolves with false when the loop has ended. */
  async #waitForBatch(): Promise<boolean> {
    while (!this.#ended.signal.aborted) {
      const dueIn = this.#dueIn();
      if (dueIn === 0) return true;
      await this.#pause(dueIn, { isWakeable: true });
    }
    return false;
  }

  async #process(batch: readonly EncodedRecord[]): Promise<void> {
    if (eventBytes(this.#envelope, batch) > MAX_PAYLOAD_BYTES) {
      // The buffer gives out a batch above the limit only when it is a single record that never fits.
      await this.#discard({ condition: 'MaximumPayloadSizeExceeded', records: batch, invokeCount: 0 });
      await this.#commit(batch.at(-1)!.offset + 1);
      return;
    }
    const ports: DeliveryPorts = {
      invoke: (records, { isRetry }) => this.#invoke(records, isRetry),
      judge: ({ invocation, sent }) =>
        judgeResponse(invocation, this.#envelope.key, sent, this.#mapping.reportBatchItemFailures),
      discard: (discarded) => this.#discard(discarded),
      settled: (offset) => this.#commit(offset),
      pause: (ms) => this.#pause(ms),
      isStopped: () => this.#ended.signal.aborted,
      now: () => Date.now(),
      warn: (line) => this.#ports.log.warning(`${this.#name}, ${line}`),
    };
    await deliverBatch(batch, this.#mapping, ports);
  }

  async #invoke(records: readonly EncodedRecord[], isRetry: boolean): Promise<Answer> {
    const bytes = eventBytes(this.#envelope, records);
    this.#ports.log.debug(
      `${this.#name}: invoke, ${records.length} records from offset ${records[0]!.offset}, ${bytes} bytes`,
    );
    const turn = await this.#takeTurn();
    this.#turn = undefined;
    return turn.invoke(
      { envelope: this.#envelope, records },
      { isAlone: isRetry, isOver: () => this.#ended.signal.aborted },
    );
  }

  async #discard(discarded: Discarded): Promise<void> {
    const { condition, records } = discarded;
    this.#endTurn();
    this.#ports.log.error(
      `${this.#name}: discarded offsets ${records.map(({ offset }) => offset).join(', ')} (${condition})`,
    );
    await this.#retry('send to the on-failure destination', () =>
      this.#ports.onFailure({ ...discarded, partition: this.partition }),
    );
  }

  /**
   * Commits, and retries until that has worked. The next invocation waits for it. Nothing is committed for a
   * partition that another member owns.
   */
  async #commit(offset: number): Promise<void> {
    await this.#retry('commit', async () => {
      if (!this.#isRevoked) await this.#ports.commit(this.partition, offset);
    });
  }

  /** Retries until the attempt works. @throws its error when the loop has ended. */
  async #retry(what: string, attempt: () => Promise<void>): Promise<void> {
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
        // Kafka rejects commits during a rebalance, so that is worth a line only in detail.
        if (this.#isHeld) this.#ports.log.debug(line);
        else this.#ports.log.warning(`${line}; retry in ${ms} ms`);
        await this.#pause(ms);
      }
    }
  }

  /**
   * Waits until the time is over or the loop ends, and also until `#wake` is called when `isWakeable`.
   * @param ms milliseconds; undefined means without limit.
   */
  #pause(ms: number | undefined, { isWakeable = false } = {}): Promise<void> {
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
      if (isWakeable) this.#wake = done;
    });
  }

  get #name(): string {
    return `${this.#envelope.key} → ${this.#mapping.functionName}`;
  }
}
