import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { type Discarded, messageOf } from './delivery.ts';
import type { Log } from './log.ts';
import type { Mapping } from './mapping.ts';
import { PartitionLoop, type PartitionPorts } from './partition.ts';
import type { Invocation } from './response.ts';
import { StartingPositions } from './starting-position.ts';

export interface PollerOptions {
  /** A kafkajs client of the cluster that has the topic. */
  kafka: Kafka;
  mapping: Mapping;
  /**
   * Invokes the function with a SelfManagedKafka event in JSON and waits for its answer. Throwing means that
   * the function was not reached: tried again without counting as a retry.
   */
  invoke(payload: string): Promise<Invocation>;
  /** Takes what is given up; committed only after it resolves. Without it the records are logged and dropped. */
  onFailure?(discarded: Discarded & { partition: number }): Promise<void>;
  log: Log;
  /** Limits of the group membership, in ms. */
  group?: { sessionTimeoutMs: number; heartbeatMs: number };
}

export interface Poller {
  /** Resolves when this member has joined the group; waits for Kafka and the topic as long as it takes. */
  start(): Promise<void>;
  /** Waits for the invocations under way, commits them and leaves the group. */
  stop(): Promise<void>;
}

/**
 * A broker's default lower bound (group.min.session.timeout.ms). Short, because after a kill the group waits
 * this long for the dead member before a restarted one gets its partitions.
 */
const DEFAULT_GROUP = { sessionTimeoutMs: 6_000, heartbeatMs: 1_000 };

/** Longest wait of a fetch, and so of a partition that was paused and goes on, in ms. */
const MAX_FETCH_WAIT_MS = 250;

const RECONNECT_MS = 1_000;

/** A consumer, and when it has begun: has joined its group, or has failed to. */
interface Member {
  consumer: Consumer;
  begun: Promise<void>;
}

/** Polls one topic for one function, as Lambda's event source mapping does. */
export function createPoller(options: PollerOptions): Poller {
  return new TopicPoller(options);
}

