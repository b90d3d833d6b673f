import { setTimeout as sleep } from 'node:timers/promises';
import { OUTCOMES } from '../../shared/event/outcome.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { type Counters, increase } from '../../shared/platform/counters.ts';
import { counted } from '../../shared/platform/progress-line.ts';
import { isLostField, lostRange } from '../../shared/platform/redis/fields.ts';
import { accountedFor } from '../../shared/questions/ledger.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import type { RebuildContext } from './context.ts';
import type { Copying } from './copy.ts';
import type { Filling } from './fill.ts';
import { differencesOf, type Verdict } from './verdict.ts';

/** How long one generation waits for the other to come to the same offset, ms. */
const MEETING_MS = 15_000;
const POLL_MS = 20;

type Ledger = Awaited<ReturnType<StoreReader['ledger']>>;
type Range = ReturnType<typeof lostRange>;

/** The two generations under comparison. Outcomes are summed by `site:outcome` over the partitions compared so far. */
interface Comparison {
  live: { generation: Generation; reader: StoreReader; outcomes: Map<string, number> };
  next: { filling: Filling; reader: StoreReader; outcomes: Map<string, number> };
  verdict: Verdict;
}

/**
 * Checks that every record has an outcome, and compares the outcomes with those of the live generation, site by site, up
 * to one offset in both. Only what clients have sent is compared: records between shards differ between generations.
 * @param filling of the new generation. It goes on; a partition under comparison is held for a moment.
 * @param copying given when the two generations are of different topics. Then all partitions are held and compared as
 *   a whole.
 */
export async function verify(
  context: RebuildContext,
  filling: Filling,
  live: Generation,
  copying?: Copying,
): Promise<Verdict> {
  const { partitions } = live;
  const comparison: Comparison = {
    live: { generation: live, reader: context.reader(live), outcomes: new Map() },
    next: { filling, reader: context.reader(filling.generation), outcomes: new Map() },
    verdict: { problems: [], lost: [], differences: [], compared: 0, partitions },
  };
  await checkLedgers(comparison, copying !== undefined);
  if (copying) await compareCopy(comparison, copying);
  else for (const partition of partitionsOf(live)) await comparePartition(comparison, partition);
  const { verdict, next } = comparison;
  verdict.differences = differencesOf(comparison.live.outcomes, next.outcomes);
  return verdict;
}

/** Checks the new generation by itself: whether it is balanced, and whether it has lost what the live one has. */
async function checkLedgers({ live, next, verdict }: Comparison, isCopy: boolean): Promise<void> {
  for (const partition of partitionsOf(next.filling.generation)) {
    const ledger = await next.reader.ledger(partition);
    // What the source of a copy no longer has shows as a difference.
    const gone = isCopy ? 0 : lostSince(ledger, await live.reader.ledger(partition));
    if (gone > 0) {
      verdict.problems.push(
        `Partition ${partition}: Kafka no longer has ${counted(gone, 'record')} that generation ${live.generation.id} has counted.`,
      );
    }
    const accounted = accountedFor(ledger.sums);
    if (ledger.next !== accounted) {
      verdict.problems.push(
        `Partition ${partition} is not balanced: ${ledger.next} offsets, ${accounted} outcomes.`,
      );
    }
    verdict.lost.push(...lostFields(ledger).map((field) => `${partition}: ${field}`));
  }
}

/** Compares one partition, unless the two have not lost the same records. */
async function comparePartition({ live, next, verdict }: Comparison, partition: number): Promise<void> {
  const pair = await atSameOffset(live.reader, partition, {
    hold: (limit) => next.filling.holdAt(partition, limit),
    read: async () => {
      const ledger = await next.reader.ledger(partition);
      return { next: ledger.next, ledger };
    },
  });
  await next.filling.holdAt(partition, Infinity);
  if (!pair) verdict.problems.push(staysBehind(partition));
  else if (lostFields(pair.live).join() === lostFields(pair.other.ledger).join()) {
    verdict.compared++;
    addClientOutcomes(live.outcomes, pair.live);
    addClientOutcomes(next.outcomes, pair.other.ledger);
  }
}

