import { setTimeout as sleep } from 'node:timers/promises';
import { KnownLetters, type LetterLookup } from '../../shared/dead-letters/known-letters.ts';
import { type OffsetRange, rangeOf } from '../../shared/dead-letters/letter-window.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { followTopic } from '../../shared/platform/kafka/follow-topic.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type PartitionOffsets, TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { makeTopicLike } from '../../shared/platform/kafka/topics.ts';
import { counted, progressLine } from '../../shared/platform/progress-line.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { comeNear, liveGeneration, type Target } from './build.ts';
import { knownGenerations, type RebuildContext } from './context.ts';
import { openCopyWriter } from './copy-writer.ts';
import { patiently } from './fill.ts';

const POLL_MS = 100;
/** How long to wait for a live generation that does not move, ms. Its programs may be gone, or just be deployed again. */
const STANDING_MS = 60_000;

/** A topic that is being copied into one with another number of partitions. */
export interface Copying {
  /** Reads how far the source topic goes now. */
  ends(): Promise<PartitionOffsets[]>;
  /** The offset of a source partition before which everything is copied. */
  position(partition: number): number;
  /** Stops before an offset of a source partition until the next call. `Infinity` lets it go on. */
  holdAt(partition: number, limit: number): Promise<void>;
  /** Waits until everything is copied that the source has now. @returns false when it was interrupted. */
  caughtUp(signal: AbortSignal): Promise<boolean>;
  /** Counts the offsets before these ends that are still to be copied. */
  missing(ends: readonly PartitionOffsets[]): number;
  /** Throws what copying failed with. */
  check(): void;
  close(): Promise<void>;
}

/**
 * Copies what clients have sent into another topic, each record once, with its key and time, and goes on with what
 * comes. A record's copy and the offset after it are one transaction, so a later run goes on where this one ends, and
 * only one process can write.
 *
 * Two kinds of records are left out. The shards of the new topic send each other their own derived records. A dead
 * letter would be counted beside its replay, which is copied as an ordinary record. To know the letters, the copy stays
 * behind the live generation for as long as that moves.
 * @param options.standingMs how long to wait for a live generation that does not move, ms.
 * @throws FootfallError `bad_option` when the target is the source; `wrong_partitions` when it exists with another
 *   number of partitions; `topic_not_empty` when it has records and no copy was noted.
 */
export async function openCopying(
  context: RebuildContext,
  target: Target,
  { standingMs = STANDING_MS } = {},
): Promise<Copying> {
  const { kafka } = context.config;
  if (target.topic === kafka.eventsTopic) {
    throw new FootfallError('bad_option', 400, '--topic must name another topic than the current one.');
  }
  await makeTopicLike(kafka, target);
  const live = context.reader(await liveGeneration(context, await knownGenerations(context)));
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
        const isLetter = await lettersOf(partition, rangeOf(records));
        // The next run copies it.
        if (closed.signal.aborted) throw new Error('Closed.');
        const copied = records.filter((record) => !isDerived(record) && !isLetter(record));
        // With nothing to copy, the offset is noted with the next records: a later run finds nothing to copy there, too.
        // (kafkajs does not wait for the transaction before when a transaction begins with an offset.)
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
    `${topic} already has records, and no earlier run of this command is known to have copied them. Name another topic.`,
  );

/** Whether a topic has a record. Records of aborted transactions do not count. */
async function hasRecords(kafka: RebuildContext['config']['kafka'], topic: string): Promise<boolean> {
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

/** Waits until all that had come two seconds ago is copied, and shows the progress. @returns false when interrupted. */
export async function copyAll(
  { log, signal }: Pick<RebuildContext, 'log' | 'signal'>,
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
 * Makes a function that tells which records of a range of a partition are dead letters. It waits until the live
 * generation has come there, since aggregate publishes a letter before its head passes the record. It does not wait for
 * a generation that stands still: once other programs are deployed, no process counts the topic any more.
 */
function whenJudged(
  live: StoreReader,
  refused: KnownLetters,
  { standingMs, signal }: { standingMs: number; signal: AbortSignal },
) {
  /** By partition: the live head when it was last read. */
  const heads = new Map<number, number>();
  /** By partition: the letters before this offset are known. */
  const known = new Map<number, number>();
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
  return async (partition: number, range: OffsetRange): Promise<LetterLookup> => {
    if ((known.get(partition) ?? 0) < range.to) {
      const judged = await waitFor(partition, range.to);
      await patiently(() => refused.catchUp());
      known.set(partition, judged);
    }
    return patiently(() => refused.of(partition, range));
  };
}

/** Whether a shard has sent the record. A record that cannot be read is a client's. */
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