class TopicPoller implements Poller {
  readonly #options: PollerOptions;
  readonly #positions: StartingPositions;
  readonly #ports: PartitionPorts;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<number, PartitionLoop>();
  /** The end of the last loop of each partition, revoked or not. */
  readonly #finished = new Map<number, Promise<void>>();
  readonly #joined = Promise.withResolvers<void>();
  /** The one that is listened to. */
  #member: Member | undefined;
  #memberId: string | undefined;
  /** Since when (ms of performance.now()) the group has refused commits as those of a stranger. */
  #strangerSince: number | undefined;
  /** Consumers that are given up and not gone yet. */
  readonly #ending = new Set<Promise<void>>();
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#positions = new StartingPositions(options.kafka, options.mapping);
    this.#ports = {
      invoke: options.invoke,
      onFailure: async (discarded) => options.onFailure?.(discarded),
      commit: (partition, offset) => this.#commit(partition, offset),
      pauseFetching: (partition) => this.#steerFetching('pause', partition),
      resumeFetching: (partition) => this.#steerFetching('resume', partition),
      log: options.log,
    };
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#patiently(() => this.#requireTopic());
    await this.#patiently(() => this.#positions.find());
    await this.#patiently(() => this.#run());
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    if (!signal.aborted) await Promise.race([this.#joined.promise, stopped]);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#started;
    // Fetching goes on meanwhile, and with it the heartbeats: the partitions stay ours until all is committed.
    await Promise.all([...this.#loops.values()].map((loop) => loop.close()));
    this.#end();
    await Promise.all(this.#ending);
    await Promise.all(this.#finished.values());
    await this.#positions.close();
  }

  /** Tries until it works or the poller is stopped; says why when the reason changes. */
  async #patiently(attempt: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    let said: string | undefined;
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        const reason = messageOf(error);
        if (reason !== said) this.#options.log.warning(`${this.#name}: ${reason}; trying again`);
        said = reason;
        await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #requireTopic(): Promise<void> {
    const { kafka, mapping } = this.#options;
    const admin = kafka.admin();
    try {
      await admin.connect();
      const topics = await admin.listTopics();
      if (!topics.includes(mapping.topic)) throw new Error(`topic ${mapping.topic} does not exist`);
    } finally {
      await admin.disconnect();
    }
  }

  async #run(): Promise<void> {
    const { kafka, mapping, group = DEFAULT_GROUP } = this.#options;
    const consumer = kafka.consumer({
      groupId: mapping.consumerGroupId,
      sessionTimeout: group.sessionTimeoutMs,
      heartbeatInterval: group.heartbeatMs,
      maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      // A new consumer is begun instead: kafkajs would also restart one that was given up, and can't stop one while it
      // restarts.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    this.#end();
    const begun = Promise.withResolvers<void>();
    this.#member = { consumer, begun: begun.promise };
    const isCurrent = () => this.#member?.consumer === consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (isCurrent()) this.#assign(consumer, payload);
    });
    consumer.on(consumer.events.REBALANCING, () => {
      if (isCurrent()) this.#hold();
    });
    // After a request without an answer kafkajs sends the next one over the same connection, for as long as that is
    // open; with nobody at its other end, that is for ever.
    consumer.on(consumer.events.REQUEST_TIMEOUT, () => {
      if (isCurrent()) this.#beginAnew('since a broker did not answer');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!isCurrent()) return;
      this.#options.log.warning(`${this.#name}: lost Kafka (${payload.error.message}); connecting again`);
      this.#hold();
      void this.#patiently(() => this.#run());
    });
    try {
      await this.#join(consumer, isCurrent);
    } catch (error) {
      // Another one has begun meanwhile, which this one's failure is nothing to.
      if (isCurrent()) throw error;
    } finally {
      begun.resolve();
    }
  }

  async #join(consumer: Consumer, isCurrent: () => boolean): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#options.mapping.topic], fromBeginning: true });
    if (!isCurrent()) return;
    await consumer.run({
      autoCommit: false,
      // Only takes records in: fetching, heartbeats and rebalances must not wait for a function.
      eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
        if (!isCurrent()) return;
        this.#commitOffsets = commitOffsetsIfNecessary;
        this.#loops.get(batch.partition)?.append(batch.messages);
      },
    });
  }

  #steerFetching(action: 'pause' | 'resume', partition: number): void {
    try {
      this.#member?.consumer[action]([{ topic: this.#options.mapping.topic, partitions: [partition] }]);
    } catch {
      // kafkajs throws while it reconnects after a crash. Nothing is fetched then, and no pause outlives it.
    }
  }

  #hold(): void {
    for (const loop of this.#loops.values()) loop.hold();
  }

  #assign(consumer: Consumer, { memberId, memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    const { mapping, log } = this.#options;
    const assigned = memberAssignment[mapping.topic] ?? [];
    // A new member id means that the group had given this member up, and the partitions to others meanwhile.
    const sameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    this.#strangerSince = undefined;
    for (const [partition, loop] of this.#loops) {
      if (sameMember && assigned.includes(partition)) {
        loop.keep();
      } else {
        loop.revoke();
        this.#loops.delete(partition);
      }
    }
    const added = assigned.filter((partition) => !this.#loops.has(partition));
    for (const partition of this.#stopping.signal.aborted ? [] : added) {
      const predecessor = this.#finished.get(partition) ?? Promise.resolve();
      const loop = new PartitionLoop(partition, mapping, this.#ports, predecessor);
      this.#loops.set(partition, loop);
      this.#finished.set(partition, loop.finished);
    }
    const partitions =
      assigned.length > 0 ? `partitions ${[...assigned].sort((a, b) => a - b).join(', ')}` : 'no partitions';
    log.notice(`${this.#name}: joined group ${mapping.consumerGroupId} with ${partitions}`);

    const undecided = added.filter((partition) => this.#positions.concerns(partition));
    if (undecided.length === 0) {
      this.#joined.resolve();
      return;
    }
    consumer.pause([{ topic: mapping.topic, partitions: undecided }]);
    void this.#patiently(() => this.#begin(consumer, memberId, undecided)).then(() => this.#joined.resolve());
  }

  /** Puts partitions without a commit to their starting position. */
  async #begin(consumer: Consumer, memberId: string, partitions: number[]): Promise<void> {
    const { topic } = this.#options.mapping;
    const starts = await this.#positions.uncommitted(partitions);
    const ours = starts.filter(({ partition }) => this.#loops.has(partition) && memberId === this.#memberId);
    for (const { partition, offset } of ours) consumer.seek({ topic, partition, offset });
    await consumer.commitOffsets(ours.map((start) => ({ topic, ...start })));
    this.#positions.forget(partitions);
    consumer.resume([{ topic, partitions }]);
  }

  /**
   * Commits with the batch's own function, not `consumer.commitOffsets`: that one retries inside kafkajs, over
   * a rebalance and with the new generation, and could set back a partition that another member has by then.
   */
  async #commit(partition: number, offset: number): Promise<void> {
    const { topic } = this.#options.mapping;
    try {
      await this.#commitOffsets?.({
        topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
      });
      this.#strangerSince = undefined;
    } catch (error) {
      if ((error as { type?: string }).type === 'UNKNOWN_MEMBER_ID') this.#noteForgotten();
      throw error;
    }
  }

  /**
   * kafkajs hears from its next heartbeat that the group has given this member up, and joins anew. But it takes the time
   * between heartbeats from the clock: when that was set back, none is sent until it is where it was.
   */
  #noteForgotten(): void {
    const { group = DEFAULT_GROUP } = this.#options;
    const now = performance.now();
    this.#strangerSince ??= now;
    if (now - this.#strangerSince >= group.sessionTimeoutMs) this.#beginAnew('the group has forgotten it');
  }

  /** With a new consumer and new connections. What the old one still says is not listened to. */
  #beginAnew(reason: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#strangerSince = undefined;
    this.#options.log.warning(`${this.#name}: beginning anew, ${reason}`);
    this.#hold();
    this.#end();
    void this.#patiently(() => this.#run());
  }

  /**
   * Has the present consumer leave the group: as one that nobody listens to, it would keep partitions from others. kafkajs
   * forgets one that is stopped while it joins, and that one then stays, so it is let join first. It says goodbye over the
   * connections that it has, which may be dead: nobody waits for that.
   */
  #end(): void {
    const old = this.#member;
    this.#member = undefined;
    if (!old) return;
    const ending = old.begun
      .then(() => old.consumer.disconnect())
      .catch(() => {})
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  get #name(): string {
    const { topic, functionName } = this.#options.mapping;
    return `${topic} → ${functionName}`;
  }
}
