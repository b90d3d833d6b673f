import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../shared/config.ts';
import { FootfallError } from '../../shared/errors.ts';
import type { KafkaRecord } from '../../shared/events/decode.ts';
import { openCopyWriter } from '../../shared/kafka/copy.ts';
import { readRefused } from '../../shared/kafka/dead-letters.ts';
import { followTopic } from '../../shared/kafka/follow.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/kafka/offsets.ts';
import { makeTopicLike } from '../../shared/kafka/topics.ts';
import { counted, progressLine } from '../../shared/progress.ts';
import type { Target } from './build.ts';
import type { Tools } from './tools.ts';

const POLL_MS = 100;
/** As in build.ts. */
const NEAR_MS = 2_000;

/** A topic that is being copied into one with another number of partitions. */
export interface Copying {
  /** How far the topic that is copied goes now. */
  ends(): Promise<PartitionOffsets[]>;
  /** Records that are dead letters, and are not copied. */
  refused: number;
  /** The offset of a partition of it up to which all is copied. */
  position(partition: number): number;
  /** Has nothing be copied of a partition from an offset on, until it is told another one. */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Waits until all is copied that the topic has now. @returns false when it was interrupted. */
  caughtUp(signal: AbortSignal): Promise<boolean>;
  /** How many offsets are still to be copied. */
  missing(): Promise<number>;
  /** Throws what copying threw. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Copies what clients have sent, each record once, with its key and time, and goes on with what comes. A record's copy
 * and how far the copying has come are one transaction, so whoever goes on begins where it ended; only one can write.
 * Records that shards have sent each other are left out: the shards of the other topic send each other their own. So are
 * those that are dead letters: what was mended of them is copied as their replays, and would be counted beside those.
 * @throws FootfallError `wrong_partitions` when the topic is there with another number of partitions.
 */
export async function openCopying(kafka: Config['kafka'], target: Target): Promise<Copying> {
  if (target.topic === kafka.eventsTopic) {
    throw new FootfallError(
      'bad_option',
      400,
      '--topic must be another topic than the one that is counted now.',
    );
  }
  await makeTopicLike(kafka, target);
  const refused = await readRefused(kafka);
  const isLetter = ({ partition, offset }: KafkaRecord) => refused.get(partition)?.has(offset) ?? false;
  const offsets = new TopicOffsets(kafka);
  const writer = await openCopyWriter(kafka, target.topic);
  const lows = await offsets.fetch();
  const positions = new Map(
    lows.map(({ partition, low }) => [partition, Math.max(low, writer.copied.get(partition) ?? 0)]),
  );
  const copy = async (records: readonly KafkaRecord[]) => {
    const { partition, offset } = records.at(-1)!;
    await writer.write(
      records.filter((record) => !isDerived(record) && !isLetter(record)),
      { partition, next: offset + 1 },
    );
    positions.set(partition, offset + 1);
  };
  let failure: unknown;
  const following = await followTopic(kafka, {
    topic: kafka.eventsTopic,
    from: new Map(positions),
    hand: copy,
    onNothing: async (partition, to) => {
      if (to > positions.get(partition)!) positions.set(partition, to);
    },
  });
  following.failed.catch((error) => {
    failure = error;
  });
  return {
    refused: refused.values().reduce((sum, { size }) => sum + size, 0),
    ends: () => offsets.fetch(),
    position: (partition) => positions.get(partition) ?? 0,
    holdAt: (partition, limit) => following.holdAt(partition, limit),
    caughtUp: async (signal) => {
      const ends = await offsets.fetch();
      for (; !signal.aborted; await sleep(POLL_MS)) {
        if (failure !== undefined) throw failure;
        if (missingOf(ends, positions) === 0) return true;
      }
      return false;
    },
    missing: async () => missingOf(await offsets.fetch(), positions),
    check: () => {
      if (failure !== undefined) throw failure;
    },
    close: async () => {
      await following.stop();
      await writer.close();
      await offsets.close();
    },
  };
}

const missingOf = (ends: readonly PartitionOffsets[], positions: ReadonlyMap<number, number>) =>
  ends.reduce((sum, { partition, high }) => sum + Math.max(0, high - (positions.get(partition) ?? 0)), 0);

/** Waits until all that had come a moment ago is copied. @returns false when it was interrupted. */
export async function copyAll(
  { log, signal }: Pick<Tools, 'log' | 'signal'>,
  copying: Copying,
): Promise<boolean> {
  let goal = { at: Date.now(), ends: await copying.ends() };
  const total = goal.ends.reduce((sum, { high }) => sum + high, 0);
  const bar = progressLine('Copying', total, log);
  try {
    for (; !signal.aborted; await sleep(POLL_MS)) {
      copying.check();
      const missing = goal.ends.reduce(
        (sum, { partition, high }) => sum + Math.max(0, high - copying.position(partition)),
        0,
      );
      bar.update(total - missing, counted(missing, 'offset to copy', 'offsets to copy'));
      if (missing === 0 && Date.now() - goal.at <= NEAR_MS) return true;
      if (missing === 0) goal = { at: Date.now(), ends: await copying.ends() };
    }
    return false;
  } finally {
    bar.stop();
  }
}

/** Whether a shard has sent it. Whatever can't be read is a client's, and becomes a dead letter there, too. */
function isDerived({ value = '' }: KafkaRecord): boolean {
  const text = Buffer.from(value, 'base64').toString();
  if (!text.includes('"origin"')) return false;
  try {
    const { origin } = JSON.parse(text) as { origin?: unknown };
    return typeof origin === 'object' && origin !== null;
  } catch {
    return false;
  }
}
