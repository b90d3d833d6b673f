import { short } from '../platform/validation.ts';
import type { Refusal } from './plain-event.ts';
import type { Warning } from './values/warning.ts';

/** One received event in the plain format. It may be invalid; `translate` checks it. */
export interface IncomingEvent {
  plain: unknown;
  /** Path in the request's body of a field of the plain event, for errors: `items[0].price`. */
  pathOf(plainPath: string): string;
  /** The visitor's user agent if the event has one. It overrides the request's, which may be a server's. */
  userAgent?: string | undefined;
  /** What the format left out or put right, with paths in the request's body. */
  warnings?: readonly Warning[];
  raw?: Raw;
}

/**
 * The event by itself in the format of its request, without addresses; `reread` takes it again. Made only when the event
 * is not understood, or something in it was put right.
 */
export type Raw = () => unknown;

/**
 * An event; or why it cannot be converted, with what could be read of it: whether it refuses consent decides how much is
 * kept.
 */
export type Incoming = IncomingEvent | { refusals: Refusal[]; plain?: unknown; raw?: Raw };

/** Joins the path of something and a path inside it. */
export const within = (place: string, path: string): string =>
  place === '' || path === '' ? place + path : `${place}.${path}`;

/**
 * Refusals for the numbers of an event that are not finite, such as the `NaN` of a Python program; empty when
 * it has none.
 * @param place path of the event in the request's body.
 */
export const refusalsOfNumbers = (event: unknown, place: string): Refusal[] =>
  areFinite(event)
    ? []
    : findNotFinite(event).map((path) => ({
        code: 'invalid_event',
        path: within(place, path),
        message: 'must be a number: NaN and Infinity are not numbers',
      }));

/** Whether all numbers of a value are. Nearly all are, and then no paths are made. */
function areFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(areFinite);
  for (const name of Object.keys(value)) {
    const one = (value as Record<string, unknown>)[name];
    if ((typeof one === 'number' || typeof one === 'object') && !areFinite(one)) return false;
  }
  return true;
}

/**
 * Finds numbers that are not finite, which JSON does not have.
 * @returns paths inside the value, such as `items[0].price`; at most 20.
 */
function findNotFinite(value: unknown, path = '', found: string[] = []): string[] {
  if (found.length >= 20) return found;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) found.push(path);
  } else if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) findNotFinite(one, `${path}[${index}]`, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      if (typeof one === 'number' || typeof one === 'object') {
        findNotFinite(one, path === '' ? short(name) : `${path}.${short(name)}`, found);
      }
    }
  }
  return found;
}
