import fc from 'fast-check';
import { fromThousandths, isQuantity, roundQuantity, toThousandths } from '../../shared/event/quantity.ts';

const written = (thousandths: number) =>
  `${thousandths < 0 ? '-' : ''}${String(Math.abs(thousandths))
    .padStart(4, '0')
    .replace(/(...)$/, '.$1')}`;

/** A quantity may have a billion pieces. */
const counted = fc.integer({ min: -1e12, max: 1e12 });

test('each quantity of three decimals is counted exactly, and comes back as it was written', () => {
  fc.assert(
    fc.property(counted, (thousandths) => {
      const quantity = Number(written(thousandths));
      expect(isQuantity(quantity, 1e9)).toBe(true);
      expect(toThousandths(quantity)).toBe(thousandths);
      expect(fromThousandths(thousandths)).toBe(quantity);
      expect(roundQuantity(written(thousandths))).toBe(quantity);
    }),
    { numRuns: 2_000 },
  );
});

test('sums are exact', () => {
  fc.assert(
    fc.property(fc.array(counted, { maxLength: 100 }), (all) => {
      const sum = all.reduce((total, one) => total + toThousandths(Number(written(one))), 0);
      expect(String(fromThousandths(sum))).toBe(String(Number(written(sum))));
    }),
  );
});

test.each([0.1 + 0.2, 0.0001, 1.0005, NaN, Infinity, 1e9 + 1, '1', null, undefined])(
  '%p is no quantity',
  (value) => {
    expect(isQuantity(value, 1e9)).toBe(false);
  },
);

test.each([
  ['2', 2],
  ['1.50', 1.5],
  ['.5', 0.5],
  ['1.0005', 1.001],
  ['-1.0005', -1.001],
  ['1.00049999', 1],
  ['0.9995', 1],
  ['0.0004', 0.001],
  ['-0.0004', -0.001],
  ['1e-100', 0.001],
  ['0', 0],
  ['0.0000', 0],
])('%s is rounded to %p', (text, expected) => {
  expect(roundQuantity(text)).toBe(expected);
});
