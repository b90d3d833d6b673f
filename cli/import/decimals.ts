import { clip, Reject } from './reject.ts';

/** The sign between whole and fraction. `both`: the file has numbers of either kind. */
export type DecimalSign = '.' | ',' | 'both';

const WHOLE = /^\d+$/;
const GROUPED_BY_COMMA = /^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/;
const GROUPED_BY_POINT = /^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?$/;
const WITH_POINT = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const WITH_COMMA = /^(?:\d+,\d*|,\d+)$/;
/** `1,234` and `1.234`: a number of thousands or one with three decimals. `0,125` is the latter. */
const COMMA_OF_TWO_MEANINGS = /^[1-9]\d{0,2},\d{3}$/;
const POINT_OF_TWO_MEANINGS = /^[1-9]\d{0,2}\.\d{3}$/;

/** Spaces, also those that do not break, and apostrophes stand between groups of three digits in some countries. */
const GROUPED_OTHERWISE = /^\d{1,3}(?:([\s'’])\d{3})(?:\1\d{3})*(?=$|[.,])/;

/**
 * Reads a decimal number as people and spreadsheets write it: `1299.5`, `1,299.50`, `1.299,50`, `1 299,50`, `€ 12,50`.
 * @param sign of the file. A number that does not go with it is rejected. When it is not known, or the file has both, a
 *   number that has one possible meaning is read so, and `1,234` is rejected.
 * @returns text such as `-1299.50`, without groups.
 * @throws Reject
 */
export function readDecimal(text: string, sign: DecimalSign | undefined, what = 'number'): string {
  if (WHOLE.test(text)) return text;
  const { minus, digits } = bare(text);
  const number = digitsOf(digits, sign, text, what);
  if (number === undefined)
    throw new Reject(
      `The ${what} ${clip(text)}: it must be a decimal number, such as ${sign === ',' ? '12,50' : '12.50'}.`,
    );
  return minus + number;
}

function digitsOf(
  digits: string,
  sign: DecimalSign | undefined,
  text: string,
  what: string,
): string | undefined {
  if (WHOLE.test(digits)) return digits;
  if (sign !== '.' && sign !== ',') {
    const isOpen = COMMA_OF_TWO_MEANINGS.test(digits) || (sign && POINT_OF_TWO_MEANINGS.test(digits));
    if (isOpen) throw twoMeanings(text, what);
  }
  if (sign !== ',') {
    if (WITH_POINT.test(digits)) return digits;
    if (GROUPED_BY_COMMA.test(digits)) return digits.replaceAll(',', '');
  }
  if (sign !== '.') {
    if (WITH_COMMA.test(digits)) return digits.replace(',', '.');
    if (GROUPED_BY_POINT.test(digits)) return digits.replaceAll('.', '').replace(',', '.');
  }
  return undefined;
}

const twoMeanings = (text: string, what: string) =>
  new Reject(
    `The ${what} ${clip(text)} could mean two numbers. Say which with --decimal "," or --decimal ".".`,
  );

/** Takes off the currency's sign, the minus and separators that can be nothing else. */
function bare(text: string): { minus: string; digits: string } {
  const plain = text.replaceAll(/^[\s\p{Sc}]+|[\s\p{Sc}]+$/gu, '').replace(/^([+−-])\s*\p{Sc}?\s*/u, '$1');
  const minus = /^[-−]/.test(plain) ? '-' : '';
  const digits = plain.replace(/^[+−-]/, '');
  const grouped = GROUPED_OTHERWISE.exec(digits)?.[0];
  return { minus, digits: grouped ? grouped.replaceAll(/\D/g, '') + digits.slice(grouped.length) : digits };
}

/** Gathers what the numbers of a file say about its decimal sign. */
export class DecimalEvidence {
  #hasPoint = false;
  #hasComma = false;
  #isOpen = false;

  add(text: string): void {
    const { digits } = bare(text);
    if (COMMA_OF_TWO_MEANINGS.test(digits) || POINT_OF_TWO_MEANINGS.test(digits)) this.#isOpen = true;
    else if (/^\d*\.\d*$/.test(digits) || GROUPED_BY_COMMA.test(digits)) this.#hasPoint = true;
    else if (WITH_COMMA.test(digits) || GROUPED_BY_POINT.test(digits)) this.#hasComma = true;
  }

  /** Whether a later number may decide on one before. */
  get isOpen(): boolean {
    return this.#isOpen && !this.#hasPoint && !this.#hasComma;
  }

  get sign(): DecimalSign | undefined {
    if (this.#hasPoint && this.#hasComma) return 'both';
    return this.#hasPoint ? '.' : this.#hasComma ? ',' : undefined;
  }
}
