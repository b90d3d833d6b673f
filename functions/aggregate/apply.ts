import type { OutcomeCounts } from '../../shared/aggregation/deltas.ts';
import { fold } from '../../shared/aggregation/fold.ts';
import { FootfallError } from '../../shared/errors.ts';
import { decodeBatch, type KafkaRecord } from '../../shared/events/decode.ts';
import type { DeadLetter } from '../../shared/kafka/dead-letters.ts';
import type { Sites } from '../../shared/sites.ts';
import type { Head, ShardStore } from '../../shared/store/shard.ts';

/** What applying a batch needs of the world outside. */
export interface ApplyContext {
  store: ShardStore;
  sites: Sites;
  /** Partitions of the events topic. */
  partitions: number;
  publishDeadLetters(letters: DeadLetter[]): Promise<void>;
  /** The first offset that Kafka still has of a partition. */
  firstOffset(partition: number): Promise<number>;
  /** Hands over Kafka's records from an offset (inclusive) to another (exclusive), in order. */
  readRange(
    partition: number,
    from: number,
    to: number,
    apply: (records: KafkaRecord[]) => Promise<void>,
  ): Promise<void>;
  /** Told of each range that was missing in Redis and is read from Kafka again, or that Kafka lost too. */
  onGap(gap: { partition: number; from: number; to: number; lost: boolean }): void;
}

/** Rounds (a gap filled, or a commit that found somebody else's) before the batch is handed back. */
const MAX_ROUNDS = 8;

/**
 * Applies records of one partition, in the order of their offsets, exactly once: records that the shard's head
 * is past are skipped, a gap before them is filled from Kafka first, and each chunk commits with the head.
 * Whatever is thrown, what has been committed stays committed and the same records may be given again.
 * @returns how many records had which outcome; those skipped are in none.
 * @throws FootfallError `commit_conflict` when others commit all the time; else what Redis or Kafka threw.
 */
export async function applyRecords(
  records: readonly KafkaRecord[],
  context: ApplyContext,
): Promise<OutcomeCounts> {
  const partition = records[0]!.partition;
  const { decoded, users } = decodeBatch(records, context.sites, context.partitions);
  const counts: OutcomeCounts = { applied: 0, duplicate: 0, deadLettered: 0 };
  let deadLettered = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { head, states } = await context.store.read(partition, users);
    if (records[0]!.offset > head.next) {
      await fillGap(partition, head, records[0]!.offset, context);
      continue;
    }
    const fresh =
      head.next > records[0]!.offset ? decoded.filter(({ record }) => record.offset >= head.next) : decoded;
    if (fresh.length === 0) return counts;

    // Before the commit: a crash in between publishes a dead letter twice, the other order would lose it.
    const letters = fresh.filter((one): one is DeadLetter => !one.event && one.record.offset >= deadLettered);
    if (letters.length > 0) {
      await context.publishDeadLetters(letters);
      deadLettered = letters.at(-1)!.record.offset + 1;
    }

    const commits: Promise<boolean>[] = [];
    const chunks = [];
    let expected = head;
    for (const chunk of fold(fresh, states)) {
      commits.push(context.store.commit(partition, expected, chunk));
      chunks.push(chunk);
      expected = { version: expected.version + 1, next: chunk.nextOffset };
    }
    const results = await Promise.allSettled(commits);
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') throw result.reason;
      if (!result.value) break;
      for (const one of chunks[i]!.ledger.values()) {
        for (const outcome of ['applied', 'duplicate', 'deadLettered'] as const)
          counts[outcome] += one[outcome];
      }
    }
    if (results.every((result) => result.status === 'fulfilled' && result.value)) return counts;
  }
  throw new FootfallError(
    'commit_conflict',
    503,
    `Partition ${partition}: other commits kept coming in between.`,
  );
}

/** The records between the head and a batch were applied once, or never came: Kafka has them, apply them now. */
async function fillGap(partition: number, head: Head, to: number, context: ApplyContext): Promise<void> {
  const first = Math.min(await context.firstOffset(partition), to);
  if (first > head.next) {
    context.onGap({ partition, from: head.next, to: first, lost: true });
    await context.store.skip(partition, head, first, { lost: true });
    return;
  }
  context.onGap({ partition, from: head.next, to, lost: false });
  await context.readRange(partition, head.next, to, async (records) => {
    await applyRecords(records, context);
  });
  // Offsets without a record (the markers of a transactional producer) leave the head short of `to`.
  const { head: reached } = await context.store.read(partition, []);
  if (reached.next < to) await context.store.skip(partition, reached, to, { lost: false });
}
