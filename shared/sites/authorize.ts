import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import type { Site, Sites } from './site.ts';

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
export const unauthorized = (kind: 'write' | 'admin') =>
  new FootfallError(
    'unauthorized',
    401,
    kind === 'admin'
      ? 'An admin key is required: Authorization: Bearer KEY.'
      : 'A write key is required: Authorization: Bearer KEY, or ?write_key=KEY.',
  );

/**
 * Finds the site that a request writes to, by its write key.
 * @returns the site and the key.
 * @throws FootfallError `unauthorized` 401.
 */
export function writeSender(request: HttpRequest, sites: Sites): { site: Site; key: string } {
  // In the query for clients that cannot set headers (beacons).
  const key = bearerOf(request) ?? request.queryStringParameters?.write_key ?? '';
  const site = sites.forWriteKey(key);
  if (!site) throw unauthorized('write');
  return { site, key };
}
