import type { LetterLookup } from '../dead-letters/known-letters.ts';
import { rangeOf } from '../dead-letters/letter-window.ts';
import type { UserRef } from '../event/decode.ts';
import { OUTCOMES } from '../event/outcome.ts';
import { addOutcomes, noOutcomes, type OutcomeCounts } from '../fold/chunk-delta.ts';
import { FootfallError } from '../platform/errors.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import type { Head } from '../shard/committer.ts';
import type { ApplyContext } from './apply-context.ts';
import { type BatchDecoder, openDecoder } from './batch-decoder.ts';
import { countCommitted } from './observe-batch.ts';
import { type PreparedBatch, prepareChunks } from './prepare-chunks.ts';
import { outOfTime } from './time-budget.ts';

/**
 * Rounds in which the shard's head may stand still before the batch is handed back. A round fills a gap, or finds that
 * another consumer has committed. While the head moves, records are applied, and a batch has an end.
 */
const MAX_ROUNDS_WITHOUT_PROGRESS = 8;

/**
 * Applies records of one partition, in the order of their offsets, exactly once. Records that the shard's head is past
 * are skipped. A gap before the records is filled from Kafka first. Each chunk commits together with the head. Where
 * the users' states weigh too much to be held at once, the records are applied in parts.
 *
 * When this throws, what has been committed stays committed, and the caller may give the same records again.
 * @param records at least one, all of one partition
 * @param refusedBefore which records are dead letters by now; those stay refused, and are counted when they are
 *   replayed
 * @returns how many records had which outcome, without those that were skipped.
 * @throws FootfallError `commit_conflict` when others keep committing, `out_of_time` when Lambda ends the invocation
 *   before all records can be applied, `sites_unavailable` when it is not known whether a site exists; otherwise what
 *   Redis or Kafka threw.
 * @example
 * const counts = await applyRecords(records, contextOf(config, services, { onGap: logGap }));
 */
export async function applyRecords(
  records: readonly KafkaRecord[],
  context: ApplyContext,
  refusedBefore: () => Promise<LetterLookup> = async () => () => undefined,
): Promise<OutcomeCounts> {
  const { partition, offset: first } = records[0]!;
  const { offset: last } = records.at(-1)!;
  const decoder = await openDecoder(records, context, refusedBefore);
  const counts = noOutcomes();
  /** Dead letters that the records replay. They are found by folding; a second read tells which the shard has had. */
  const replays = new Set<string>();
  let publishedUntil = 0;
  let hasFunnels = false;
  let [furthest, version] = [-1, 0];
  /** The records that are left, as far as is known. */
  let left = records;
  let most = Infinity;
  for (let rounds = 0; rounds < MAX_ROUNDS_WITHOUT_PROGRESS; rounds++) {
    const users = usersIn(left, decoder, most);
    const snapshot = await context.store.read(partition, users, replays);
    const { head } = snapshot;
    // Where states are heavy, the keys of further users are sent in vain.
    most = snapshot.users < users.length ? 2 * snapshot.users : 2 * most;
    if (head.next > furthest) {
      furthest = head.next;
      rounds = 0;
    }
    // Redis has lost its data, with the funnel definitions that were just written.
    if (head.version < version) hasFunnels = false;
    version = head.version;
    const isGap = first > head.next;
    // An empty or incomplete shard may lack funnel definitions too. The fold needs them.
    if ((isGap || head.next === 0) && !hasFunnels) {
      await context.restoreFunnels(partition);
      hasFunnels = true;
      continue;
    }
    if (isGap) {
      hasFunnels = false;
      await fillGap(partition, head, first, context);
      continue;
    }
    left = records.filter(({ offset }) => offset >= head.next);
    const part = partOf(left, decoder, new Set(users.slice(0, snapshot.users)));
    if (part.length === 0) {
      if (left.length === 0) return counts;
      continue;
    }
    const batch = await prepareChunks(part, { ...context, snapshot, decoder });
    const known = replays.size;
    for (const letter of batch.replays) replays.add(letter);
    if (replays.size > known) continue;
    // Before the commits. A crash in between publishes twice, which is detected; the other order would lose records.
    await publish(batch, publishedUntil, decoder, context);
    publishedUntil = Math.max(publishedUntil, batch.next);
    if (!(await commit(batch, counts, context))) continue;
    if (batch.isCutShort) throw outOfTime();
    if (batch.next > last) return counts;
    left = left.filter(({ offset }) => offset >= batch.next);
  }
  throw new FootfallError(
    'commit_conflict',
    503,
    `Partition ${partition}: another consumer keeps committing.`,
  );
}

