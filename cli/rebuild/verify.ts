import { setTimeout as sleep } from 'node:timers/promises';
import { OUTCOMES, type Outcome } from '../../shared/event/outcome.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { type Counters, increase } from '../../shared/platform/counters.ts';
import { counted } from '../../shared/platform/progress.ts';
import { isLostField, lostRange } from '../../shared/platform/redis/fields.ts';
import { accountedFor } from '../../shared/questions/ledger.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import type { Copying } from './copy.ts';
import type { Filling } from './fill.ts';
import type { Tools } from './tools.ts';

/** For so long one generation waits for the other one to come to the same place, ms. */
const MEETING_MS = 15_000;
const WAIT_MS = 20;

/** A number of records that is not the same in both. */
export interface Difference {
  site: string;
  outcome: Outcome;
  live: number;
  next: number;
  /** Why that may be; undefined: nothing that is known of explains it. */
  because: string | undefined;
}

/** What can be said of a generation that is to be switched to. */
export interface Verdict {
  /** Sentences on what is wrong with it by itself. */
  problems: string[];
  /** What Kafka no longer has: `partition: lost:from-to`. */
  lost: string[];
  /** Partitions that were compared, of all. */
  compared: number;
  partitions: number;
  /** Of all partitions that were compared. */
  differences: Difference[];
}

export const isGood = ({ problems, differences }: Verdict): boolean =>
  problems.length === 0 && differences.every(({ because }) => because !== undefined);

type Ledger = Awaited<ReturnType<StoreReader['ledger']>>;
type Range = ReturnType<typeof lostRange>;

/**
 * Looks whether every record has an outcome, and compares, site by site, what became of them in the live generation:
 * of what clients have sent, up to one place in both. Records between shards are each generation's own affair.
 * @param filling of the generation, which goes on; a partition that is being compared is held for a moment.
 * @param copying where the two are of different topics: then all partitions are held, and compared as a whole.
 */
export async function verify(
  tools: Tools,
  filling: Filling,
  live: Generation,
  copying?: Copying,
): Promise<Verdict> {
  const { generation } = filling;
  const [theirs, ours] = [tools.reader(live), tools.reader(generation)];
  const verdict: Verdict = {
    ...{ problems: [], lost: [], differences: [], compared: 0, partitions: live.partitions },
  };
  for (let partition = 0; partition < generation.partitions; partition++) {
    const ledger = await ours.ledger(partition);
    // Of a copy, what its source no longer has shows as a difference.
    const gone = copying ? 0 : lostSince(ledger, await theirs.ledger(partition));
    if (gone > 0) {
      verdict.problems.push(
        `Partition ${partition}: Kafka no longer has ${counted(gone, 'record')} that generation ${live.id} has counted.`,
      );
    }
    if (ledger.next !== accountedFor(ledger.sums)) {
      verdict.problems.push(
        `Partition ${partition} is not balanced: ${ledger.next} offsets, ${accountedFor(ledger.sums)} outcomes.`,
      );
    }
    verdict.lost.push(...lostFields(ledger).map((field) => `${partition}: ${field}`));
  }
  const totals = { live: new Map<string, number>(), next: new Map<string, number>() };
  const isBehind = (partition: number) =>
    verdict.problems.push(`Partition ${partition}: the live generation stays behind, so it is not compared.`);
  if (copying) {
    await compareCopy({ theirs, ours, filling, copying, live, verdict, totals, isBehind });
  } else {
    for (let partition = 0; partition < generation.partitions; partition++) {
      const pair = await atSamePlace(theirs, partition, {
        hold: (limit) => filling.holdAt(partition, limit),
        look: async () => {
          const ledger = await ours.ledger(partition);
          return { next: ledger.next, ledger };
        },
      });
      await filling.holdAt(partition, Infinity);
      if (!pair) isBehind(partition);
      else if (lostFields(pair.live).join() === lostFields(pair.other.ledger).join()) {
        verdict.compared++;
        addOwn(totals.live, pair.live);
        addOwn(totals.next, pair.other.ledger);
      }
    }
  }
  verdict.differences = differencesOf(totals.live, totals.next);
  return verdict;
}

/** What was counted of a topic up to some place, against what was counted of all that is copied up to there. */
async function compareCopy({
  theirs,
  ours,
  filling,
  copying,
  live,
  verdict,
  totals,
  isBehind,
}: {
  theirs: StoreReader;
  ours: StoreReader;
  filling: Filling;
  copying: Copying;
  live: Generation;
  verdict: Verdict;
  totals: { live: Map<string, number>; next: Map<string, number> };
  isBehind(partition: number): void;
}): Promise<void> {
  const all = Array.from({ length: live.partitions }, (_, partition) => partition);
  try {
    for (const partition of all) {
      const pair = await atSamePlace(theirs, partition, {
        hold: (limit) => copying.holdAt(partition, limit),
        look: async () => ({ next: copying.position(partition) }),
      });
      if (!pair) isBehind(partition);
      else {
        verdict.compared++;
        addOwn(totals.live, pair.live);
      }
    }
    // Its letters are not copied.
    for (const field of totals.live.keys()) if (field.endsWith(':deadLettered')) totals.live.delete(field);
    for (const until = Date.now() + MEETING_MS; ; await sleep(WAIT_MS)) {
      const ends = await filling.ends();
      const ledgers = await Promise.all(ends.map(({ partition }) => ours.ledger(partition)));
      totals.next.clear();
      for (const ledger of ledgers) addOwn(totals.next, ledger);
      // Kafka shows the end of what was copied last some moments after it has taken it: so they are counted, too.
      const isThere = ends.every(({ high }, i) => ledgers[i]!.next >= high);
      if ((isThere && countOf(totals.next) >= countOf(totals.live)) || Date.now() > until) break;
    }
  } finally {
    for (const partition of all) await copying.holdAt(partition, Infinity);
  }
}

