import { OUTCOMES, type Outcome } from '../../shared/event/outcome.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import type { Counters } from '../../shared/platform/counters.ts';

/** A number of records that differs between the two generations. */
export interface Difference {
  site: string;
  outcome: Outcome;
  live: number;
  next: number;
  /** What explains it; undefined when nothing does. */
  because: string | undefined;
}

/** What was found out about a generation before the switch to it. */
export interface Verdict {
  /** Sentences on what is wrong with the generation by itself. */
  problems: string[];
  /** Offsets that Kafka no longer has, as `partition: lost:from-to`. */
  lost: string[];
  /** How many of the live generation's partitions were compared. */
  compared: number;
  partitions: number;
  /** Summed over the partitions that were compared. */
  differences: Difference[];
}

/** Whether the generation may become the current one without `--force`. */
export const isGood = ({ problems, differences }: Verdict): boolean =>
  problems.length === 0 && differences.every(({ because }) => because !== undefined);

/**
 * Outcomes that an erasure may trade against each other. What it does to a record depends on what the shard knew of the
 * person then, and shards hear of each other in an order that is not the same twice.
 */
const OF_PEOPLE: readonly Outcome[] = ['applied', 'duplicate', 'forwarded', 'erased'];

/**
 * Compares the outcomes of two generations, site by site.
 * @param live by `site:outcome`, as are those of `next`.
 */
export function differencesOf(live: Counters, next: Counters): Difference[] {
  const sites = new Set([...live.keys(), ...next.keys()].map((field) => field.slice(0, field.indexOf(':'))));
  return [...sites].sort().flatMap((site) => {
    const of = (sums: Counters, outcome: Outcome) => sums.get(`${site}:${outcome}`) ?? 0;
    const ofPeople = (sums: Counters) => OF_PEOPLE.reduce((total, outcome) => total + of(sums, outcome), 0);
    const isShifted = ofPeople(live) === ofPeople(next) && of(live, 'erasure') > 0;
    return OUTCOMES.filter((outcome) => of(live, outcome) !== of(next, outcome)).map((outcome) => ({
      ...{ site, outcome, live: of(live, outcome), next: of(next, outcome) },
      because:
        isShifted && OF_PEOPLE.includes(outcome)
          ? 'people were erased, and shards heard of each other in another order'
          : undefined,
    }));
  });
}

/** The verdict for people. */
export function verdictLines(verdict: Verdict, { id }: Generation, live: Generation): string[] {
  const { problems, lost, compared, partitions, differences } = verdict;
  const lines = [...problems, ...lost.map((one) => `Lost, because Kafka no longer has it: partition ${one}`)];
  lines.push(`${compared} of ${partitions} partitions compared with generation ${live.id}.`);
  if (compared < partitions)
    lines.push('Partitions in which the two have not lost the same records cannot be compared.');
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
