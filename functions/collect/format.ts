import type { Refusal } from '../../shared/events/plain.ts';
import type { HttpRequest, HttpResponse } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites/sites.ts';

/** One event as it came: put into the plain format, or why that can't be done. */
export type Incoming =
  | {
      /** Of the plain format's shape, or wrong; `translate` tells. */
      plain: unknown;
      /** What the visitor uses, where the event says so; it counts before the request's own. */
      userAgent?: string | undefined;
      /** Where in the request's body a field of the plain event comes from, for refusals: `items[0].price`. */
      pathOf(plainPath: string): string;
    }
  | { refusals: Refusal[] };

/** What became of one event of a request; `index` is its place in it. */
export type Verdict =
  | { index: number; status: 'accepted'; id: string }
  /** In the log, from which aggregate will put it aside with the reason: it is not counted. */
  | { index: number; status: 'dead_lettered'; id: string; errors: Refusal[] }
  | { index: number; status: 'refused'; errors: Refusal[] };

/** Who a request is from. */
export interface Sender {
  /** The site that it may write to. */
  site: Site;
  /** What it shows for that, with a rate limit of its own: a write key, or what else is known of the site. */
  key: string;
}

/** A way in: how its requests name the site and hold events, and how they are answered. */
export interface Format {
  /** @throws FootfallError `unauthorized` (401), `wrong_site` (403). */
  senderOf(request: HttpRequest, sites: Sites): Sender;
  /**
   * The request's events.
   * @param received when it came, ms since the epoch.
   * @throws FootfallError for what is wrong with the request as a whole: `invalid_body` 400, `body_too_large` 413, …
   */
  eventsOf(request: HttpRequest, site: Site, received: number): Incoming[];
  /** Nobody but browsers sends it, so each request's user agent is the visitor's. */
  fromBrowsers?: boolean;
  /** The answer once the brokers have all events that are not refused. */
  answer(verdicts: Verdict[]): HttpResponse;
}
