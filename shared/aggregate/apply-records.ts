import type { LetterLookup } from '../dead-letters/known-letters.ts';
import { type DeadLetter, decode, type UserRef, usersOf } from '../event/decode.ts';
import { OUTCOMES } from '../event/outcome.ts';
import { noOutcomes, type OutcomeCounts } from '../fold/chunk-delta.ts';
import { fold } from '../fold/fold.ts';
import type { Forwarded } from '../fold/identity.ts';
import { FootfallError } from '../platform/errors.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import type { Head, ShardStore } from '../shard/shard-store.ts';
import type { Site, Sites } from '../sites/site.ts';
import type { SiteSource } from '../sites/source.ts';
import { countCommitted } from './observe-batch.ts';
import { outOfTime, type Pace } from './time-budget.ts';

/** What applying a batch needs of the world outside. */
export interface ApplyContext {
  store: ShardStore;
  sites: SiteSource;
  /** Partitions of the events topic. */
  partitions: number;
  publishDeadLetters(letters: DeadLetter[]): Promise<void>;
  /** Publishes to the events topic. */
  forward(events: Forwarded[]): Promise<void>;
  /** Puts a shard's definitions of funnels right, as they are stored for good. */
  restoreFunnels(partition: number): Promise<void>;
  /** The first offset that Kafka still has of a partition. */
  firstOffset(partition: number): Promise<number>;
  /** Hands over Kafka's records from an offset (inclusive) to another (exclusive), in order. */
  readRange(
    partition: number,
    from: number,
    to: number,
    apply: (records: KafkaRecord[]) => Promise<void>,
  ): Promise<void>;
  /** What of a partition is a dead letter by now; asked before records are read once more. */
  refusedBefore(partition: number): Promise<LetterLookup>;
  /** Told of each range that was missing in Redis and is read from Kafka again, or that Kafka lost too. */
  onGap(gap: { partition: number; from: number; to: number; lost: boolean }): void;
  /** Told of offsets that are read from Kafka again and applied. */
  onRefilled(offsets: number): void;
  /** Of the container. */
  pace: Pace;
  /** Until Lambda ends this invocation, ms. */
  remainingMs(): number;
}

/**
 * Rounds (a gap filled, or a commit that found somebody else's) without the head moving on before the batch is
 * handed back. As long as it moves, somebody applies records, and there are only so many in a batch.
 */
const MAX_ROUNDS_ON_THE_SPOT = 8;

/**
 * Applies records of one partition, in the order of their offsets, exactly once: records that the shard's head
 * is past are skipped, a gap before them is filled from Kafka first, and each chunk commits with the head.
 * Whatever is thrown, what has been committed stays committed and the same records may be given again.
 * @param refusedBefore what is a letter by now stays refused, whatever the sites are by now, and is counted when that
 *   is replayed. Asked when the sites are known: who refuses a record of an unknown site later than that knows no
 *   fewer sites.
 * @returns how many records had which outcome; those skipped are in none.
 * @throws FootfallError `commit_conflict` when others commit all the time, `out_of_time` when only a part of the
 *   records could be applied before Lambda ends the invocation, `sites_unavailable` when it can't be told
 *   whether a site exists; else what Redis or Kafka threw.
 */
