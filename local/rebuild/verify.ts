import { setTimeout as sleep } from 'node:timers/promises';
import { increase, type Sums } from '../../shared/aggregation/sums.ts';
import { accountedFor } from '../../shared/analytics/ledger.ts';
import { OUTCOMES, type Outcome } from '../../shared/events/outcome.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { isLostField } from '../../shared/store/fields.ts';
import type { StoreReader } from '../../shared/store/reads.ts';
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

/**
 * Looks whether every record has an outcome, and compares, site by site, what became of them in the live generation:
 * of a topic's own records, up to one offset in both. Records between shards are each generation's own affair.
 * @param filling of the generation, which goes on; a partition that is being compared is held for a moment.
 */
export async function verify(tools: Tools, filling: Filling, live: Generation): Promise<Verdict> {
  const { generation } = filling;
  const [theirs, ours] = [tools.reader(live), tools.reader(generation)];
  const verdict: Verdict = {
    ...{ problems: [], lost: [], differences: [], compared: 0, partitions: generation.partitions },
  };
  const totals = { live: new Map<string, number>(), next: new Map<string, number>() };
  const isSameTopic = live.topic === generation.topic;
  for (const { partition } of await filling.ends()) {
    let next = await ours.ledger(partition);
    if (next.next !== accountedFor(next.sums)) {
      verdict.problems.push(
        `Partition ${partition} is not balanced: ${next.next} offsets, ${accountedFor(next.sums)} outcomes.`,
      );
    }
    const lost = lostFields(next);
    verdict.lost.push(...lost.map((field) => `${partition}: ${field}`));
    if (!isSameTopic) continue;
    const other = await atSamePlace(theirs, ours, filling, partition);
    if (!other) {
      verdict.problems.push(
        `Partition ${partition}: the live generation stays behind, so it is not compared.`,
      );
      continue;
    }
    next = other.next;
    if (lostFields(other.live).join() !== lost.join()) continue;
    verdict.compared++;
    addOwn(totals.live, other.live);
    addOwn(totals.next, next);
  }
  if (!isSameTopic) {
    for (let partition = 0; partition < live.partitions; partition++) {
      addOwn(totals.live, await theirs.ledger(partition));
    }
    for (let partition = 0; partition < generation.partitions; partition++) {
      addOwn(totals.next, await ours.ledger(partition));
    }
    verdict.compared = generation.partitions;
  }
  verdict.differences = differencesOf(totals.live, totals.next);
  return verdict;
}

const lostFields = ({ sums }: Ledger) => [...sums.keys()].filter(isLostField).sort();

/** Both ledgers of a partition at one offset. Undefined: the live one is behind, and does not move. */
async function atSamePlace(
  theirs: StoreReader,
  ours: StoreReader,
  filling: Filling,
  partition: number,
): Promise<{ live: Ledger; next: Ledger } | undefined> {
  await filling.holdAt(partition, 0);
  try {
    for (const until = Date.now() + MEETING_MS; Date.now() < until; await sleep(WAIT_MS)) {
      const live = await theirs.ledger(partition);
      let next = await ours.ledger(partition);
      if (live.next > next.next) {
        await filling.holdAt(partition, live.next);
        while (next.next < live.next && Date.now() < until) {
          await sleep(WAIT_MS);
          next = await ours.ledger(partition);
        }
      }
      if (live.next === next.next) return { live, next };
    }
    return undefined;
  } finally {
    await filling.holdAt(partition, Infinity);
  }
}

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

function differencesOf(live: Sums, next: Sums): Difference[] {
  const sites = new Set([...live.keys(), ...next.keys()].map((field) => field.slice(0, field.indexOf(':'))));
  return [...sites].sort().flatMap((site) => {
    const of = (sums: Sums, outcome: Outcome) => sums.get(`${site}:${outcome}`) ?? 0;
    const sum = (sums: Sums) => OF_PEOPLE.reduce((total, outcome) => total + of(sums, outcome), 0);
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
