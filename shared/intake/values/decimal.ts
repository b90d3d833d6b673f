/** A decimal number as text, such as `12.5`, and which rule read it when it was written otherwise. */
export type ReadDecimal =
  | { text: string; rule?: 'float_tail' | 'number_text' }
  /** Why it cannot be read, to follow the name of a field: `must be …`. */
  | { problem: string; isAmbiguous?: true };

/** What a number must be that {@link readDecimal} can read. */
export const NOT_NEGATIVE = 'must be a number of 0 or more, or a decimal number as text';

/**
 * The sign between whole and fraction. `both`: there are numbers of either kind. `unseen`: a table of numbers in which
 * none has told the sign so far.
 */
export type DecimalSign = '.' | ',' | 'both' | 'unseen';

const PLAIN = /^-?\d+(?:\.\d+)?$/;
const WHOLE = /^\d+$/;
const WITH_POINT = /^(?:\d+\.?\d*|\.\d+)$/;
const WITH_COMMA = /^(?:\d+,\d*|,\d+)$/;
/** Also in lakhs, as India writes: `1,23,456.70`. */
const GROUPED_BY_COMMA = /^(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?$/;
const GROUPED_BY_POINT = /^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?$/;
/** `1,234` and `1.234`: a number of thousands or one with three decimals. `0,125` is the latter. */
const COMMA_OF_TWO_MEANINGS = /^[1-9]\d{0,2},\d{3}$/;
const POINT_OF_TWO_MEANINGS = /^[1-9]\d{0,2}\.\d{3}$/;
/** Blanks, also those that do not break, and apostrophes between groups. What follows is the decimal sign. */
const GROUPED_OTHERWISE = /^\d{1,3}(?:([\s'’])\d{3})(?:\1\d{3})*(?=$|[.,])/;
/** Longer texts are not numbers; the limit keeps a hostile text from costing time. */
const MAX_TEXT = 100;

/**
 * Reads a number as shops' code and spreadsheets write it: a number, its digits as text, with a currency sign, a minus
 * before or behind, or separators that can only be one thing. Removes the tail that binary floating point leaves.
 * @param sign of the table that the number stands in. Without it, the number stands alone: a comma without anything that
 *   tells its meaning is a problem, and a point separates decimals.
 * @returns text without groups, such as `-1299.50`. A problem with `isAmbiguous` when only a sign would tell its meaning.
 * @example readDecimal(836.9999999999998) // { text: '837', rule: 'float_tail' }
 * @example readDecimal('$1,299.00') // { text: '1299.00', rule: 'number_text' }
 * @example readDecimal('13,95') // { problem: 'must be …: the comma of 13,95 could …', isAmbiguous: true }
 * @example readDecimal('13,95', ',') // { text: '13.95', rule: 'number_text' }
 */
export function readDecimal(value: unknown, sign?: DecimalSign): ReadDecimal {
  if (typeof value === 'number') return readNumber(value);
  if (typeof value !== 'string') return { problem: NOT_NEGATIVE };
  const trimmed = value.trim();
  if (trimmed.length > MAX_TEXT) return { problem: NOT_NEGATIVE };
  // Nearly all numbers are written so, and a large file has millions of them.
  if (sign !== ',' && sign !== 'both' && PLAIN.test(trimmed)) return withoutTail(trimmed);
  if (/^(?:nan|[+-]?inf(?:inity)?)$/i.test(trimmed)) return { problem: notFinite };
  const text = expanded(trimmed, sign);
  const bare = bareOf(text);
  if (isAmbiguous(bare, sign)) {
    return { problem: `${NOT_NEGATIVE}: ${ambiguous(bare.digits)}`, isAmbiguous: true };
  }
  const digits = digitsOf(bare.digits, sign);
  if (digits === undefined) return { problem: NOT_NEGATIVE };
  const number = (bare.isNegative ? '-' : '') + digits;
  return PLAIN.test(text) && number === text
    ? withoutTail(text)
    : { ...withoutTail(number), rule: 'number_text' };
}

/** What a number says of the decimal sign of its table; `open` when it could be either, undefined when it says nothing. */
export function decimalSignOf(text: string): '.' | ',' | 'open' | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const { digits } = bareOf(text.trim());
  if (COMMA_OF_TWO_MEANINGS.test(digits) || POINT_OF_TWO_MEANINGS.test(digits)) return 'open';
  if (WHOLE.test(digits)) return undefined;
  if (WITH_POINT.test(digits) || GROUPED_BY_COMMA.test(digits)) return '.';
  return WITH_COMMA.test(digits) || GROUPED_BY_POINT.test(digits) ? ',' : undefined;
}

interface Bare {
  isNegative: boolean;
  digits: string;
  /** Blanks or apostrophes stood between groups, so a comma or point separates decimals. */
  isGrouped: boolean;
}

/** Takes off the currency's sign, the minus, and separators that can be nothing else. */
function bareOf(text: string): Bare {
  const inside = /^\((.+)\)$/.exec(text)?.[1];
  const plain = (inside ?? text)
    .replaceAll(/^[\s\p{Sc}]+|[\s\p{Sc}]+$/gu, '')
    // `12,-` and `12.–` have no cents.
    .replace(/[.,][-–—]{1,2}$/, '')
    .replace(/^([+−-])\s*\p{Sc}?\s*/u, '$1');
  // Accountants write a minus as parentheses, and SAP writes it behind the digits.
  const [, before = '', core = '', after = ''] = /^([+−-]?)(.*?)([−-]?)$/.exec(plain) ?? [];
  const minuses = [inside === undefined ? '' : '-', before === '+' ? '' : before, after].filter(
    (one) => one !== '',
  );
  if (minuses.length > 1) return { isNegative: true, digits: plain, isGrouped: false };
  const grouped = GROUPED_OTHERWISE.exec(core)?.[0];
  const digits = grouped ? grouped.replaceAll(/\D/g, '') + core.slice(grouped.length) : core;
  return { isNegative: minuses.length === 1, digits, isGrouped: grouped !== undefined };
}

function isAmbiguous({ digits, isGrouped }: Bare, sign: DecimalSign | undefined): boolean {
  if (sign === '.' || sign === ',' || isGrouped) return false;
  if (sign === undefined) return /^\d+,\d+$/.test(digits);
  return COMMA_OF_TWO_MEANINGS.test(digits) || (sign === 'both' && POINT_OF_TWO_MEANINGS.test(digits));
}

function digitsOf(digits: string, sign: DecimalSign | undefined): string | undefined {
  if (WHOLE.test(digits)) return digits;
  if (sign !== ',') {
    if (WITH_POINT.test(digits)) return withZero(digits);
    if (GROUPED_BY_COMMA.test(digits)) return withZero(digits.replaceAll(',', ''));
  }
  if (sign !== '.') {
    if (WITH_COMMA.test(digits)) return withZero(digits.replace(',', '.'));
    if (GROUPED_BY_POINT.test(digits)) return withZero(digits.replaceAll('.', '').replace(',', '.'));
  }
  return undefined;
}

/** `.5` as `0.5` and `5.` as `5`. */
const withZero = (digits: string) => digits.replace(/^\./, '0.').replace(/\.$/, '');

const notFinite = `${NOT_NEGATIVE}: NaN and Infinity are not numbers`;

const ambiguous = (digits: string) =>
  `the comma of ${digits} could separate decimals or thousands, so write ${digits.replace(',', '.')} or ${digits.replace(',', '')}`;

function readNumber(value: number): ReadDecimal {
  if (!Number.isFinite(value)) return { problem: notFinite };
  const text = expanded(String(value));
  return PLAIN.test(text) ? withoutTail(text) : { text };
}

/**
 * `1.5e-7`, as JavaScript writes what is left of a subtraction, to `0.00000015`, and in a table `1,25E+05`, as
 * spreadsheets write it, to `125000`.
 * Other texts stay.
 */
function expanded(text: string, decimal?: DecimalSign): string {
  const [, sign = '', whole = '', mark, fraction = '', exponent] =
    /^(-?)(\d)(?:([.,])(\d{1,20}))?[eE]([+-]?\d{1,2})$/.exec(text) ?? [];
  const power = Number(exponent);
  const isOfOtherSign = mark !== undefined && (decimal === '.' || decimal === ',') && mark !== decimal;
  if (exponent === undefined || power > (decimal === undefined ? 0 : 20) || isOfOtherSign) return text;
  if (power <= 0) return `${sign}${placed(`${whole}${fraction}`, fraction.length - power)}`;
  const digits = `${whole}${fraction.padEnd(power, '0')}`;
  return `${sign}${placed(digits, Math.max(fraction.length - power, 0))}`;
}

/** Significant digits from which a number may come from binary floating point. */
const TAIL_FROM = 15;
/** Digits to which such a number is rounded, one after the other. Sums of many prices lose more of them. */
const PRECISIONS = [15, 14, 13, 12];
/** Digits that become zero by the rounding, at least: fewer may be meant. */
const TAIL_DIGITS = 4;
/** Decimals that stay out of the rounding: no currency has more in use. */
const MIN_DECIMALS = 4;

/** Rounds `0.30000000000000004` to `0.3` and `836.9999999999998` to `837`; leaves other numbers as they are. */
function withoutTail(text: string): ReadDecimal {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.slice(isNegative ? 1 : 0).split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  // Whole numbers have no tail, and what is larger than a float can hold did not come from one.
  if (fraction === '' || digits.length < TAIL_FROM || digits.length > 20) return { text };
  for (const precision of PRECISIONS) {
    const dropped = digits.length - precision;
    if (dropped < 1 || fraction.length - dropped < MIN_DECIMALS) continue;
    const rounded = (BigInt(digits) + 5n * 10n ** BigInt(dropped - 1)) / 10n ** BigInt(dropped);
    const kept = String(rounded).replace(/0+$/, '');
    if (kept.length <= precision - TAIL_DIGITS) {
      return {
        text: (isNegative ? '-' : '') + placed(String(rounded), fraction.length - dropped),
        rule: 'float_tail',
      };
    }
  }
  return { text };
}

/** Digits with a decimal point before the last `decimals` of them, without zeros at the end. */
function placed(digits: string, decimals: number): string {
  if (decimals === 0) return digits;
  const padded = digits.padStart(decimals + 1, '0');
  const fraction = padded.slice(-decimals).replace(/0+$/, '');
  return padded.slice(0, -decimals) + (fraction === '' ? '' : `.${fraction}`);
}