/** Offsets that one ledger has lost and another one has counted. */
function lostSince(ledger: Ledger, other: Ledger): number {
  const before = lostFields(other).map(lostRange);
  const both = (one: Range, another: Range) =>
    Math.max(0, Math.min(one.to, another.to) - Math.max(one.from, another.from) + 1);
  return lostFields(ledger)
    .map(lostRange)
    .reduce(
      (sum, one) =>
        before.reduce(
          (rest, another) => rest - both(one, another),
          sum + both(one, { from: 0, to: other.next - 1 }),
        ),
      0,
    );
}

const lostFields = ({ sums }: Ledger) => [...sums.keys()].filter(isLostField).sort();

/**
 * The live ledger of a partition, and what is seen of the other side when that stands at the same offset. The other side
 * is held there. Undefined: the live one is behind, and does not move.
 */
async function atSamePlace<T extends { next: number }>(
  theirs: StoreReader,
  partition: number,
  other: { hold(limit: number): Promise<void>; look(): Promise<T> },
): Promise<{ live: Ledger; other: T } | undefined> {
  await other.hold(0);
  for (const until = Date.now() + MEETING_MS; Date.now() < until; await sleep(WAIT_MS)) {
    const live = await theirs.ledger(partition);
    let seen = await other.look();
    if (live.next > seen.next) {
      await other.hold(live.next);
      while (seen.next < live.next && Date.now() < until) {
        await sleep(WAIT_MS);
        seen = await other.look();
      }
    }
    if (live.next === seen.next) return { live, other: seen };
  }
  return undefined;
}

const countOf = (sums: Counters) => sums.values().reduce((total, count) => total + count, 0);

/** Adds what became of a partition's own records. */
function addOwn(to: Map<string, number>, { sums, derived }: Pick<Ledger, 'sums' | 'derived'>): void {
  for (const [field, count] of sums) {
    if (OUTCOMES.some((outcome) => field.endsWith(`:${outcome}`))) {
      increase(to, field, count - (derived.get(field) ?? 0));
    }
  }
}

/** What an erasure makes of a record depends on what was known of its user, which other shards tell in an order of their own. */
const OF_PEOPLE: readonly Outcome[] = ['applied', 'duplicate', 'forwarded', 'erased'];

function differencesOf(live: Counters, next: Counters): Difference[] {
  const sites = new Set([...live.keys(), ...next.keys()].map((field) => field.slice(0, field.indexOf(':'))));
  return [...sites].sort().flatMap((site) => {
    const of = (sums: Counters, outcome: Outcome) => sums.get(`${site}:${outcome}`) ?? 0;
    const sum = (sums: Counters) => OF_PEOPLE.reduce((total, outcome) => total + of(sums, outcome), 0);
    const isShifted = sum(live) === sum(next) && of(live, 'erasure') > 0;
    return OUTCOMES.filter((outcome) => of(live, outcome) !== of(next, outcome)).map((outcome) => ({
      ...{ site, outcome, live: of(live, outcome), next: of(next, outcome) },
      because:
        isShifted && OF_PEOPLE.includes(outcome)
          ? 'people were erased, and their shards have heard of each other in another order'
          : undefined,
    }));
  });
}

/** The verdict for people. */
export function verdictLines(verdict: Verdict, { id }: Generation, live: Generation): string[] {
  const { problems, lost, compared, partitions, differences } = verdict;
  const lines = [...problems, ...lost.map((one) => `Lost, since Kafka no longer has it: partition ${one}`)];
  lines.push(`${compared} of ${partitions} partitions compared with generation ${live.id}.`);
  if (compared < partitions) lines.push('Where the two have not lost the same, they can not be compared.');
  if (differences.length > 0) {
    lines.push(`${'site'.padEnd(24)} ${'outcome'.padEnd(16)} ${live.id.padStart(12)} ${id.padStart(12)}`);
    for (const { site, outcome, live: before, next, because = 'NOT EXPLAINED' } of differences) {
      const numbers = `${String(before).padStart(12)} ${String(next).padStart(12)}`;
      lines.push(`${site.padEnd(24)} ${outcome.padEnd(16)} ${numbers}  ${because}`);
    }
  } else if (problems.length === 0) {
    lines.push('No difference.');
  }
  return lines;
}
