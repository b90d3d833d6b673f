import fc from 'fast-check';
import { FootfallError } from '../../shared/platform/errors.ts';
import { currencyExponent, fromMinor, isExact, toMinor } from '../../shared/platform/money.ts';

const currency = fc.constantFrom('GBP', 'JPY', 'KWD', 'CLF');

/** Schoolbook arithmetic on BigInt: digits × quantity as a fraction, rounded half away from zero. */
function oracle(sign: string, whole: string, fraction: string, code: string, quantity: number): bigint {
  const numerator =
    BigInt(whole + fraction) *
    BigInt(quantity) *
    10n ** BigInt(currencyExponent(code)) *
    (sign === '-' ? -1n : 1n);
  const denominator = 10n ** BigInt(fraction.length);
  const half = numerator < 0n ? -denominator : denominator;
  return (numerator * 2n + half) / (denominator * 2n);
}

describe('currencyExponent', () => {
  it('is what ISO 4217 says, also where CLDR shows fewer digits', () => {
    const exponents = Object.fromEntries(
      ['JPY', 'GBP', 'EUR', 'KWD', 'CLF', 'HUF', 'IQD'].map((code) => [code, currencyExponent(code)]),
    );
    expect(exponents).toEqual({ JPY: 0, GBP: 2, EUR: 2, KWD: 3, CLF: 4, HUF: 2, IQD: 3 });
  });
});

describe('toMinor', () => {
  it.each([
    ['2.55', 'GBP', 6, 1530],
    ['1.005', 'GBP', 1, 101],
    [1.005, 'GBP', 1, 101],
    ['-1.005', 'GBP', 1, -101],
    ['1.005', 'GBP', -1, -101],
    ['0.001', 'GBP', 5, 1],
    ['0.001', 'GBP', 4, 0],
    ['-0.001', 'GBP', 1, 0],
    [0.1, 'GBP', 3, 30],
    ['.5', 'JPY', 1, 1],
    ['7.', 'EUR', 1, 700],
    [' 19.90 ', 'EUR', 1, 1990],
    ['1e3', 'EUR', 1, 100_000],
    [1e-7, 'EUR', 1, 0],
    [-11062.06, 'GBP', 1, -1_106_206],
    ['1.2345', 'KWD', 1, 1235],
    ['90071992547409.91', 'GBP', 1, Number.MAX_SAFE_INTEGER],
    ['0', 'GBP', -3, 0],
  ])('%s %s × %s is %s', (price, code, quantity, minor) => {
    expect(toMinor(price, code, quantity)).toBe(minor);
  });

  it.each(['', ' ', 'abc', '1,50', '1.2.3', '0x10', 'NaN', '--1', '1e', '.', '1e1000', '9'.repeat(101)])(
    'refuses the text %p',
    (price) => {
      expect(() => toMinor(price, 'EUR')).toThrow(
        expect.objectContaining({ code: 'bad_amount', status: 400 }),
      );
    },
  );

  it.each([
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [1, 1.5],
    [1, Number.NaN],
    ['90071992547409.92', 1],
    ['1e30', 1],
  ])('refuses the price %p × %p', (price, quantity) => {
    expect(() => toMinor(price, 'GBP', quantity)).toThrow(FootfallError);
  });

  it.each([
    ['19.99', 'EUR', '1.5', 2_999],
    ['10', 'EUR', '0.125', 125],
    ['0.01', 'EUR', '0.5', 1],
    ['12.34', 'EUR', '2.000', 2_468],
    ['3.99', 'KWD', '-0.5', -1_995],
  ])('%s %s × the decimal quantity %s is %s', (price, code, quantity, minor) => {
    expect(toMinor(price, code, quantity)).toBe(minor);
  });

  it.each(['', '1,5', 'two', '9'.repeat(17)])('refuses the quantity %p', (quantity) => {
    expect(() => toMinor('1', 'EUR', quantity)).toThrow(expect.objectContaining({ code: 'bad_amount' }));
  });

  it('says whether it rounds', () => {
    expect(isExact('19.99', 'EUR', 3)).toBe(true);
    expect(isExact('0.125', 'EUR', 8)).toBe(true);
    expect(isExact('0.125', 'EUR')).toBe(false);
    expect(isExact(1e-7, 'EUR')).toBe(false);
    expect(isExact('19.99', 'EUR', '1.5')).toBe(false);
  });

  it('agrees with exact arithmetic for any decimal text', () => {
    const digits = (min: number, max: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits(1, 18),
        digits(0, 20),
        currency,
        fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.maxSafeInteger()),
        (sign, whole, fraction, code, quantity) => {
          const expected = oracle(sign, whole, fraction, code, quantity);
          const text = fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
          if (expected > Number.MAX_SAFE_INTEGER || expected < -Number.MAX_SAFE_INTEGER) {
            expect(() => toMinor(text, code, quantity)).toThrow(FootfallError);
          } else {
            expect(toMinor(text, code, quantity)).toBe(Number(expected));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('agrees with exact arithmetic at the halves, where rounding decides', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom('4', '49', '5', '50', '51'),
        (minor, tail) => {
          const text = fromMinor(minor, 'GBP') + tail;
          const [whole = '', fraction = ''] = text.replace('-', '').split('.');
          expect(toMinor(text, 'GBP')).toBe(Number(oracle(minor < 0 ? '-' : '', whole, fraction, 'GBP', 1)));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('fromMinor', () => {
  it.each([
    [1250, 'EUR', '12.50'],
    [-5, 'GBP', '-0.05'],
    [0, 'GBP', '0.00'],
    [100, 'JPY', '100'],
    [-1, 'KWD', '-0.001'],
  ])('%s %s is %s', (minor, code, text) => {
    expect(fromMinor(minor, code)).toBe(text);
  });

  it('is undone by toMinor for every safe amount', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), currency, (minor, code) => {
        expect(toMinor(fromMinor(minor, code), code)).toBe(minor === 0 ? 0 : minor);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what is not a whole number', () => {
    expect(() => fromMinor(1.5, 'EUR')).toThrow(FootfallError);
  });
});
