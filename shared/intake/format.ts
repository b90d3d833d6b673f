import type { RawFormat } from '../event/invalid.ts';
import type { WayIn } from '../event/ways-in.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';
import type { Site, Sites } from '../sites/site.ts';
import type { Incoming } from './incoming.ts';
import type { Refusal } from './plain-event.ts';
import type { Warning } from './values/warning.ts';

/** Outcome for one event of a request; `index` is its position. */
export type Verdict =
  | { index: number; status: 'accepted'; id: string; warnings?: Warning[] }
  /** Stored in the log, but aggregate will not count it: it becomes a dead letter with this reason. */
  | { index: number; status: 'dead_lettered'; id: string; errors: Refusal[]; warnings?: Warning[] }
  | { index: number; status: 'refused'; errors: Refusal[] };

/** The sender of a request. */
export interface Sender {
  /** The site that it may write to. */
  site: Site;
  /** The credential, which has its own rate limit: a write key, or another id of the site. */
  key: string;
}

/** An input format: how its requests name the site and hold events, and how they are answered. */
export interface Format {
  /** How events are kept that can't be understood. */
  rawFormat: RawFormat;
  /** The way in that quality counts; absent: the name of the format. */
  wayInOf?(request: HttpRequest): WayIn;
  /** @throws FootfallError `unauthorized` 401, `wrong_site` 403. */
  senderOf(request: HttpRequest, sites: Sites): Sender;
  /**
   * The request's events.
   * @param received when the request arrived, ms since the epoch.
   * @throws FootfallError when the request as a whole is invalid: `invalid_body` 400, `body_too_large` 413, …
   */
  eventsOf(request: HttpRequest, received: number): Incoming[];
  /** Only browsers use this format, so the request's user agent is the visitor's. */
  fromBrowsers?: boolean;
  /** The answer, once the brokers have all events that were not refused. */
  answer(verdicts: Verdict[]): HttpResponse;
}