export async function applyRecords(
  records: readonly KafkaRecord[],
  context: ApplyContext,
  refusedBefore: () => Promise<LetterLookup> = async () => () => undefined,
): Promise<OutcomeCounts> {
  const partition = records[0]!.partition;
  const users = usersOf(records, context.partitions);
  const sites = await sitesOf(users, context.sites);
  const refused = await refusedBefore();
  const read = (record: KafkaRecord) => {
    const decoded = decode(record, users, sites);
    const before = refused(record);
    if (!before) return decoded;
    const { origin, replays } = decoded.event ?? decoded;
    // One that has been made since is not whose it was counted as.
    const { reason, detail } = before;
    const site = reason === 'unknown_site' ? undefined : decoded.site;
    return { record, reason, detail, site, origin, replays } as DeadLetter<Site>;
  };
  const counts = noOutcomes();
  let publishedUntil = 0;
  // Of dead letters, known when the records are read: then the shard is asked which of them it has had.
  const replays = new Set<string>();
  let furthest = -1;
  let hasFunnels = false;
  let version = 0;
  for (let rounds = 0; rounds < MAX_ROUNDS_ON_THE_SPOT; rounds++) {
    const { head, states, funnels, arrivals, replayed } = await context.store.read(
      partition,
      users.values(),
      replays,
    );
    if (head.next > furthest) {
      furthest = head.next;
      rounds = 0;
    }
    // Redis has lost what it had, the definitions that were just put there, too.
    if (head.version < version) hasFunnels = false;
    version = head.version;
    const isGap = records[0]!.offset > head.next;
    // A shard of which nothing is there, or not all, may lack definitions, too. They are to be there before anything
    // is folded.
    if ((isGap || head.next === 0) && !hasFunnels) {
      await context.restoreFunnels(partition);
      hasFunnels = true;
      continue;
    }
    if (isGap) {
      hasFunnels = false;
      await fillGap(partition, head, records[0]!.offset, context);
      continue;
    }
    const fresh = records.filter(({ offset }) => offset >= head.next);
    const shard = { generation: context.store.generation, next: head.next };
    const commits: (() => Promise<boolean>)[] = [];
    const counted: { ledger: OutcomeCounts[]; letters: DeadLetter[] }[] = [];
    const letters: DeadLetter[] = [];
    const forwards: Forwarded[] = [];
    let expected = head;
    const askedFor = replays.size;
    const chunks = fold(fresh, read, states, funnels, arrivals, shard, replayed);
    const last = records.at(-1)!.offset;
    let isCutShort = false;
    while (expected.next <= last) {
      if (!context.pace.hasTimeFor(commits.length, context.remainingMs())) {
        isCutShort = true;
        break;
      }
      const began = performance.now();
      const { value: chunk, done } = chunks.next();
      if (done) break;
      for (const letter of chunk.replays) replays.add(letter);
      commits.push(context.store.prepare(partition, expected, chunk));
      counted.push({ ledger: [...chunk.ledger.values()], letters: chunk.letters });
      letters.push(
        ...chunk.letters.filter(({ record }) => record.offset >= publishedUntil && !refused(record)),
      );
      forwards.push(...chunk.forwards.filter(({ origin }) => origin.offset >= publishedUntil));
      expected = { version: expected.version + 1, next: chunk.nextOffset };
      context.pace.folded(performance.now() - began);
    }
    if (replays.size > askedFor) continue;
    // Before the commits: a crash in between publishes them twice, which is seen; the other order would lose them.
    if (letters.length > 0) await context.publishDeadLetters(letters);
    if (forwards.length > 0) await context.forward(forwards);
    publishedUntil = Math.max(publishedUntil, expected.next);

    // Sent in one go: a batch of several chunks still takes one round trip.
    const began = performance.now();
    const results = await Promise.allSettled(commits.map((commit) => commit()));
    const tookMs = performance.now() - began;
    context.pace.committed(tookMs, commits.length);
    record(METRICS.commitMs, tookMs);
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') throw result.reason;
      if (!result.value) break;
      const { ledger, letters } = counted[i]!;
      const chunk = noOutcomes();
      for (const one of ledger) for (const outcome of OUTCOMES) chunk[outcome] += one[outcome];
      for (const outcome of OUTCOMES) counts[outcome] += chunk[outcome];
      countCommitted(chunk, letters);
    }
    if (!results.every((result) => result.status === 'fulfilled' && result.value)) continue;
    if (isCutShort) throw outOfTime();
    return counts;
  }
  throw new FootfallError(
    'commit_conflict',
    503,
    `Partition ${partition}: other commits kept coming in between.`,
  );
}

/**
 * The sites by which records are judged. Who sent a record knew its site, so a site that is not known here may have
 * been made a moment ago: only one that is not in its topic either is unknown.
 */
async function sitesOf(users: ReadonlyMap<string, UserRef>, source: SiteSource): Promise<Sites> {
  const sites = await source.current();
  return users.values().every(({ site }) => sites.get(site)) ? sites : source.complete();
}

/**
 * Applies what Kafka has of a partition before an offset (exclusive) and the shard does not have. It ends as well when
 * somebody else is found to do the same, who goes on.
 * @throws as {@link applyRecords}; what was applied stays so.
 */
export async function fillUpTo(partition: number, to: number, context: ApplyContext): Promise<void> {
  for (let rounds = 0; rounds < MAX_ROUNDS_ON_THE_SPOT; rounds++) {
    const { head } = await context.store.read(partition, []);
    if (head.next >= to) return;
    await context.restoreFunnels(partition);
    if (await fillGap(partition, head, to, context, { yields: true })) return;
  }
}

class Overtaken extends Error {}

/**
 * The records between the head and a batch were applied once, or never came: Kafka has them, apply them now.
 * @param options.yields ends when somebody else has applied a part of them meanwhile: the same would be read twice.
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
      const counts = await applyRecords(records, context, async () => refused);
      if (yields && OUTCOMES.every((outcome) => counts[outcome] === 0)) throw new Overtaken();
      const next = records.at(-1)!.offset + 1;
      context.onRefilled(next - filled);
      filled = next;
    });
  } catch (error) {
    if (error instanceof Overtaken) return true;
    throw error;
  }
  // Offsets without a record (the markers of a transactional producer) leave the head short of `to`. A head
  // that is further back has lost its memory meanwhile: there is a new gap, to be filled and not passed over.
  const { head: reached } = await context.store.read(partition, []);
  if (reached.next >= filled && reached.next < to) {
    await context.store.skip(partition, reached, to, { lost: false });
  }
  return false;
}
