import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import type { Site, Sites } from './site.ts';

/** `Authorization: Bearer KEY`, or the query parameter for clients that can't set headers (beacons). */
function keyOf(request: HttpRequest, parameter: string): string | undefined {
  return bearerOf(request) ?? request.queryStringParameters?.[parameter];
}

/** The key of `Authorization: Bearer KEY`. */
export const bearerOf = ({ headers }: HttpRequest): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

/** The user name of Basic authentication, as Segment has its key: `base64(key:)`, with the colon or without. */
export function basicUserOf({ headers }: HttpRequest): string | undefined {
  const credentials = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return credentials && Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0];
}

const unauthorized = (kind: 'write' | 'read' | 'admin') => {
  const article = kind === 'admin' ? 'An' : 'A';
  const orQuery = kind === 'admin' ? '' : `, or ?${kind}_key=KEY`;
  const message = `${article} ${kind} key of a site is required: Authorization: Bearer KEY${orQuery}.`;
  return new FootfallError('unauthorized', 401, message);
};

/** The site that a request may write to, and by which key. @throws FootfallError `unauthorized` (401). */
export function writeSender(request: HttpRequest, sites: Sites): { site: Site; key: string } {
  const key = keyOf(request, 'write_key') ?? '';
  const site = sites.forWriteKey(key);
  if (!site) throw unauthorized('write');
  return { site, key };
}

/** The site that a request may read. @throws FootfallError `unauthorized` (401). */
export function readSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forReadKey(keyOf(request, 'read_key') ?? '');
  if (!site) throw unauthorized('read');
  return site;
}

/** The site whose definitions a request may change; by header alone. @throws FootfallError `unauthorized` (401). */
export function adminSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forAdminKey(bearerOf(request) ?? '');
  if (!site) throw unauthorized('admin');
  return site;
}
