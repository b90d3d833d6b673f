import * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import { type AccessContext, isInstallationKey, mustManage, readAccess } from './access.ts';
import { bearerOf } from './authorize.ts';
import { type KeyOfSite, type Site, type Sites, siteIn } from './site.ts';
import { findSite, type SiteSource } from './source.ts';

/** The caller of an endpoint that reads: a site's read or admin key, or the installation's admin key. */
export type Reader = { kind: 'installation' } | ({ kind: 'read' | 'admin' } & KeyOfSite);

/**
 * Identifies the reader by the key in the `Authorization` header.
 * @param keyInQuery a read key of the query, for clients that cannot set headers; the header goes before it. An admin
 *   key does not count there: queries end up in logs.
 * @throws FootfallError `unauthorized` 401, `sites_unavailable` 503.
 */
export async function readerOf(
  request: HttpRequest,
  { sites, adminKeyHash }: AccessContext,
  keyInQuery?: string,
): Promise<Reader> {
  const key = bearerOf(request);
  if (key !== undefined && isInstallationKey(key, adminKeyHash)) return { kind: 'installation' };
  return findSite(sites, (known) => {
    const found =
      key === undefined
        ? keyOfKind('read', keyInQuery ?? '', known)
        : (keyOfKind('read', key, known) ?? keyOfKind('admin', key, known));
    if (!found) throw noReader(key ?? keyInQuery, known);
    return found;
  });
}

function keyOfKind(kind: 'read' | 'admin', text: string, sites: Sites): Reader | undefined {
  const found = sites.find(kind, text);
  return found && { kind, site: found.site, key: found.key };
}

/** The 401. It tells a write key, which is public, from a key that does not exist. */
function noReader(key: string | undefined, sites: Sites): FootfallError {
  const isWriteKey = key !== undefined && sites.forWriteKey(key) !== undefined;
  const message = isWriteKey
    ? 'This is a write key: it only sends events. A read or admin key is required: Authorization: Bearer KEY.'
    : 'A read or admin key is required: Authorization: Bearer KEY.';
  return new FootfallError('unauthorized', 401, message);
}

/**
 * The site that a reader asks about: the key's own. The installation's admin key belongs to none, so its holder names
 * one.
 * @param named the id in the request; undefined: the request names no site.
 * @throws FootfallError `wrong_site` 403, whether the site exists or not. For the installation's key `site_required`
 *   400 and `unknown_site` 404.
 */
export async function askedSite(reader: Reader, named: string | undefined, sites: SiteSource): Promise<Site> {
  if (reader.kind !== 'installation') {
    if (named !== undefined) mustManage({ site: reader.site.id }, named);
    return reader.site;
  }
  return namedSite(named, sites);
}

/**
 * The site that a request administers: that of its admin key. The holder of the installation's admin key names one with
 * `?site=ID`.
 * @throws FootfallError `unauthorized` 401, `wrong_site` 403, `sites_unavailable` 503. For the installation's key
 *   `site_required` 400 and `unknown_site` 404.
 */
export async function administeredSite(request: HttpRequest, context: AccessContext): Promise<Site> {
  const access = await readAccess(request, context);
  const named = request.queryStringParameters?.site;
  if ('installation' in access) return namedSite(named, context.sites);
  if (named !== undefined) mustManage(access, named);
  return findSite(context.sites, (known) => siteIn(known, access.site));
}

/** For the API's document: what refuses the `site` of the query below. */
export const SITE_REFUSED = {
  400: '`site` is missing (`site_required`)',
  403: 'The key belongs to another site than `site`',
  404: "With the installation's admin key: there is no such site",
} as const;

/** For the API's document: how {@link askedSite} and {@link administeredSite} take the site. */
export const siteQuery = z.object({
  site: z.string().max(64).optional().meta({
    description:
      "The key's own site; another site is refused. Required with the admin key of the installation",
    example: 'shoes',
  }),
});

async function namedSite(named: string | undefined, sites: SiteSource): Promise<Site> {
  if (named === undefined) {
    const message = "The installation's admin key belongs to no site. Name one in the query: ?site=ID.";
    throw new FootfallError('site_required', 400, message);
  }
  return findSite(sites, (known) => siteIn(known, named));
}
