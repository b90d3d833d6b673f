import { type IncomingEvent, within } from '../../incoming.ts';
import type { Warning } from '../../values/warning.ts';

/** Paths in the original by field of the plain event, known even when the value is missing. */
type Origins = Readonly<Record<string, string>>;

/**
 * A plain event under construction. Remembers for each field its path in the original, so that errors name
 * the path the client knows. Paths are written like `items[0].price` or `properties.products[0].price`.
 */
export class EventDraft {
  readonly plain: Record<string, unknown> = {};
  readonly #place: string;
  readonly #origins: Map<string, string>;
  readonly #warnings: Warning[] = [];

  /**
   * @param place path of the original in the request's body, such as `batch[2]`; empty when it is the whole
   *   body.
   * @param origins paths of fields that errors may name although the original lacks them.
   */
  constructor(place: string, origins: Origins) {
    this.#place = place;
    this.#origins = new Map(Object.entries(origins));
  }

  /** Sets a field, unless the value is undefined. @param origin its path in the original. */
  set(field: string, value: unknown, origin: string): void {
    this.#origins.set(field, origin);
    if (value !== undefined) this.plain[field] = value;
  }

  /** Records the path of a part of a field, such as `items[0].price`. */
  note(part: string, origin: string): void {
    this.#origins.set(part, origin);
  }

  /** Says what was left out or put right. @param origin its path in the original. */
  warn(code: Warning['code'], origin: string, message: string): void {
    this.#warnings.push({ code, path: within(this.#place, origin), message });
  }

  /** The original path of a plain path: of the field itself, else of the nearest enclosing field. */
  pathOf(plainPath: string): string {
    for (let path = plainPath; path !== ''; path = path.replace(/(?:^|[.[])[^.[]*$/, '')) {
      const origin = this.#origins.get(path);
      if (origin !== undefined) return within(this.#place, origin);
    }
    return this.#place;
  }

  finished(userAgent?: string): IncomingEvent {
    const pathOf = (path: string) => this.pathOf(path);
    return {
      plain: this.plain,
      pathOf,
      ...(userAgent !== undefined && { userAgent }),
      ...(this.#warnings.length > 0 && { warnings: this.#warnings }),
    };
  }
}
