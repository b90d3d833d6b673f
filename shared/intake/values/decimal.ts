/** A decimal number as text, such as `12.5`, and which rule read it when it was written otherwise. */
export type ReadDecimal =
  | { text: string; rule?: 'float_tail' | 'number_text' }
  /** Why it cannot be read, to follow the name of a field: `must be …`. */
  | { problem: string };

/** What a number must be that {@link readDecimal} can read. */
export const NOT_NEGATIVE = 'must be a number of 0 or more, or a decimal number as text';

const PLAIN = /^-?\d+(?:\.\d+)?$/;
/** A currency sign before or after the digits. */
const SIGNED = /^(?:\p{Sc}\s*(?<after>\S.*)|(?<before>.*\S)\s*\p{Sc})$/u;
/** Commas as thousands, and a dot that shows it: `1,299.00`; or two commas: `1,299,000`. */
const COMMA_THOUSANDS = /^\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/;
/** Dots as thousands, and a comma that shows it: `1.299,00`. */
const DOT_THOUSANDS = /^\d{1,3}(?:\.\d{3})+,\d+$/;
/** Blanks or apostrophes as thousands, which leave one meaning to a comma: `1 299,00`, `1'299.00`. */
const OTHER_THOUSANDS = /^\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?$/;
/** Longer texts are not numbers; the limit keeps a hostile text from costing time. */
const MAX_TEXT = 100;

/**
 * Reads a number as shops' code writes it: a number, its digits as text, with a currency sign, or with commas
 * that can only separate thousands. Removes the tail that binary floating point leaves.
 * @example readDecimal(836.9999999999998) // { text: '837', rule: 'float_tail' }
 * @example readDecimal('$1,299.00') // { text: '1299.00', rule: 'number_text' }
 * @example readDecimal('13,95') // { problem: 'must be …: a comma could mean …' }
 */
export function readDecimal(value: unknown): ReadDecimal {
  if (typeof value === 'number') return readNumber(value);
  if (typeof value !== 'string') return { problem: NOT_NEGATIVE };
  const text = expanded(value.trim());
  if (text.length > MAX_TEXT) return { problem: NOT_NEGATIVE };
  if (/^(?:nan|[+-]?inf(?:inity)?)$/i.test(text)) return { problem: notFinite };
  if (PLAIN.test(text)) return withoutTail(text);
  const { after, before } = SIGNED.exec(text)?.groups ?? {};
  const digits = after ?? before ?? text;
  if (PLAIN.test(digits)) return { text: digits, rule: 'number_text' };
  if (COMMA_THOUSANDS.test(digits)) return { text: digits.replaceAll(',', ''), rule: 'number_text' };
  if (DOT_THOUSANDS.test(digits)) {
    return { text: digits.replaceAll('.', '').replace(',', '.'), rule: 'number_text' };
  }
  if (OTHER_THOUSANDS.test(digits)) {
    return { text: digits.replace(/[ \u00a0\u202f'’]/g, '').replace(',', '.'), rule: 'number_text' };
  }
  if (/^\d+,\d+$/.test(digits)) return { problem: `${NOT_NEGATIVE}: ${ambiguous(digits)}` };
  return { problem: NOT_NEGATIVE };
}

const notFinite = `${NOT_NEGATIVE}: NaN and Infinity are not numbers`;

const ambiguous = (digits: string) =>
  `the comma of ${digits} could separate decimals or thousands, so write ${digits.replace(',', '.')} or ${digits.replace(',', '')}`;

function readNumber(value: number): ReadDecimal {
  if (!Number.isFinite(value)) return { problem: notFinite };
  const text = expanded(String(value));
  return PLAIN.test(text) ? withoutTail(text) : { text };
}

/** `1.5e-7`, as JavaScript writes what is left of a subtraction, to `0.00000015`. Other texts stay. */
function expanded(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d)(?:\.(\d{1,20}))?e-(\d{1,2})$/.exec(text) ?? [];
  return exponent === undefined ? text : `${sign}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`;
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
