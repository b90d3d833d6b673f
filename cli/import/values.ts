import { roundQuantity } from '../../shared/event/quantity.ts';
import { currencyOf } from '../../shared/intake/values/currency.ts';
import { type DecimalSign, readDecimal } from '../../shared/intake/values/decimal.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { toMinor } from '../../shared/platform/money.ts';
import { currencyCode } from '../../shared/sites/site.ts';
import { type DateForm, readInstant } from './dates.ts';
import { clip, Reject } from './reject.ts';

/** How the values of a file are written. */
export interface Reading {
  dateForm?: DateForm | undefined;
  /** `unseen` when absent. */
  decimal?: DecimalSign | undefined;
}

/** Reads text of at most `max` characters. @param what names it in the reason. @throws Reject when blank or longer. */
export function readText(text: string, max: number, what: string): string {
  if (text === '') throw new Reject(`The ${what} is blank.`);
  if (text.length > max) throw new Reject(`The ${what} is longer than ${max} characters.`);
  return text;
}

/** Reads an ISO 4217 code in any case, or a currency's sign. @throws Reject */
export function readCurrency(text: string): string {
  const code = currencyOf(text);
  if (!currencyCode.safeParse(code).success)
    throw new Reject(`The currency ${clip(text)} is not an ISO 4217 code.`);
  return code;
}

/** Reads a time that is not after `now`. @returns ms since the epoch. @throws Reject */
export function readPast(text: string, zone: string, now: number, { dateForm }: Reading): number {
  const ts = readInstant(text, zone, dateForm);
  if (ts > now) throw new Reject(`The time ${clip(text)} is in the future.`);
  return ts;
}

/** Reads an amount. @returns minor units of the currency. @throws Reject */
export const readAmount = (text: string, currency: string, { decimal }: Reading, what = 'amount'): number =>
  minorOf(decimalOf(withoutCode(text, currency, what), decimal, what), currency, '1', text, what);

/** The code of a currency before or behind an amount: `12,50 EUR`. */
const CURRENCY_CODE = /^([A-Z]{3})\s*(?=[\d.,(−-])|(?<=[\d.,)-])\s*([A-Z]{3})$/;

/** An amount without the code of its currency. @throws Reject when it is that of another currency. */
function withoutCode(text: string, currency: string, what: string): string {
  const [, before, after] = CURRENCY_CODE.exec(text) ?? [];
  const code = before ?? after;
  if (code === undefined) return text;
  if (code !== currency)
    throw new Reject(`The ${what} ${clip(text)} is in ${code}, but the line is in ${currency}.`);
  return text.replace(CURRENCY_CODE, '');
}

/** An amount as evidence of the file's decimal sign. */
export const numberIn = (text: string) => text.replace(CURRENCY_CODE, '');

/** Reads a decimal number of a file whose decimal sign is this. @throws Reject */
function decimalOf(text: string, sign: DecimalSign | undefined, what: string): string {
  const read = readDecimal(text, sign ?? 'unseen');
  if ('text' in read) return read.text;
  throw new Reject(
    read.isAmbiguous
      ? `The ${what} ${clip(text)} could mean two numbers. Say which with --decimal "," or --decimal ".".`
      : `The ${what} ${clip(text)}: it must be a decimal number, such as ${sign === ',' ? '12,50' : '12.50'}.`,
  );
}

/** A quantity, and what it costs. */
export interface Quantity {
  /** Rounded to three decimals. */
  pieces: number;
  /** Price × quantity in minor units of the currency, rounded half away from zero. @throws Reject */
  times(price: string, currency: string, reading: Reading): number;
}

/** Reads a quantity; 1 when it is blank. @param sign -1 turns it round. @throws Reject */
export function readQuantity(text: string, { decimal }: Reading, sign: 1 | -1 = 1): Quantity {
  const number = text === '' ? '1' : decimalOf(text, decimal, 'quantity');
  const [, minus, whole = '', fraction = ''] = /^(-?)(\d*)(?:\.(\d*?)0*)?$/.exec(number) ?? [];
  if (minus === undefined) throw new Reject(`The quantity ${clip(text)} is not a number.`);
  const size = Number(`${whole}${fraction}`);
  if (!Number.isSafeInteger(size)) throw new Reject(`The quantity ${clip(text)} has too many digits.`);
  const scaled = size === 0 ? 0 : (minus === '-' ? -size : size) * sign;
  return {
    pieces: scaled === 0 ? 0 : sign * roundQuantity(number),
    times(price, currency, reading) {
      const plain = decimalOf(withoutCode(price, currency, 'price'), reading.decimal, 'price');
      return minorOf(plain, currency, `${scaled}e-${fraction.length}`, price, 'price');
    },
  };
}

function minorOf(number: string, currency: string, times: string, text: string, what: string): number {
  try {
    return toMinor(number, currency, times);
  } catch (error) {
    if (error instanceof FootfallError) throw new Reject(`The ${what} ${clip(text)}: ${error.message}`);
    throw error;
  }
}
