import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import type { Site, Sites } from './site.ts';

/**
 * The key in `Authorization: Bearer KEY`, or in a query parameter for clients that cannot set headers
 * (beacons).
 */
function keyOf(request: HttpRequest, parameter: string): string | undefined {
  return bearerOf(request) ?? request.queryStringParameters?.[parameter];
}

/** The key in `Authorization: Bearer KEY`. */
export const bearerOf = ({ headers }: HttpRequest): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

/**
 * The user name of Basic authentication, where Segment's libraries put the key: `base64(key:)`, with or
 * without the colon.
 */
export function basicUserOf({ headers }: HttpRequest): string | undefined {
  const credentials = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return credentials && Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0];
}

/** The 401 for a request without a key of this kind. */
export const unauthorized = (kind: 'write' | 'read' | 'admin') => {
  const article = kind === 'admin' ? 'An' : 'A';
  const orQuery = kind === 'admin' ? '' : `, or ?${kind}_key=KEY`;
  const message = `${article} ${kind} key is required: Authorization: Bearer KEY${orQuery}.`;
  return new FootfallError('unauthorized', 401, message);
};

/**
 * Finds the site that a request writes to, by its write key.
 * @returns the site and the key.
 * @throws FootfallError `unauthorized` 401.
 */
export function writeSender(request: HttpRequest, sites: Sites): { site: Site; key: string } {
  const key = keyOf(request, 'write_key') ?? '';
  const site = sites.forWriteKey(key);
  if (!site) throw unauthorized('write');
  return { site, key };
}

/** Finds the site that a request reads, by its read key. @throws FootfallError `unauthorized` 401. */
export function readSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forReadKey(keyOf(request, 'read_key') ?? '');
  if (!site) throw unauthorized('read');
  return site;
}

/**
 * Finds the site that a request administers, by the admin key in its header. @throws FootfallError
 * `unauthorized` 401.
 */
export function adminSite(request: HttpRequest, sites: Sites): Site {
  const site = sites.forAdminKey(bearerOf(request) ?? '');
  if (!site) throw unauthorized('admin');
  return site;
}
