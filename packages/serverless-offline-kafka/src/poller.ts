import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { messageOf } from './deliver-batch.ts';
import type { Invocation } from './judge-response.ts';
import type { Log } from './log.ts';
import type { Mapping } from './mapping.ts';
import type { DiscardedFromPartition } from './on-failure-topic.ts';
import { PartitionLoop, type PartitionPorts } from './partition-loop.ts';
import { StartingPositions } from './starting-positions.ts';
import { Turns } from './turns.ts';

export interface PollerOptions {
  /** A kafkajs client of the cluster that has the topic. */
  kafka: Kafka;
  mapping: Mapping;
  /**
   * Invokes the function with a SelfManagedKafka event as JSON and waits for its answer. When it throws, the
   * function was not reached: the poller tries again without counting a retry.
   */
  invoke(payload: string): Promise<Invocation>;
  /** The most invocations at the same time. Without it, each partition has its own. */
  maxConcurrency?: number;
  /**
   * Receives discarded records. Their offsets are committed after it resolves. Without it, discarded records are
   * only logged.
   */
  onFailure?(discarded: DiscardedFromPartition): Promise<void>;
  log: Log;
  /** Times of the group membership, in milliseconds. */
  group?: GroupTimes;
}

export interface GroupTimes {
  /** How long the group keeps a member that sends no heartbeat. */
  sessionTimeoutMs: number;
  /** The time between two heartbeats. */
  heartbeatMs: number;
}

export interface Poller {
  /** Resolves when the poller has joined its group. Waits for Kafka and the topic as long as necessary. */
  start(): Promise<void>;
  /** Waits for the current invocations, commits them, and leaves the group. */
  stop(): Promise<void>;
}

/**
 * The shortest session that a broker accepts by default (group.min.session.timeout.ms). After a crash, a
 * restarted process receives its partitions when this time is over.
 */
const DEFAULT_GROUP: GroupTimes = { sessionTimeoutMs: 6_000, heartbeatMs: 1_000 };

/**
 * How long a broker may hold back an answer when it has no records. Resuming a partition takes as long. Half of it costs
 * twice as much of the processor while nothing happens.
 */
const MAX_FETCH_WAIT_MS = 500;

/** The pause before Kafka is tried again. */
const RECONNECT_MS = 1_000;

/** Polls one topic for one function, as the event source mapping of Lambda does. */
export function createPoller(options: PollerOptions): Poller {
  return new TopicPoller(options);
}

/** A kafkajs consumer, and a promise that resolves when it has joined the group or has failed to. */
interface Member {
  consumer: Consumer;
  joined: Promise<void>;
}

