import { FootfallError } from '../../shared/errors.ts';
import { fromHit, hitsOf } from '../../shared/events/ga4/hits.ts';
import { readText } from '../../shared/http/body.ts';
import type { HttpRequest } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites.ts';
import type { Format } from './format.ts';
import { MAX_BODY_BYTES, MAX_EVENTS, refuseAll, tooManyEvents } from './limits.ts';
import { siteOfMeasurementId } from './measurement-ids.ts';

/** What gtag.js sends: `GET /g/collect` with one hit, `POST /g/collect` with one or with a line for each. */
export const gtagFormat: Format = {
  siteOf,
  eventsOf: (request) => {
    const hits = hitsOf(request.rawQueryString, readText(request, MAX_BODY_BYTES));
    if (hits.length > MAX_EVENTS) throw tooManyEvents(MAX_EVENTS);
    return hits.map((hit, index) => fromHit(hit, index, hits.length > 1));
  },
  // Nobody reads the answer to a beacon; so what was refused beside what was taken is not told.
  answer: (verdicts) => {
    if (verdicts.every(({ status }) => status === 'refused')) throw refuseAll(verdicts);
    return { statusCode: 204 };
  },
};

/** Hits carry no secret, only the stream's public id; clients that write for several have a list there. */
function siteOf({ rawQueryString }: HttpRequest, sites: Sites): Site {
  const ids = new URLSearchParams(rawQueryString).getAll('tid').flatMap((tid) => tid.split(','));
  for (const id of ids) {
    const site = siteOfMeasurementId(sites, id);
    if (site) return site;
  }
  throw new FootfallError('unauthorized', 401, 'tid must be a measurement id of a site.');
}
