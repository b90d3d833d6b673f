import fc from 'fast-check';
import { average } from '../../shared/questions/arithmetic.ts';
import { average as naiveAverage } from '../oracle/figures.ts';
import { runs } from '../support/runs.ts';

test('an average is rounded halves away from zero, and never −0', () => {
  const sums = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(sums, fc.nat({ max: 40 }), (sum, count) => {
      // Where the double's own precision is enough.
      fc.pre(Math.abs(sum) < 2 ** 50);
      expect(average(sum, count)).toBe(naiveAverage(sum, count));
    }),
    { numRuns: runs(2_000), examples: [[-1, 3]] },
  );
});