class TopicPoller implements Poller {
  readonly #options: PollerOptions;
  readonly #group: GroupTimes;
  readonly #positions: StartingPositions;
  readonly #ports: PartitionPorts;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<number, PartitionLoop>();
  /** When the last loop of each partition has finished, whether it was revoked or not. */
  readonly #finished = new Map<number, Promise<void>>();
  readonly #joined: Promise<void>;
  #resolveJoined!: () => void;
  /** The current member. Events of earlier ones are ignored. */
  #member: Member | undefined;
  #memberId: string | undefined;
  /** Earlier members that are leaving the group. */
  readonly #leaving = new Set<Promise<void>>();
  /** When the group first rejected a commit as that of an unknown member, in ms of `performance.now()`. */
  #unknownSince: number | undefined;
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#group = options.group ?? DEFAULT_GROUP;
    this.#positions = new StartingPositions(options.kafka, options.mapping);
    this.#joined = new Promise((resolve) => {
      this.#resolveJoined = resolve;
    });
    this.#ports = {
      turns: new Turns({
        limit: options.maxConcurrency ?? Infinity,
        batchSize: options.mapping.batchSize,
        invoke: options.invoke,
      }),
      onFailure: async (discarded) => options.onFailure?.(discarded),
      commit: (partition, offset) => this.#commit(partition, offset),
      pauseFetching: (partition) => this.#pauseOrResume('pause', partition),
      resumeFetching: (partition) => this.#pauseOrResume('resume', partition),
      log: options.log,
    };
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#retry(() => this.#requireTopic());
    await this.#retry(() => this.#positions.find());
    await this.#retry(() => this.#becomeMember());
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    if (!signal.aborted) await Promise.race([this.#joined, stopped]);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#started;
    // The consumer goes on fetching meanwhile, and so sends heartbeats. The group keeps the partitions here until
    // all is committed.
    await Promise.all([...this.#loops.values()].map((loop) => loop.close()));
    this.#leaveGroup();
    await Promise.all(this.#leaving);
    await Promise.all(this.#finished.values());
    await this.#positions.close();
  }

  /** Retries until the attempt works or the poller is stopped. Logs each new reason once. */
  async #retry(attempt: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    let logged: string | undefined;
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (error) {
        const reason = messageOf(error);
        if (reason !== logged) this.#options.log.warning(`${this.#name}: ${reason}; trying again`);
        logged = reason;
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

  /** Replaces the current member, if any, by a new one with new connections. */
  async #becomeMember(): Promise<void> {
    const { kafka, mapping } = this.#options;
    const consumer = kafka.consumer({
      groupId: mapping.consumerGroupId,
      sessionTimeout: this.#group.sessionTimeoutMs,
      heartbeatInterval: this.#group.heartbeatMs,
      maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      // This class replaces a failed consumer itself. kafkajs would also restart one that was replaced, and it
      // cannot stop a consumer that is restarting.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    this.#leaveGroup();
    let resolveJoined = () => {};
    const joined = new Promise<void>((resolve) => {
      resolveJoined = resolve;
    });
    this.#member = { consumer, joined };
    const isCurrent = () => this.#member?.consumer === consumer;
    this.#listen(consumer, isCurrent);
    try {
      await this.#run(consumer, isCurrent);
    } catch (error) {
      // The failure of a member that was replaced meanwhile does not matter.
      if (isCurrent()) throw error;
    } finally {
      resolveJoined();
    }
  }

  #listen(consumer: Consumer, isCurrent: () => boolean): void {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (isCurrent()) this.#assign(consumer, payload);
    });
    consumer.on(consumer.events.REBALANCING, () => {
      if (isCurrent()) this.#holdAll();
    });
    // After a request that had no answer, kafkajs keeps using the same connection while it is open. When the broker
    // has vanished without closing it, that would never end.
    consumer.on(consumer.events.REQUEST_TIMEOUT, () => {
      if (isCurrent()) this.#restart('a broker did not answer');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (isCurrent()) this.#restart(payload.error.message);
    });
  }

  async #run(consumer: Consumer, isCurrent: () => boolean): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#options.mapping.topic], fromBeginning: true });
    if (!isCurrent()) return;
    await consumer.run({
      autoCommit: false,
      // This only buffers the records. Fetching, heartbeats and rebalances must not wait for a function.
      eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
        if (!isCurrent()) return;
        this.#commitOffsets = commitOffsetsIfNecessary;
        this.#loops.get(batch.partition)?.append(batch.messages);
      },
    });
  }

  #pauseOrResume(action: 'pause' | 'resume', partition: number): void {
    try {
      this.#member?.consumer[action]([{ topic: this.#options.mapping.topic, partitions: [partition] }]);
    } catch {
      // kafkajs throws while it reconnects. It fetches nothing then, and forgets all pauses.
    }
  }

  #holdAll(): void {
    for (const loop of this.#loops.values()) loop.hold();
  }

  /** Starts, keeps and revokes partition loops after the group has assigned its partitions. */
  #assign(consumer: Consumer, { memberId, memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    const { mapping, log } = this.#options;
    const assigned = memberAssignment[mapping.topic] ?? [];
    // With a new member id, the group had removed this member. Others may have had the partitions meanwhile.
    const isSameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    this.#unknownSince = undefined;
    for (const [partition, loop] of this.#loops) {
      if (isSameMember && assigned.includes(partition)) {
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

    const unpositioned = added.filter((partition) => this.#positions.has(partition));
    if (unpositioned.length === 0) {
      this.#resolveJoined();
      return;
    }
    consumer.pause([{ topic: mapping.topic, partitions: unpositioned }]);
    void this.#retry(() => this.#seekToStart(consumer, memberId, unpositioned)).then(this.#resolveJoined);
  }

  /** Moves partitions without a commit to their starting position, and commits it. */
  async #seekToStart(consumer: Consumer, memberId: string, partitions: number[]): Promise<void> {
    const { topic } = this.#options.mapping;
    const starts = await this.#positions.uncommitted(partitions);
    const owned = starts.filter(({ partition }) => this.#loops.has(partition) && memberId === this.#memberId);
    for (const { partition, offset } of owned) consumer.seek({ topic, partition, offset });
    await consumer.commitOffsets(owned.map((start) => ({ topic, ...start })));
    this.#positions.forget(partitions);
    consumer.resume([{ topic, partitions }]);
  }

  /**
   * Commits with the function that came with the last fetched records. `consumer.commitOffsets` would not do: it
   * retries inside kafkajs, also after a rebalance and as a member of the new generation. That could set back a
   * partition that another member owns by then.
   */
  async #commit(partition: number, offset: number): Promise<void> {
    const { topic } = this.#options.mapping;
    try {
      await this.#commitOffsets?.({
        topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
      });
      this.#unknownSince = undefined;
    } catch (error) {
      if ((error as { type?: string }).type === 'UNKNOWN_MEMBER_ID') this.#restartWhenForgotten();
      throw error;
    }
  }

  /**
   * kafkajs learns with its next heartbeat that the group has removed this member, and joins again. But it takes
   * the time since its last heartbeat from the system clock. When that clock was set back, it sends none for as
   * long as the clock was set back. So this class restarts a member that stays unknown for a whole session.
   */
  #restartWhenForgotten(): void {
    const now = performance.now();
    this.#unknownSince ??= now;
    if (now - this.#unknownSince >= this.#group.sessionTimeoutMs) this.#restart('the group has removed it');
  }

  /** Replaces the current member. */
  #restart(reason: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#unknownSince = undefined;
    this.#options.log.warning(`${this.#name}: connecting again (${reason})`);
    this.#holdAll();
    this.#leaveGroup();
    void this.#retry(() => this.#becomeMember());
  }

  /**
   * Makes the current member leave the group, because otherwise it would keep its partitions. kafkajs loses track
   * of a consumer that is disconnected while it joins, so this waits until it has joined. Callers need not wait
   * for the result: the member may say goodbye over connections that are dead.
   */
  #leaveGroup(): void {
    const member = this.#member;
    this.#member = undefined;
    if (!member) return;
    const leaving = member.joined
      .then(() => member.consumer.disconnect())
      .catch(() => {})
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  get #name(): string {
    const { topic, functionName } = this.#options.mapping;
    return `${topic} → ${functionName}`;
  }
}
