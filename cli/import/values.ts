import { epochMs } from '../../shared/event/timestamps.ts';
import { currencyCode } from '../../shared/sites/site.ts';
import { parseDateTime } from './local-time.ts';

/** Why a line cannot become an event: one sentence, for the rejects file. */
export class Reject extends Error {
  override readonly name = 'Reject';
}

/**
 * Reads a time: ISO 8601 or `YYYY-MM-DD HH:mm:ss`, in the zone unless it has an offset, or epoch seconds or ms.
 * @returns ms since the epoch.
 * @throws Reject
 */
export function readInstant(text: string, zone: string): number {
  if (text === '') throw new Reject('The time is blank.');
  if (/^\d{9,}(\.\d+)?$/.test(text)) return epochMs(Number(text));
  const ts = parseDateTime(text, zone);
  if (ts === undefined)
    throw new Reject(`The time ${clip(text)} is neither ISO 8601 nor epoch seconds or ms.`);
  return ts;
}

/** Reads text of at most `max` characters. @param what names it in the reason. @throws Reject when blank or longer. */
export function readText(text: string, max: number, what: string): string {
  if (text === '') throw new Reject(`The ${what} is blank.`);
  if (text.length > max) throw new Reject(`The ${what} is longer than ${max} characters.`);
  return text;
}

/** Reads a whole number. @throws Reject */
export function readQuantity(text: string): number {
  const quantity = Number(text);
  if (!/^[+-]?\d+(\.0+)?$/.test(text) || !Number.isSafeInteger(quantity)) {
    throw new Reject(`The quantity ${clip(text)} is not a whole number.`);
  }
  return quantity;
}

/** Reads an ISO 4217 code in any case. @throws Reject */
export function readCurrency(text: string): string {
  const code = text.toUpperCase();
  if (!currencyCode.safeParse(code).success)
    throw new Reject(`The currency ${clip(text)} is not an ISO 4217 code.`);
  return code;
}

/** The part of a value that a message shows. */
export const clip = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
