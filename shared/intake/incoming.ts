import type { Refusal } from './plain-event.ts';

/** One event as it came, put into the plain format; it may still be wrong, `translate` tells. */
export interface IncomingEvent {
  plain: unknown;
  /** Where in the request's body a field of the plain event comes from, for refusals: `items[0].price`. */
  pathOf(plainPath: string): string;
  /** The visitor's, where the event says it; it counts before the request's own, which may be a server's. */
  userAgent?: string | undefined;
}

/** The event, or why it can't be put so. */
export type Incoming = IncomingEvent | { refusals: Refusal[] };

/** A path inside something that is at a place itself. */
export const within = (place: string, path: string): string =>
  place === '' || path === '' ? place + path : `${place}.${path}`;
