import { FootfallError } from './errors.ts';

/**
 * ISO 4217's minor units where they are not 2 (list one, SIX Group). Intl.NumberFormat would not do: it returns CLDR's
 * display digits (HUF 0, COP 0, IQD 0), which drop real fractions, and an ICU update may change them under stored
 * amounts.
 */
const EXPONENTS = new Map<string, number>([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV'].map(
    (code) => [code, 0] as const,
  ),
  ...['XAF', 'XOF', 'XPF'].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
  ...['CLF', 'UYW'].map((code) => [code, 4] as const),
]);

/** Decimals of the currency's minor unit (ISO 4217): GBP 2, JPY 0, KWD 3. */
export function currencyExponent(currency: string): number {
  return EXPONENTS.get(currency) ?? 2;
}

const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,3}))?$/;
/** The limit keeps a hostile text from costing time in BigInt arithmetic. */
const MAX_TEXT = 100;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

const badAmount = (problem: string) => new FootfallError('bad_amount', 400, problem);

/**
 * price × quantity in minor units of the currency, computed exactly and rounded once, half away from zero.
 *
 * The decimal text is what counts: 1.005 is read as 1.005, not as the binary number just below it, so a line
 * comes out as it was written on the invoice. Texts such as '12.50', '-3', '.5', '1e3' are read.
 * @param quantity pieces: a whole number, or a decimal number as text (`'1.5'`); may be negative.
 * @throws FootfallError `bad_amount` when the price or the quantity is not a decimal number, or the result is
 *   beyond Number.MAX_SAFE_INTEGER.
 * @example toMinor('19.99', 'EUR', '1.5') // 2999
 */
export function toMinor(price: number | string, currency: string, quantity: number | string = 1): number {
  const { sign, digits, pieces, shift } = productOf(price, currency, quantity);
  const minor = shiftedInNumbers(digits, pieces, shift) ?? shiftedInBigInts(digits, pieces, shift);
  return minor === 0 ? 0 : sign * minor;
}

/** Whether {@link toMinor} rounds nothing. @throws FootfallError `bad_amount`, as {@link toMinor}. */
export function isExact(price: number | string, currency: string, quantity: number | string = 1): boolean {
  const { digits, pieces, shift } = productOf(price, currency, quantity);
  return shift >= 0 || (BigInt(digits) * BigInt(pieces)) % 10n ** BigInt(-shift) === 0n;
}

/** The product as sign × digits × pieces × 10^shift, in minor units. */
function productOf(price: number | string, currency: string, quantity: number | string) {
  if (typeof price === 'string' && price.length > MAX_TEXT) {
    throw badAmount(`A price has at most ${MAX_TEXT} characters.`);
  }
  const { sign, digits, scale } =
    decimalOf(price) ?? refuse('A price must be a decimal number, such as 12.50.');
  if (typeof quantity === 'number') {
    if (!Number.isSafeInteger(quantity)) throw badAmount('A quantity must be a whole number.');
    return { sign, digits, pieces: quantity, shift: currencyExponent(currency) - scale };
  }
  const count = quantity.length > MAX_TEXT ? undefined : decimalOf(quantity);
  const pieces = count && count.sign * Number(count.digits);
  if (!count || !Number.isSafeInteger(pieces)) throw badAmount('A quantity must be a decimal number.');
  return { sign, digits, pieces: pieces!, shift: currencyExponent(currency) - scale - count.scale };
}

/** A decimal number as sign × digits × 10^-scale; undefined for anything else. */
function decimalOf(value: number | string) {
  const parts = DECIMAL.exec(typeof value === 'number' ? String(value) : value.trim());
  if (!parts) return undefined;
  const fraction = parts[3] ?? parts[4] ?? '';
  return {
    sign: parts[1] === '-' ? -1 : 1,
    digits: (parts[2] ?? '') + fraction,
    scale: fraction.length - Number(parts[5] ?? 0),
  };
}

function refuse(problem: string): never {
  throw badAmount(problem);
}

/** digits × quantity × 10^shift while every step is exact in a double, else undefined. */
function shiftedInNumbers(digits: string, quantity: number, shift: number): number | undefined {
  if (digits.length > 15 || shift < -15 || shift > 15) return undefined;
  const product = Number(digits) * quantity;
  if (!Number.isSafeInteger(product)) return undefined;
  if (shift >= 0) {
    const minor = product * POWERS[shift]!;
    return Number.isSafeInteger(minor) ? minor : undefined;
  }
  const divisor = POWERS[-shift]!;
  const size = Math.abs(product);
  // % is exact on doubles, so size - remainder is a true multiple and the division is exact too.
  const remainder = size % divisor;
  const rounded = (size - remainder) / divisor + (remainder * 2 >= divisor ? 1 : 0);
  return product < 0 ? -rounded : rounded;
}

function shiftedInBigInts(digits: string, quantity: number, shift: number): number {
  const product = BigInt(digits) * BigInt(quantity);
  const size = product < 0n ? -product : product;
  const power = 10n ** BigInt(Math.abs(shift));
  const rounded = shift >= 0 ? size * power : size / power + ((size % power) * 2n >= power ? 1n : 0n);
  if (rounded > BigInt(Number.MAX_SAFE_INTEGER)) throw badAmount('The amount is too large.');
  return product < 0n ? -Number(rounded) : Number(rounded);
}

/**
 * The amount as decimal text with the currency's decimals.
 * @throws FootfallError `bad_amount` 400 when minor is not a safe integer.
 * @example fromMinor(1250, 'EUR') // '12.50'
 */
export function fromMinor(minor: number, currency: string): string {
  if (!Number.isSafeInteger(minor)) throw badAmount('An amount in minor units must be a whole number.');
  const exponent = currencyExponent(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const sign = minor < 0 ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * amount × part / whole, computed exactly and rounded once, half away from zero.
 * @param whole not 0
 * @example shareOf(1000, 1, 3) // 333
 */
export function shareOf(amount: number, part: number, whole: number): number {
  const product = BigInt(amount) * BigInt(part);
  const [size, divisor] = [product < 0n ? -product : product, BigInt(Math.abs(whole))];
  const rounded = Number((2n * size + divisor) / (2n * divisor));
  return product < 0n !== whole < 0 ? -rounded : rounded;
}