/** Compares what was counted of the source, up to one offset of each partition, with what was counted of its copy. */
async function compareCopy({ live, next, verdict }: Comparison, copying: Copying): Promise<void> {
  const all = partitionsOf(live.generation);
  try {
    for (const partition of all) {
      const pair = await atSameOffset(live.reader, partition, {
        hold: (limit) => copying.holdAt(partition, limit),
        read: async () => ({ next: copying.position(partition) }),
      });
      if (!pair) verdict.problems.push(staysBehind(partition));
      else {
        verdict.compared++;
        addClientOutcomes(live.outcomes, pair.live);
      }
    }
    // Dead letters are not copied.
    for (const field of live.outcomes.keys())
      if (field.endsWith(':deadLettered')) live.outcomes.delete(field);
    await countCopy(next, countOf(live.outcomes));
  } finally {
    for (const partition of all) await copying.holdAt(partition, Infinity);
  }
}

/**
 * Sums the outcomes of the copy once it is counted to its end.
 * @param expected how many records it should have. Kafka shows the end of a partition some moments after it has taken
 *   the last records, so the end alone does not say that all are counted.
 */
async function countCopy({ filling, reader, outcomes }: Comparison['next'], expected: number): Promise<void> {
  for (const until = Date.now() + MEETING_MS; ; await sleep(POLL_MS)) {
    const ends = await filling.ends();
    const ledgers = await Promise.all(ends.map(({ partition }) => reader.ledger(partition)));
    outcomes.clear();
    for (const ledger of ledgers) addClientOutcomes(outcomes, ledger);
    const isAtEnd = ends.every(({ high }, i) => ledgers[i]!.next >= high);
    if ((isAtEnd && countOf(outcomes) >= expected) || Date.now() > until) return;
  }
}

const partitionsOf = ({ partitions }: Generation) =>
  Array.from({ length: partitions }, (_, partition) => partition);

const staysBehind = (partition: number) =>
  `Partition ${partition}: the live generation stays behind, so the two cannot be compared.`;

/** Counts the offsets that one ledger has lost and another has counted. */
function lostSince(ledger: Ledger, other: Ledger): number {
  const common = (one: Range, another: Range) =>
    Math.max(0, Math.min(one.to, another.to) - Math.max(one.from, another.from) + 1);
  const otherLost = lostFields(other).map(lostRange);
  const passed = { from: 0, to: other.next - 1 };
  return lostFields(ledger)
    .map(lostRange)
    .reduce(
      (sum, lost) =>
        otherLost.reduce((rest, alsoLost) => rest - common(lost, alsoLost), sum + common(lost, passed)),
      0,
    );
}

const lostFields = ({ sums }: Ledger) => [...sums.keys()].filter(isLostField).sort();

/**
 * Reads the live ledger of a partition, and the other side when it stands at the same offset, where it is held.
 * @returns undefined when the live generation is behind and does not move.
 */
async function atSameOffset<T extends { next: number }>(
  live: StoreReader,
  partition: number,
  other: { hold(limit: number): Promise<void>; read(): Promise<T> },
): Promise<{ live: Ledger; other: T } | undefined> {
  await other.hold(0);
  for (const until = Date.now() + MEETING_MS; Date.now() < until; await sleep(POLL_MS)) {
    const ledger = await live.ledger(partition);
    let seen = await other.read();
    if (ledger.next > seen.next) {
      await other.hold(ledger.next);
      while (seen.next < ledger.next && Date.now() < until) {
        await sleep(POLL_MS);
        seen = await other.read();
      }
    }
    if (ledger.next === seen.next) return { live: ledger, other: seen };
  }
  return undefined;
}

const countOf = (sums: Counters) => sums.values().reduce((total, count) => total + count, 0);

/** Adds the outcomes of what clients have sent, by `site:outcome`. */
function addClientOutcomes(
  to: Map<string, number>,
  { sums, derived }: Pick<Ledger, 'sums' | 'derived'>,
): void {
  for (const [field, count] of sums) {
    if (OUTCOMES.some((outcome) => field.endsWith(`:${outcome}`))) {
      increase(to, field, count - (derived.get(field) ?? 0));
    }
  }
}
