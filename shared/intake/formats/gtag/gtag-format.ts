import { FootfallError } from '../../../platform/errors.ts';
import { readText } from '../../../platform/http/body.ts';
import type { HttpRequest } from '../../../platform/http/stack.ts';
import type { Sites } from '../../../sites/site.ts';
import type { Format, Sender } from '../../format.ts';
import { MAX_BODY_BYTES, MAX_EVENTS, tooManyEvents } from '../../request-limits.ts';
import { summaryOf } from '../../verdicts.ts';
import { fromHit, hitsOf, linesOf } from './hits.ts';

/**
 * Requests of gtag.js: `GET /g/collect` with one hit, `POST /g/collect` with one or several, each on a line.
 */
export const gtagFormat: Format = {
  rawFormat: 'gtag',
  senderOf,
  fromBrowsers: true,
  eventsOf: (request) => {
    const lines = linesOf(readText(request, MAX_BODY_BYTES));
    // Check before copying the query for each hit.
    if (lines.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
    const hits = hitsOf(request.rawQueryString, lines);
    return hits.map((hit, index) => ({ ...fromHit(hit, index, hits.length > 1), raw: () => rawOf(hit) }));
  },
  // The sender of a beacon reads no answer, so partial refusals are not reported.
  answer: (verdicts) => {
    summaryOf(verdicts);
    return { statusCode: 204 };
  },
};

/** A hit's parameters, without the visitor's address. */
function rawOf(hit: ReadonlyMap<string, string>): Record<string, string> {
  const { uip: _, _uip: __, ...raw } = Object.fromEntries(hit);
  return raw;
}

/** Hits carry no secret, only the stream's public id. Clients that write to several streams send a list. */
function senderOf({ rawQueryString }: HttpRequest, sites: Sites): Sender {
  const ids = new URLSearchParams(rawQueryString).getAll('tid').flatMap((tid) => tid.split(','));
  for (const id of ids) {
    const site = sites.forMeasurementId(id);
    if (site) return { site, key: id };
  }
  throw new FootfallError('unauthorized', 401, 'tid must be a measurement id of a site.');
}
