import { type IncomingEvent, within } from '../../incoming.ts';

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

  finished(userAgent?: string): IncomingEvent {
    const pathOf = (path: string) => this.pathOf(path);
    return { plain: this.plain, pathOf, ...(userAgent !== undefined && { userAgent }) };
  }
}
