import { FootfallError } from '../errors.ts';
import type { Site, Sites } from '../sites.ts';
import type { HttpRequest } from './stack.ts';

/** `Authorization: Bearer KEY`, or the query parameter for clients that can't set headers (beacons). */
function keyOf(request: HttpRequest, parameter: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  return bearer?.[1] ?? request.queryStringParameters?.[parameter];
}

const unauthorized = (kind: 'write' | 'read') =>
  new FootfallError(
    'unauthorized',
    401,
    `A ${kind} key of a site is required: Authorization: Bearer KEY, or ?${kind}_key=KEY.`,
  );

/** The site that a request may write to. @throws FootfallError `unauthorized` (401). */
export function writeSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forWriteKey(keyOf(request, 'write_key') ?? '');
  if (!site) throw unauthorized('write');
  return site;
}

/** The site that a request may read. @throws FootfallError `unauthorized` (401). */
export function readSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forReadKey(keyOf(request, 'read_key') ?? '');
  if (!site) throw unauthorized('read');
  return site;
}
