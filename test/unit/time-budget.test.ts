import { TimeBudget } from '../../shared/aggregate/time-budget.ts';

/** Which chunks are started in the time that is left. */

test('the first chunk is started whenever there is time to publish, however slow earlier ones were', () => {
  const budget = new TimeBudget();
  budget.folded(30_000);
  budget.committed(90_000, 3);
  expect(budget.hasTimeFor(0, 7_000)).toBe(true);
  expect(budget.hasTimeFor(0, 5_000)).toBe(false);
});

test('a further chunk is started when there is three times the time for it and all that wait for their commit', () => {
  const budget = new TimeBudget();
  budget.folded(100);
  budget.committed(400, 2);
  // 6 s, and three times 100 ms of folding and 200 ms for each of two commits.
  expect(budget.hasTimeFor(1, 7_499)).toBe(false);
  expect(budget.hasTimeFor(1, 7_501)).toBe(true);
  expect(budget.hasTimeFor(5, 7_501)).toBe(false);
});

test('a slow chunk is forgotten after a while', () => {
  const budget = new TimeBudget();
  budget.folded(10_000);
  for (let i = 0; i < 50; i++) budget.folded(10);
  expect(budget.hasTimeFor(1, 6_500)).toBe(true);
});
