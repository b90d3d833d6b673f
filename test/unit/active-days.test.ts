import fc from 'fast-check';
import { type ActivityChanges, addActiveDay, removeActiveDays } from '../../shared/fold/active-days.ts';
import { increase } from '../../shared/platform/counters.ts';
import { parseDay } from '../../shared/platform/time.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);
const first = parseDay('2026-06-10')!;

/** Counters of gaps (`day gap`) and of cohorts (`period start n`), and users' days that change them. */
class Activity {
  readonly gaps = new Map<string, number>();
  readonly cohorts = new Map<string, number>();
  readonly changes: ActivityChanges = {
    gap: (day, gap, amount) => increase(this.gaps, `${day - first} ${gap}`, amount),
    cohort: (period, start, n, amount) => increase(this.cohorts, `${period} ${start - first} ${n}`, amount),
  };

  /** Adds a user who was active on these days after the first, in the order in which they come. */
  add(...offsets: number[]): number[] {
    const days: number[] = [];
    for (const offset of offsets) addActiveDay(days, first + offset, this.changes);
    return days;
  }

  /** Unique users from one day to another, both inclusive, as a reader sums them. */
  uniques(from: number, to: number): number {
    let users = 0;
    for (const [name, count] of this.gaps) {
      const [day, gap] = name.split(' ').map(Number) as [number, number];
      if (day >= from && day <= to && (gap === 0 || gap > day - from)) users += count;
    }
    return users;
  }

  /** Counters that are not zero. */
  left(): string[] {
    return [...this.gaps, ...this.cohorts].filter(([, count]) => count !== 0).map(([name]) => name);
  }
}

describe('the gap of an active day', () => {
  test('is 0 on a first day, and else the days since the one before', () => {
    const activity = new Activity();
    activity.add(0, 3);
    expect(Object.fromEntries(activity.gaps)).toEqual({ '0 0': 1, '3 3': 1 });
  });

  test('of a later day changes when a day in between turns out to be active', () => {
    const activity = new Activity();
    activity.add(0, 5, 3);
    expect(activity.left()).toEqual(expect.arrayContaining(['0 0', '3 3', '5 2']));
    expect(activity.left()).not.toContain('5 5');
  });

  test('does not change by a second event of the day', () => {
    const activity = new Activity();
    expect(activity.add(0, 0, 0)).toEqual([first]);
    expect(Object.fromEntries(activity.gaps)).toEqual({ '0 0': 1 });
  });
});

const users = fc.array(fc.array(fc.nat(80), { minLength: 1, maxLength: 12 }), { maxLength: 8 });

test('unique users of any range are those who were active on one of its days', () => {
  fc.assert(
    fc.property(users, fc.nat(80), fc.nat(30), (all, from, length) => {
      const activity = new Activity();
      for (const days of all) activity.add(...days);
      const isIn = (day: number) => day >= from && day <= from + length;
      expect(activity.uniques(from, from + length)).toBe(all.filter((days) => days.some(isIn)).length);
    }),
    { numRuns },
  );
});

test('the order in which days come changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80), { minLength: 1, maxLength: 12 }), (days) => {
      const [one, other] = [new Activity(), new Activity()];
      one.add(...days);
      other.add(...days.toSorted((a, b) => a - b));
      expect(one.left().sort()).toEqual(other.left().sort());
    }),
    { numRuns },
  );
});

test('a user whose days are taken back leaves nothing behind', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80), { maxLength: 12 }), (days) => {
      const activity = new Activity();
      removeActiveDays(activity.add(...days), activity.changes);
      expect(activity.left()).toEqual([]);
    }),
    { numRuns },
  );
});

test('a cohort has its users by the periods after their first one', () => {
  const activity = new Activity();
  // A Wednesday, the same week, and the week after.
  activity.add(0, 1, 7);
  const weeks = [...activity.cohorts].filter(([name]) => name.startsWith('week'));
  expect(weeks).toEqual([
    ['week -2 0', 1],
    ['week -2 1', 1],
  ]);
});
