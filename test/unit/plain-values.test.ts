import fc from 'fast-check';
import { readInstant, unitOf } from '../../shared/event/timestamps.ts';
import { readDecimal } from '../../shared/intake/values/decimal.ts';
import { runs } from '../support/runs.ts';

const textOf = (value: unknown) => {
  const read = readDecimal(value);
  return 'text' in read ? read.text : read.problem;
};

describe('a decimal number', () => {
  test('of at most 11 digits comes out of binary arithmetic as it went in', () => {
    const cents = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(cents, fc.integer({ min: 1, max: 100 }), (minor, times) => {
        const price = minor / 100;
        // As a shop's code would get it: tax off and on again, a sum and back.
        for (const noisy of [(price / 1.21) * 1.21, price * times - price * (times - 1), price + 0.1 - 0.1]) {
          expect(Math.round(Number(textOf(noisy)) * 100)).toBe(minor);
        }
        expect(Number(textOf(price))).toBe(price);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test.each([
    [836.9999999999998, '837'],
    [0.30000000000000004, '0.3'],
    [183.60000000000002, '183.6'],
    ['1.0049999999999999', '1.005'],
    [1.005, '1.005'],
    [0.1 + 0.7, '0.8'],
    [1.1 * 1.1, '1.21'],
    [-0.30000000000000004, '-0.3'],
    [9.999999999999998, '10'],
    ['99999999999999.99', '99999999999999.99'],
    ['0.333333333333333333', '0.333333333333333333'],
    [1 / 3, '0.3333333333333333'],
    [123456.789012345, '123456.789012345'],
    [1e21, '1e+21'],
    [1e-7, '0.0000001'],
    ['5.5e-17', '0.000000000000000055'],
    ['1 299,00', '1299.00'],
    ['1\u202f299,5 €', '1299.5'],
    ["1'299.00", '1299.00'],
    ['12.50', '12.50'],
    ['00.5', '00.5'],
  ])('%p is read as %s', (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});

describe('a time', () => {
  const instant = Date.parse('2026-03-10T11:59:59.123Z');

  test.each([
    [instant / 1_000],
    [instant],
    [instant * 1_000],
    [instant * 1_000_000],
    [String(instant / 1_000)],
    [String(instant)],
    [`${instant}456`],
    [`${instant}456789`],
    ['2026-03-10T11:59:59.123Z'],
    ['2026-03-10T11:59:59.123456Z'],
    ['2026-03-10T12:59:59.123+01:00'],
    ['2026-03-10T12:59:59.123+0100'],
    ['2026-03-10T12:59:59.123+01'],
    ['2026-03-10 12:59:59.123 +0100'],
    ['2026-03-10t07:29:59,123-0430'],
  ])('%p is the same instant', (value) => {
    expect(readInstant(value)).toBe(instant);
  });

  test.each([
    ['Tue, 10 Mar 2026 12:59:59 +0100'],
    ['Tue, 10 Mar 2026 11:59:59 GMT'],
    ['Tue Mar 10 2026 12:59:59 GMT+0100 (Central European Standard Time)'],
  ])('%p says its offset', (value) => {
    expect(readInstant(value)).toBe(instant - 123);
  });

  test.each([
    ['2026-03-10T11:59:59'],
    ['2026-03-10'],
    ['10/03/2026 11:59:59'],
    ['Mar 10, 2026'],
    ['2026-02-29T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-03-10T11:60:00Z'],
    ['2026-03-10T11:59:59+0160'],
    [''],
    ['now'],
    [-1],
    [Number.NaN],
    [1e20],
    [null],
    [{}],
  ])('%p is none', (value) => {
    expect(readInstant(value)).toBeUndefined();
  });

  test('without an offset is UTC only where the format says so', () => {
    expect(readInstant('2026-03-10T11:59:59.123', { utc: true })).toBe(instant);
    expect(readInstant('2026-03-10', { utc: true })).toBe(Date.parse('2026-03-10T00:00Z'));
  });

  test('has the unit that its size tells, from 1973 to the year 5138', () => {
    const times = fc.integer({ min: 1e11, max: 99_999_999_999_999 });
    fc.assert(
      fc.property(times, (ms) => {
        expect(['s', 'ms', 'us', 'ns']).toEqual([ms / 1_000, ms, ms * 1_000, ms * 1e6].map(unitOf));
      }),
      { numRuns: runs(500) },
    );
  });
});
