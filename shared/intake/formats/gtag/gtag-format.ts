import { FootfallError } from '../../../platform/errors.ts';
import { readText, tooLarge } from '../../../platform/http/body.ts';
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
  senderOf,
  fromBrowsers: true,
  eventsOf: (request) => {
    const body = readText(request, MAX_BODY_BYTES);
    const lines = linesOf(body);
    // Check before copying the query for each hit.
    if (lines.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
    // Each hit has all parameters of the query, so they are as much work as if each line had them.
    if (body.length + lines.length * request.rawQueryString.length > MAX_BODY_BYTES) {
      throw tooLarge(MAX_BODY_BYTES, 'The body, with the query once for each hit,');
    }
    const hits = hitsOf(request.rawQueryString, lines);
    return hits.map((hit, index) => fromHit(hit, index, hits.length > 1));
  },
  // The sender of a beacon reads no answer, so partial refusals are not reported.
  answer: (verdicts) => {
    summaryOf(verdicts);
    return { statusCode: 204 };
  },
};

/** Hits carry no secret, only the stream's public id. Clients that write to several streams send a list. */
function senderOf({ rawQueryString }: HttpRequest, sites: Sites): Sender {
  const ids = new URLSearchParams(rawQueryString).getAll('tid').flatMap((tid) => tid.split(','));
  for (const id of ids) {
    const site = sites.forMeasurementId(id);
    if (site) return { site, key: id };
  }
  throw new FootfallError('unauthorized', 401, 'tid must be a measurement id of a site.');
}
