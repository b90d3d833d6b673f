import type { Refusal } from '../../shared/events/plain.ts';
import type { HttpRequest, HttpResponse } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites.ts';

/** One event as it came: put into the plain format, or why that can't be done. */
export type Incoming =
  | {
      /** Of the plain format's shape, or wrong; `translate` tells. */
      plain: unknown;
      /** Where in the request's body a field of the plain event comes from, for refusals: `items[0].price`. */
      pathOf(plainPath: string): string;
      /** The visitor's user agent, where the event says it: the request's own may be a server's. */
      userAgent?: string;
    }
  | { refusals: Refusal[] };

/** What became of one event of a request; `index` is its place in it. */
export type Verdict =
  | { index: number; status: 'accepted'; id: string }
  | { index: number; status: 'refused'; errors: Refusal[] };

/** A way in: how its requests name the site and hold events, and how they are answered. */
export interface Format {
  /** The site that a request may write to. @throws FootfallError `unauthorized` (401). */
  siteOf(request: HttpRequest, sites: Sites): Site;
  /**
   * The request's events.
   * @param received when it came, ms since the epoch.
   * @throws FootfallError for what is wrong with the request as a whole: `invalid_body` 400, `body_too_large` 413, …
   */
  eventsOf(request: HttpRequest, site: Site, received: number): Incoming[];
  /** The answer once the brokers have all accepted events. */
  answer(verdicts: Verdict[]): HttpResponse;
}
