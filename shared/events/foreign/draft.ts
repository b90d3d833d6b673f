import type { Refusal } from '../plain.ts';

/** An event of another format as a plain one; it may still be wrong, `translate` tells. */
export interface ForeignEvent {
  plain: unknown;
  /** Where in the request's body a field of the plain event comes from, for refusals. */
  pathOf(plainPath: string): string;
  /** The visitor's, where the format carries it: the request's own is then of a server. */
  userAgent?: string;
}

/** The event, or why it can't be one. */
export type Foreign = ForeignEvent | { refusals: Refusal[] };

/** What is missing is where it should have been: a field's origin is known before its value. */
type Origins = Readonly<Record<string, string>>;

/**
 * A plain event in the making, and where in the original each of its fields comes from.
 * Paths are written as in refusals: `items[0].price`, `properties.products[0].price`.
 */
export class Draft {
  readonly plain: Record<string, unknown> = {};
  readonly #place: string;
  readonly #origins: Map<string, string>;

  /**
   * @param place where the original is in the request's body: `batch[2]`; empty when it is the body.
   * @param origins of fields that may be asked for although the original has no such thing.
   */
  constructor(place: string, origins: Origins) {
    this.#place = place;
    this.#origins = new Map(Object.entries(origins));
  }

  /** Gives a field its value; undefined leaves it away. `origin` is a path inside the original. */
  set(field: string, value: unknown, origin: string): void {
    this.#origins.set(field, origin);
    if (value !== undefined) this.plain[field] = value;
  }

  /** Notes where a part of a field comes from: `items[0].price`. */
  note(part: string, origin: string): void {
    this.#origins.set(part, origin);
  }

  /** The original's path of a plain path: that of the field itself, else of what it is a part of. */
  pathOf(plainPath: string): string {
    for (let path = plainPath; path !== ''; path = path.replace(/(?:^|[.[])[^.[]*$/, '')) {
      const origin = this.#origins.get(path);
      if (origin !== undefined) return within(this.#place, origin);
    }
    return this.#place;
  }

  finished(userAgent?: string): ForeignEvent {
    const pathOf = (path: string) => this.pathOf(path);
    return { plain: this.plain, pathOf, ...(userAgent !== undefined && { userAgent }) };
  }
}

/** A path inside something that is at a place itself. */
export const within = (place: string, path: string): string =>
  place === '' || path === '' ? place + path : `${place}.${path}`;
