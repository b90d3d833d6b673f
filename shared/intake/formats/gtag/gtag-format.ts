import { FootfallError } from '../../../platform/errors.ts';
import { readText, tooLarge } from '../../../platform/http/body.ts';
import type { HttpRequest } from '../../../platform/http/stack.ts';
import type { Sites } from '../../../sites/site.ts';
import type { Format, Sender } from '../../format.ts';
import { MAX_BODY_BYTES, MAX_EVENTS, tooManyEvents } from '../../request-limits.ts';
import { summaryOf } from '../../verdicts.ts';
import { fromHit, hitsOf, linesOf, WRITE_KEY } from './hits.ts';

/**
 * Requests of gtag.js: `GET /g/collect` with one hit, `POST /g/collect` with one or several, each on a line.
 */
export const gtagFormat: Format = {
  rawFormat: 'gtag',
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
    return hits.map((hit, index) => ({ ...fromHit(hit, index, hits.length > 1), raw: () => rawOf(hit) }));
  },
  // The sender of a beacon reads no answer, so partial refusals are not reported.
  answer: (verdicts) => {
    summaryOf(verdicts);
    return { statusCode: 204 };
  },
};

/** A hit's parameters, without the visitor's address and the key. */
function rawOf(hit: ReadonlyMap<string, string>): Record<string, string> {
  const { uip: _, _uip: __, [WRITE_KEY]: ___, [CONFIG_KEY]: ____, ...raw } = Object.fromEntries(hit);
  return raw;
}

/**
 * The write key decides where a hit has one: in the query, or as the parameter `write_key` of gtag.js' `config`, which
 * it sends with each event. Else the stream's public id does; clients that write to several streams send a list.
 */
function senderOf(request: HttpRequest, sites: Sites): Sender {
  const query = new URLSearchParams(request.rawQueryString);
  const key = query.get(WRITE_KEY) ?? query.get(CONFIG_KEY) ?? keyInBody(request);
  if (key !== undefined) {
    const site = sites.forWriteKey(key);
    if (!site) throw new FootfallError('unauthorized', 401, 'write_key must be a write key of a site.');
    return { site, key };
  }
  for (const id of query.getAll('tid').flatMap((tid) => tid.split(','))) {
    const site = sites.forMeasurementId(id);
    if (site) return { site, key: id };
  }
  throw new FootfallError('unauthorized', 401, 'tid must be a measurement id of a site.');
}

const CONFIG_KEY = `ep.${WRITE_KEY}`;

/** The key of the first line that has one: all hits of a request are of one page. */
function keyInBody(request: HttpRequest): string | undefined {
  const text = readText(request, MAX_BODY_BYTES);
  return text.includes(CONFIG_KEY)
    ? linesOf(text)
        .map((line) => new URLSearchParams(line).get(CONFIG_KEY))
        .find((key) => key !== null)
    : undefined;
}
