import { FootfallError } from '../platform/errors.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { logger } from '../platform/observe/observe.ts';
import type { ShardHead, StoreReader } from '../shard/reader.ts';
import { type Freshness, freshnessOf, inTime, readEnds } from './freshness.ts';

/** Where the system's status comes from. */
export interface StatusSources {
  store: Pick<StoreReader, 'heads' | 'lostRecords'>;
  fetchOffsets(): Promise<PartitionOffsets[]>;
  /** What the consumer group of aggregate has committed, by partition; absent: the group is not configured. */
  fetchCommitted?: (() => Promise<ReadonlyMap<number, number>>) | undefined;
  /** The number of open dead letters; absent: they are not counted. */
  countDeadLetters?: (() => Promise<number>) | undefined;
  /** How full Redis is, percent; 0 where it has no limit. Absent: it is not asked. */
  memoryUsed?: (() => Promise<number>) | undefined;
}

/** How far Redis is refilled from Kafka after it lost data. */
export interface Healing {
  /** Partitions with missing records. */
  partitions: number;
  /** Missing records that Kafka has. */
  recordsLeft: number;
  /** The applied share of what Kafka has and was applied before; 1 when nothing is missing. */
  shareDone: number;
}

/** The state of Kafka and Redis, as far as it is known. */
export interface SystemStatus {
  kafka: boolean;
  redis: boolean;
  /** Undefined when Redis is down. */
  freshness: Freshness | undefined;
  /** Records that Kafka deleted before they were applied; undefined when Redis is down. */
  lost: number | undefined;
  /** Records that Redis has applied and Kafka does not have; undefined when either is down. */
  ahead: number | undefined;
  /** Undefined when either is down, or the group is not known. */
  healing: Healing | undefined;
  deadLetters: number | undefined;
  /** Percent of its memory limit that Redis uses; 0 without a limit. Undefined when Redis does not say. */
  memory: number | undefined;
}

/**
 * Asks Kafka and Redis, independently of each other; one that does not answer in time is down.
 * @throws FootfallError `wrong_partitions` 500 when Redis has another number of partitions than the configuration.
 */
export async function readSystemStatus(sources: StatusSources): Promise<SystemStatus> {
  const { store, fetchOffsets, fetchCommitted, countDeadLetters, memoryUsed } = sources;
  const asked = Date.now();
  // The heads last: they then include all committed records, unless Redis has lost some.
  const [offsets, committed, deadLetters, lost, memory] = await Promise.all([
    readEnds(fetchOffsets),
    fetchCommitted && inTime(fetchCommitted, 'Kafka did not say how far its group has read'),
    countDeadLetters && inTime(countDeadLetters, 'The open dead letters cannot be counted'),
    orUndefined(store.lostRecords()),
    // Hosted Redis may refuse INFO, and nothing else depends on it.
    memoryUsed && inTime(memoryUsed, 'Redis did not say how full it is'),
  ]);
  const heads = lost === undefined ? undefined : await orUndefined(store.heads());
  const base = { kafka: offsets !== undefined, redis: heads !== undefined, deadLetters, memory };
  if (!heads) {
    return { ...base, freshness: undefined, lost: undefined, ahead: undefined, healing: undefined };
  }
  return {
    ...base,
    freshness: freshnessOf(asked, offsets, heads),
    lost,
    ahead: await countAhead(heads, offsets, fetchOffsets),
    healing: offsets && committed && healingOf(heads, offsets, committed),
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof FootfallError) throw error;
    logger.error('Redis does not answer', error as Error);
    return undefined;
  }
}

/**
 * What Redis has lost and can get back. Records below the group's committed offset were applied, so a shard whose head is
 * below it has lost data. Records that Kafka has deleted do not come back, and are not counted here.
 */
export function healingOf(
  heads: readonly ShardHead[],
  offsets: readonly PartitionOffsets[],
  committed: ReadonlyMap<number, number>,
): Healing {
  let [partitions, left, all] = [0, 0, 0];
  for (const { partition, next } of heads) {
    const low = offsets.find((one) => one.partition === partition)?.low ?? 0;
    const until = committed.get(partition) ?? 0;
    all += Math.max(0, until - low);
    const missing = until - Math.max(next, low);
    if (missing <= 0) continue;
    partitions += 1;
    left += missing;
  }
  return { partitions, recordsLeft: left, shareDone: all === 0 ? 1 : (all - left) / all };
}

/** The heads were read after the log's ends, so a head beyond its end may just have moved: the ends are read again. */
async function countAhead(
  heads: readonly ShardHead[],
  offsets: readonly PartitionOffsets[] | undefined,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<number | undefined> {
  if (!offsets || aheadOf(heads, offsets) === 0) return offsets && 0;
  const now = await readEnds(fetchOffsets);
  return now && aheadOf(heads, now);
}

const aheadOf = (heads: readonly ShardHead[], offsets: readonly PartitionOffsets[]) =>
  heads.reduce((sum, { partition, next }) => {
    const end = offsets.find((one) => one.partition === partition);
    return sum + Math.max(0, next - (end?.high ?? 0));
  }, 0);
