import fc from 'fast-check';
import { DecimalEvidence } from '../../cli/import/decimal-evidence.ts';
import { Reject } from '../../cli/import/reject.ts';
import { readAmount, readQuantity } from '../../cli/import/values.ts';
import { type DecimalSign, readDecimal } from '../../shared/intake/values/decimal.ts';

/** The number, or why it is none. */
const textOf = (text: string, sign: DecimalSign) => {
  const read = readDecimal(text, sign);
  return 'text' in read ? read.text : read.isAmbiguous ? 'two meanings' : 'no number';
};

describe('a number with one meaning', () => {
  it.each([
    ['12.50', '12.50'],
    ['12,50', '12.50'],
    ['0,125', '0.125'],
    ['1299', '1299'],
    ['-3', '-3'],
    ['−3,5', '-3.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1,25E+05', '125000'],
    ['1.5E-03', '0.0015'],
    ['1,299.00', '1299.00'],
    ['1.299,00', '1299.00'],
    ['1,299,000', '1299000'],
    ['1,23,456.70', '123456.70'],
    ['1.299.000', '1299000'],
    ['1 299,50', '1299.50'],
    ['1\u202f299\u202f000,50', '1299000.50'],
    ["1'299.50", '1299.50'],
    ['$19.99', '19.99'],
    ['19,99 €', '19.99'],
    ['-$5.00', '-5.00'],
    ['(5.00)', '-5.00'],
    ['($1,299.00)', '-1299.00'],
    ['5,00-', '-5.00'],
    ['19.989999999999998', '19.99'],
  ])('%s is %s, when the file has both signs or tells none', (text, expected) => {
    for (const sign of ['both', 'unseen'] as const) expect(textOf(text, sign)).toBe(expected);
  });

  it.each<[string, DecimalSign]>([
    ['4,25', '.'],
    ['1.299,00', '.'],
    ['4.25', ','],
    ['1,299.00', ','],
    ['1.25E+05', ','],
  ])('%s is rejected in a file with %p', (text, sign) => {
    expect(textOf(text, sign)).toBe('no number');
    expect(() => readAmount(text, 'EUR', { decimal: sign })).toThrow(Reject);
  });

  it.each([
    '',
    'x',
    '1.5.1',
    '1,2,3',
    '12,34,56.7',
    '1..2',
    'EUR 5',
    '--3',
    '-3-',
    '(-3)',
    '-',
    '()',
    '1.234,5.6',
  ])('%p is none', (text) => {
    expect(textOf(text, '.')).toBe('no number');
  });
});

describe('a number with two meanings', () => {
  it.each<[string, DecimalSign, string]>([
    ['1,234', '.', '1234'],
    ['1,234', ',', '1.234'],
    ['1.234', '.', '1.234'],
    ['1.234', ',', '1234'],
    ['1.234', 'unseen', '1.234'],
  ])('%s in a file with %p is %s', (text, sign, expected) => {
    expect(textOf(text, sign)).toBe(expected);
  });

  it.each<[string, DecimalSign]>([
    ['1,234', 'unseen'],
    ['1,234', 'both'],
    ['1.234', 'both'],
  ])('%s in a file with %p is rejected with the option', (text, sign) => {
    expect(textOf(text, sign)).toBe('two meanings');
    expect(() => readAmount(text, 'EUR', { decimal: sign }, 'price')).toThrow(
      /^The price "1[.,]234" could mean two numbers\..*--decimal/,
    );
  });
});

describe('the decimal sign of a file', () => {
  it.each<[string[], DecimalSign | undefined, boolean]>([
    [['1', '2'], undefined, false],
    [['1,234'], undefined, true],
    [['1.234'], undefined, true],
    [['1,234', '2.5'], '.', false],
    [['1.234', '2,5'], ',', false],
    [['2.5', '2,5'], 'both', false],
    [['1.234,50'], ',', false],
    [['1,234.50'], '.', false],
  ])('of %j is %p', (texts, sign, isOpen) => {
    const evidence = new DecimalEvidence();
    for (const text of texts) evidence.add(text);
    expect([evidence.sign, evidence.isOpen]).toEqual([sign, isOpen]);
  });
});

describe('a quantity', () => {
  it('times a price is exact, with up to three decimals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999, max: 99_999 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 999_999 }),
        (digits, scale, cents) => {
          const written = (number: number, decimals: number) =>
            `${number < 0 ? '-' : ''}${String(Math.abs(number))
              .padStart(decimals + 1, '0')
              .replace(new RegExp(`(.{${decimals}})$`), '.$1')}`;
          const quantity = readQuantity(written(digits, scale), {});
          const exact = BigInt(Math.abs(digits)) * BigInt(cents);
          const unit = 10n ** BigInt(scale);
          const rounded = Number((exact * 2n + unit) / (unit * 2n));
          const expected = digits < 0 ? -rounded : rounded;
          expect(quantity.times(written(cents, 2), 'EUR', {})).toBe(expected === 0 ? 0 : expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['', 1],
    ['2.0', 2],
    ['0.25', 0.25],
    ['1.85', 1.85],
    ['-1.5', -1.5],
    ['.125', 0.125],
    ['1.0005', 1.001],
    ['0.0001', 0.001],
    ['0.30000000000000004', 0.3],
    ['0', 0],
  ])('of %p is counted as %p pieces', (text, pieces) => {
    expect(readQuantity(text, {}).pieces).toBe(pieces);
  });

  it('of more than three decimals is rounded, and times a price it is exact', () => {
    const { pieces, times } = readQuantity('1.0005', {}, -1);
    expect([pieces, times('1000', 'EUR', {})]).toEqual([-1.001, -100_050]);
  });

  it.each(['two', '1.00000000000000000001'])('%p is refused', (text) => {
    expect(() => readQuantity(text, {})).toThrow(/The quantity/);
  });
});
