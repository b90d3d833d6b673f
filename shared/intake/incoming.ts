import type { Refusal } from './plain-event.ts';

/** One received event in the plain format. It may be invalid; `translate` checks it. */
export interface IncomingEvent {
  plain: unknown;
  /** Path in the request's body of a field of the plain event, for errors: `items[0].price`. */
  pathOf(plainPath: string): string;
  /** The visitor's user agent if the event has one. It overrides the request's, which may be a server's. */
  userAgent?: string | undefined;
}

/** An event, or why it cannot be converted. */
export type Incoming = IncomingEvent | { refusals: Refusal[] };

/** Joins the path of something and a path inside it. */
export const within = (place: string, path: string): string =>
  place === '' || path === '' ? place + path : `${place}.${path}`;
