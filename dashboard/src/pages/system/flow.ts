import type { DataOf } from '../../api/types.ts';

/** What went through the system, as the differences between polls tell it. No rate is ever made up. */

type System = DataOf<'/v1/system'>;
type Ledger = DataOf<'/v1/ledger'>;

/** A partition of the events topic. Null: Kafka or Redis does not say. */
export interface PartitionReading {
  partition: number;
  /** The offset of the next record. */
  end: number | null;
  /** The offset of the next record to apply. */
  applied: number | null;
  lagEvents: number | null;
  /** The highest possible age of the oldest record that waits, ms; undefined: this key does not see it. */
  lagMs: number | null | undefined;
  appliedAt: string | null | undefined;
}

/** One poll. */
export interface Reading {
  /** ms since the epoch. */
  at: number;
  partitions: readonly PartitionReading[];
  /** Dead letters ever written; of the key's site, when the key is a site's. */
  letters: number | null;
}

/** A partition, and since when it has not moved although records wait. */
export interface PartitionFlow extends PartitionReading {
  /** ms for which this page has seen it stand still. */
  stillMs: number;
  isStuck: boolean;
  /** Records applied in a second. */
  rate: number | null;
}

/** Records in a second, by the last polls. Null: not known yet, or not told. */
export interface Flow {
  partitions: readonly PartitionFlow[];
  accepted: number | null;
  applied: number | null;
  letters: number | null;
}

/** How long a partition with waiting records must stand still to be called stuck, ms. */
const STUCK_MS = 12_000;
/** Rates are taken over this time, ms: long enough to be calm, short enough to show a stop. */
const RATE_MS = 10_000;
/** Polls are kept this long. */
const KEPT_MS = 120_000;

export const readingOfSystem = (system: System): Reading => ({
  at: Date.parse(system.as_of),
  partitions: system.partitions.map(({ lag_events, lag_ms, applied_at, ...rest }) => ({
    ...rest,
    lagEvents: lag_events,
    lagMs: lag_ms,
    appliedAt: applied_at,
  })),
  letters: system.topics ? sumOf(ends(system, 'dead_letters')) : null,
});

/** @param at when the ledger was last seen to be current: without changes, the answer itself is not sent again. */
export const readingOfLedger = (ledger: Ledger, at: number): Reading => ({
  at,
  partitions: ledger.partitions.map(({ partition, end, next, in_flight }) => ({
    ...{ partition, end, applied: next, lagEvents: in_flight, lagMs: undefined, appliedAt: undefined },
  })),
  letters: ledger.totals.dead_lettered,
});

const ends = (system: System, holds: string) =>
  (system.topics ?? [])
    .filter((topic) => topic.holds === holds)
    .flatMap(({ partitions }) => partitions.map(({ end }) => end));

/** The sum; null when a part is not known. */
export const sumOf = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);

/** Adds a poll to the polls before. A poll that is older than the last, or the same, changes nothing. */
export function addReading(readings: readonly Reading[], next: Reading): readonly Reading[] {
  const last = readings.at(-1);
  if (last && next.at <= last.at) return readings;
  const isOther = last && last.partitions.length !== next.partitions.length;
  return [...(isOther ? [] : readings.filter(({ at }) => next.at - at <= KEPT_MS)), next];
}

/** @param readings the oldest first; undefined without any. */
export function flowOf(readings: readonly Reading[]): Flow | undefined {
  const last = readings.at(-1);
  if (!last) return undefined;
  const before = readings.findLast(({ at }) => last.at - at >= RATE_MS) ?? readings[0]!;
  const rate = (of: (reading: Reading) => number | null) => rateBetween(before, last, of);
  return {
    partitions: last.partitions.map((one, i) => {
      const stillMs = stillFor(readings, i);
      return {
        ...one,
        stillMs,
        isStuck: stillMs >= STUCK_MS,
        rate: rate(({ partitions }) => partitions[i]!.applied),
      };
    }),
    accepted: rate(({ partitions }) => sumOf(partitions.map(({ end }) => end))),
    applied: rate(({ partitions }) => sumOf(partitions.map(({ applied }) => applied))),
    letters: rate(({ letters }) => letters),
  };
}

function rateBetween(before: Reading, last: Reading, of: (reading: Reading) => number | null): number | null {
  const [from, to] = [of(before), of(last)];
  if (from === null || to === null || before === last) return null;
  return Math.max(0, to - from) / ((last.at - before.at) / 1_000);
}

/** For how long records have waited in a partition without one being applied, as far as this page saw, ms. */
function stillFor(readings: readonly Reading[], i: number): number {
  const last = readings.at(-1)!;
  const { applied, lagEvents } = last.partitions[i]!;
  if (applied === null || !lagEvents) return 0;
  const moved = readings.findLastIndex(({ partitions }) => {
    const then = partitions[i]!;
    return then.applied !== applied || !then.lagEvents;
  });
  return last.at - readings[moved + 1]!.at;
}