/** The users of records, in their order. @param most of them */
function usersIn(records: readonly KafkaRecord[], { users }: BatchDecoder, most: number): UserRef[] {
  const found = new Set<UserRef>();
  for (const { key } of records) {
    const user = users.get(key ?? '');
    if (user) found.add(user);
    if (found.size >= most) break;
  }
  return [...found];
}

/** The first records: those before the first one of another user than these. */
function partOf(
  records: readonly KafkaRecord[],
  { users }: BatchDecoder,
  known: ReadonlySet<UserRef>,
): readonly KafkaRecord[] {
  const end = records.findIndex(({ key }) => {
    const user = users.get(key ?? '');
    return user !== undefined && !known.has(user);
  });
  return end < 0 ? records : records.slice(0, end);
}

/**
 * Publishes a batch's dead letters and what it sends to other shards.
 * @param from leaves out what lies before this offset.
 */
async function publish(
  { chunks }: PreparedBatch,
  from: number,
  decoder: BatchDecoder,
  context: ApplyContext,
): Promise<void> {
  const letters = chunks
    .flatMap((chunk) => chunk.letters)
    .filter((letter) => letter.record.offset >= from && !decoder.wasRefused(letter.record));
  const forwards = chunks.flatMap((chunk) => chunk.forwards).filter(({ origin }) => origin.offset >= from);
  if (letters.length > 0) await context.publishDeadLetters(letters);
  if (forwards.length > 0) await context.forward(forwards);
}

/**
 * Commits a batch's chunks in order, and adds what was committed to `counts`.
 * @returns whether all were committed; false when another consumer has committed in between.
 * @throws what Redis threw.
 */
async function commit(
  { chunks }: PreparedBatch,
  counts: OutcomeCounts,
  { commits, budget }: ApplyContext,
): Promise<boolean> {
  const began = performance.now();
  const { committed, failure } = await commits.send(chunks.map((chunk) => chunk.commit));
  const tookMs = performance.now() - began;
  budget.committed(tookMs, failure ? committed + 1 : committed);
  record(METRICS.commitMs, tookMs);
  for (const { outcomes, letters } of chunks.slice(0, committed)) {
    addOutcomes(counts, outcomes);
    countCommitted(outcomes, letters);
  }
  if (failure) throw failure.reason;
  return committed === chunks.length;
}

/**
 * Applies what Kafka has of a partition before an offset (exclusive) and the shard does not have. Also ends when
 * another consumer turns out to do the same; that one goes on.
 * @throws as {@link applyRecords}; what was applied stays applied.
 */
export async function fillUpTo(partition: number, to: number, context: ApplyContext): Promise<void> {
  for (let rounds = 0; rounds < MAX_ROUNDS_WITHOUT_PROGRESS; rounds++) {
    const { head } = await context.store.read(partition, []);
    if (head.next >= to) return;
    await context.restoreFunnels(partition);
    if (await fillGap(partition, head, to, context, { yields: true })) return;
  }
}

class Overtaken extends Error {}

/**
 * Applies the records between the head and an offset (exclusive) from Kafka. They were applied once, or never came.
 * @param options.yields ends when another consumer has applied a part of them in the meantime: both would read the
 *   same.
 * @returns whether it ended so.
 */
async function fillGap(
  partition: number,
  head: Head,
  to: number,
  context: ApplyContext,
  { yields = false } = {},
): Promise<boolean> {
  const first = Math.min(await context.firstOffset(partition), to);
  if (first > head.next) {
    context.onGap({ partition, from: head.next, to: first, lost: true });
    await context.store.skip(partition, head, first, { lost: true });
    return false;
  }
  context.onGap({ partition, from: head.next, to, lost: false });
  let filled = head.next;
  const refused = await context.refusedBefore(partition);
  try {
    await context.readRange(partition, head.next, to, async (records) => {
      const counts = await applyRecords(records, context, () => refused(rangeOf(records)));
      if (yields && OUTCOMES.every((outcome) => counts[outcome] === 0)) throw new Overtaken();
      const next = records.at(-1)!.offset + 1;
      context.onRefilled(next - filled);
      filled = next;
    });
  } catch (error) {
    if (error instanceof Overtaken) return true;
    throw error;
  }
  // Offsets without a record (markers of a transactional producer) leave the head short of `to`. A head that is behind
  // `filled` means that Redis has lost its data again: that gap must be filled, not skipped.
  const { head: reached } = await context.store.read(partition, []);
  if (reached.next >= filled && reached.next < to) {
    await context.store.skip(partition, reached, to, { lost: false });
  }
  return false;
}
