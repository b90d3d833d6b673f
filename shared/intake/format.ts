import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import type { Site, Sites } from '../sites/site.ts';
import type { Incoming } from './incoming.ts';
import type { Refusal } from './plain-event.ts';

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
  eventsOf(request: HttpRequest, received: number): Incoming[];
  /** Nobody but browsers sends it, so each request's user agent is the visitor's. */
  fromBrowsers?: boolean;
  /** The answer once the brokers have all events that are not refused. */
  answer(verdicts: Verdict[]): HttpResponse;
}
