import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';

/** Between a consumer that has failed and the next one, ms. */
const RETRY_MS = 300;

export interface ReadingOptions extends Omit<ConsumerConfig, 'groupId' | 'retry'> {
  topic: string;
  /** By partition the offset to read from, whenever a consumer joins. Partitions that are not in it are not read. */
  positions: ReadonlyMap<number, number>;
  /** Partitions whose batches are processed at the same time; 1 when absent. */
  atOnce?: number;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** Called when what was fetched up to this offset (exclusive) holds no record: markers, aborted transactions. */
  onNothing(partition: number, to: number): void;
  /** Called with an error that another try would not get past. */
  onFailed(error: unknown): void;
  /** Called each time that a consumer has joined its group. */
  onJoined?(): void;
}

/** Reads partitions of a topic from offsets of the caller's own. */
export interface Reading {
  /** Whether a consumer is in its group at the moment. */
  isJoined(): boolean;
  /** Reads a partition from its position on. @throws what kafkajs throws while the consumer is not in the group. */
  read(partition: number): void;
  /** Fetches nothing more of a partition until {@link read}. @throws as that. */
  pause(partition: number): void;
  /** Ends the reading. Waits for the batches that are being processed. */
  end(): Promise<void>;
}

/**
 * Opens a reading. kafkajs reads only as a member of a group, so each consumer gets a group of its own, which is
 * removed afterwards. A consumer that crashes is followed by another one.
 * @throws what kafkajs throws when Kafka is away at the start. Later it tries again until the caller ends the reading.
 * @example
 * const reading = await openReading(client, { topic, positions: new Map([[3, 1200]]), eachBatch, onNothing, onFailed
 * });
 */
export async function openReading(client: Kafka, options: ReadingOptions): Promise<Reading> {
  const reading = new ConsumerReading(client, options);
  await reading.open();
  return reading;
}

/** One consumer in a group of its own. */
interface Member {
  consumer: Consumer;
  groupId: string;
  /** Resolves when the consumer has joined its group or has failed to. Never rejects. */
  started: Promise<void>;
  hasStarted: boolean;
}

class ConsumerReading implements Reading {
  readonly #client: Kafka;
  readonly #admin: Admin;
  readonly #options: ReadingOptions;
  /** The consumer whose batches and errors count. Events of earlier ones are ignored. */
  #member: Member | undefined;
  /** Consumers that are given up and have not left yet. */
  readonly #leaving = new Set<Promise<void>>();
  #isOver = false;

  constructor(client: Kafka, options: ReadingOptions) {
    this.#client = client;
    this.#admin = client.admin();
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#admin.connect();
    try {
      await this.#start();
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  isJoined(): boolean {
    return this.#member?.hasStarted === true;
  }

  read(partition: number): void {
    const { topic, positions } = this.#options;
    this.#member?.consumer.seek({ topic, partition, offset: String(positions.get(partition)) });
    this.#member?.consumer.resume([{ topic, partitions: [partition] }]);
  }

  pause(partition: number): void {
    this.#member?.consumer.pause([{ topic: this.#options.topic, partitions: [partition] }]);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    const isJoining = this.#member?.hasStarted === false;
    await this.#leave();
    const closed = Promise.all(this.#leaving).then(() => this.#admin.disconnect());
    if (!isJoining) await closed;
  }

  /**
   * Connects a new consumer, which then joins its group by itself.
   * @throws what kafkajs throws when it can't connect.
   */
  async #start(): Promise<void> {
    const started = Promise.withResolvers<void>();
    const member = this.#newMember(started.promise);
    this.#member = member;
    this.#listen(member);
    const hasStarted = () => {
      member.hasStarted = true;
      started.resolve();
    };
    try {
      await member.consumer.connect();
      await member.consumer.subscribe({ topic: this.#options.topic, fromBeginning: true });
    } catch (error) {
      hasStarted();
      throw error;
    }
    const running = this.#isPresent(member) ? this.#run(member) : Promise.resolve();
    void running.catch(this.#options.onFailed).then(hasStarted);
  }

  #newMember(started: Promise<void>): Member {
    const { topic, positions, atOnce, eachBatch, onNothing, onFailed, onJoined, ...config } = this.#options;
    const groupId = `footfall-catch-up-${randomUUID()}`;
    const consumer = this.#client.consumer({
      ...config,
      groupId,
      // This class starts another consumer instead. kafkajs would also restart one that was given up, and can't stop
      // one while it restarts.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    return { consumer, groupId, started, hasStarted: false };
  }

  #isPresent(member: Member): boolean {
    return this.#member === member;
  }

  #listen(member: Member): void {
    const { positions, onNothing, onFailed } = this.#options;
    const { consumer } = member;
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      if (!this.#isPresent(member)) return;
      if (isRetriable(error)) void this.#startAgain();
      else onFailed(error);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.#isPresent(member)) this.#joined(member, payload.memberAssignment[this.#options.topic] ?? []);
    });
    // kafkajs does not call eachBatch for what holds only markers and aborted transactions.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
      if (this.#isPresent(member) && positions.has(partition) && batchSize === 0)
        onNothing(partition, Number(lastOffset) + 1);
    });
  }

  #joined({ consumer }: Member, assigned: readonly number[]): void {
    const { topic, positions, onJoined } = this.#options;
    const others = assigned.filter((partition) => !positions.has(partition));
    if (others.length > 0) consumer.pause([{ topic, partitions: others }]);
    for (const partition of positions.keys()) this.read(partition);
    onJoined?.();
  }

  #run(member: Member): Promise<void> {
    const { positions, atOnce = 1, eachBatch } = this.#options;
    return member.consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: atOnce,
      eachBatch: async (payload) => {
        if (this.#isPresent(member) && positions.has(payload.batch.partition)) await eachBatch(payload);
      },
    });
  }

  /** Replaces a consumer that has crashed; tries until one starts or the reading ends. */
  async #startAgain(): Promise<void> {
    await this.#leave();
    while (!this.#isOver) {
      await sleep(RETRY_MS);
      try {
        if (!this.#isOver) await this.#start();
        return;
      } catch (error) {
        void this.#leave();
        if (!isRetriable(error)) return this.#options.onFailed(error);
      }
    }
  }

  /**
   * Gives up the present consumer, which leaves its group; the group is removed. kafkajs forgets a consumer that is
   * stopped while it joins, and that one then reads on. So it joins first; this does not wait for that.
   */
  async #leave(): Promise<void> {
    const member = this.#member;
    this.#member = undefined;
    if (!member) return;
    const ignore = () => {};
    const left = member.started
      .then(() => member.consumer.disconnect())
      .catch(ignore)
      .then(() => this.#admin.deleteGroups([member.groupId]))
      .then(ignore, ignore);
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
    if (member.hasStarted) await left;
  }
}

/** Decides as kafkajs does when it restarts a consumer. */
function isRetriable(error: unknown): boolean {
  let cause = error as { name?: string; cause?: unknown; retriable?: boolean };
  if (cause.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  while (cause.cause) cause = cause.cause;
  return cause.retriable === true;
}
