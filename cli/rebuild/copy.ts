import { setTimeout as sleep } from 'node:timers/promises';
import { KnownLetters, type LetterLookup } from '../../shared/dead-letters/known-letters.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { followTopic } from '../../shared/platform/kafka/follow-topic.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { makeTopicLike } from '../../shared/platform/kafka/topics.ts';
import { counted, progressLine } from '../../shared/platform/progress.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { comeNear, liveGeneration, type Target } from './build.ts';
import { openCopyWriter } from './copy-writer.ts';
import { patiently } from './fill.ts';
import { knownGenerations, type Tools } from './tools.ts';

const POLL_MS = 100;
/** For so long the live generation is waited for when it does not move, ms: it may be gone, or be deployed anew. */
const STANDING_MS = 60_000;

/** A topic that is being copied into one with another number of partitions. */
export interface Copying {
  /** How far the topic that is copied goes now. */
  ends(): Promise<PartitionOffsets[]>;
  /** The offset of a partition of it up to which all is copied. */
  position(partition: number): number;
  /** Has nothing be copied of a partition from an offset on, until it is told another one. */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Waits until all is copied that the topic has now. @returns false when it was interrupted. */
  caughtUp(signal: AbortSignal): Promise<boolean>;
  /** How many offsets before these ends are still to be copied. */
  missing(ends: readonly PartitionOffsets[]): number;
  /** Throws what copying threw. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Copies what clients have sent, each record once, with its key and time, and goes on with what comes. A record's copy
 * and how far the copying has come are one transaction, so whoever goes on begins where it ended; only one can write.
 * Records that shards have sent each other are left out: the shards of the other topic send each other their own. So are
 * dead letters: a replay of one is copied as what it is, and the letter would be counted beside it. To know them all, it
 * copies what the live generation has judged, as long as that goes on.
 * @throws FootfallError `wrong_partitions` when the topic is there with another number of partitions, `topic_not_empty`
 *   when it has records and nobody knows to have copied any.
 */
export async function openCopying(
  tools: Tools,
  target: Target,
  { standingMs = STANDING_MS } = {},
): Promise<Copying> {
  const { kafka } = tools.config;
  if (target.topic === kafka.eventsTopic) {
    throw new FootfallError(
      'bad_option',
      400,
      '--topic must be another topic than the one that is counted now.',
    );
  }
  await makeTopicLike(kafka, target);
  const live = tools.reader(await liveGeneration(tools, await knownGenerations(tools)));
  const offsets = new TopicOffsets(kafka);
  const refused = new KnownLetters(kafka);
  const closed = new AbortController();
  const lettersOf = whenJudged(live, refused, { standingMs, signal: closed.signal });
  const opened: { close(): Promise<void> }[] = [offsets, refused];
  const close = async () => {
    closed.abort();
    for (const one of opened.toReversed()) await one.close();
  };
  try {
    const writer = await openCopyWriter(kafka, target.topic);
    opened.push(writer);
    if (writer.copied.size === 0 && (await hasRecords(kafka, target.topic))) throw notEmpty(target);
    const lows = await offsets.fetch();
    const from = lows.map(
      ({ partition, low }) => [partition, Math.max(low, writer.copied.get(partition) ?? 0)] as const,
    );
    const following = await followTopic(kafka, {
      topic: kafka.eventsTopic,
      from: new Map(from),
      hand: async (records) => {
        const { partition, offset } = records.at(-1)!;
        const isLetter = await lettersOf(partition, offset + 1);
        // What is not copied by now is copied by who goes on.
        if (closed.signal.aborted) throw new Error('Closed.');
        const copied = records.filter((record) => !isDerived(record) && !isLetter(record));
        // Where there is nothing to copy, that is noted with what comes next: whoever goes on finds nothing there, either.
        // (kafkajs does not wait for the transaction before when an offset is the first thing in one.)
        if (copied.length > 0) await writer.write(copied, { partition, next: offset + 1 });
      },
    });
    opened.push({ close: () => following.stop() });
    const missing = (ends: readonly PartitionOffsets[]) =>
      ends.reduce((sum, { partition, high }) => sum + Math.max(0, high - following.position(partition)), 0);
    return {
      ends: () => offsets.fetch(),
      missing,
      position: (partition) => following.position(partition),
      holdAt: (partition, limit) => following.holdAt(partition, limit),
      caughtUp: async (signal) => {
        const ends = await offsets.fetch();
        for (; !signal.aborted; await sleep(POLL_MS)) {
          following.check();
          if (missing(ends) === 0) return true;
        }
        return false;
      },
      check: () => following.check(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const notEmpty = ({ topic }: Target) =>
  new FootfallError(
    'topic_not_empty',
    409,
    `${topic} has records that are no copy, or of which nobody knows any more how far it has come: name another topic.`,
  );

/** Whether there is a record in a topic that was not aborted. */
async function hasRecords(kafka: Tools['config']['kafka'], topic: string): Promise<boolean> {
  const offsets = new TopicOffsets(kafka, topic);
  const ends = await offsets.fetch().finally(() => offsets.close());
  class Found extends Error {}
  try {
    for (const { partition, low, high } of ends) {
      if (low === high) continue;
      await readRange(
        kafka,
        partition,
        low,
        high,
        async () => {
          throw new Found();
        },
        topic,
      );
    }
  } catch (error) {
    if (error instanceof Found) return true;
    throw error;
  }
  return false;
}

/** Waits until all that had come a moment ago is copied. @returns false when it was interrupted. */
export async function copyAll(
  { log, signal }: Pick<Tools, 'log' | 'signal'>,
  copying: Copying,
): Promise<boolean> {
  const total = (await copying.ends()).reduce((sum, { high }) => sum + high, 0);
  const bar = progressLine('Copying', total, log);
  try {
    return await comeNear(signal, copying, async (ends) => {
      copying.check();
      const missing = copying.missing(ends);
      bar.update(total - missing, counted(missing, 'offset to copy', 'offsets to copy'));
      return missing;
    });
  } finally {
    bar.stop();
  }
}

/**
 * Tells which records of a partition before an offset are dead letters, when the live generation has come there: it
 * publishes a letter before its head passes the record. One that stands still is not waited for: when other programs are
 * deployed, nobody counts the topic any more.
 */
function whenJudged(
  live: StoreReader,
  refused: KnownLetters,
  { standingMs, signal }: { standingMs: number; signal: AbortSignal },
) {
  /** By partition: the live head when it was last looked at. */
  const heads = new Map<number, number>();
  /** By partition: the letters, and the offset up to which they are known to be all. */
  const known = new Map<number, { letters: LetterLookup; to: number }>();
  const standing = new Map<number, number>();
  const waitFor = async (partition: number, to: number): Promise<number> => {
    for (let since = Date.now(); ; await sleep(POLL_MS)) {
      const before = heads.get(partition);
      const now = (await patiently(() => live.heads()))[partition]?.next ?? 0;
      heads.set(partition, now);
      if (before !== undefined && now !== before) since = Date.now();
      if (now >= to || now === standing.get(partition) || signal.aborted) return now;
      if (Date.now() - since <= standingMs) continue;
      standing.set(partition, now);
      return now;
    }
  };
  return async (partition: number, to: number): Promise<LetterLookup> => {
    const before = known.get(partition);
    if (before && before.to >= to) return before.letters;
    const judged = await waitFor(partition, to);
    const letters = await patiently(() => refused.of(partition));
    known.set(partition, { letters, to: judged });
    return letters;
  };
}

/** Whether a shard has sent it. Whatever can't be read is a client's. */
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
