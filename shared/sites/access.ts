import { timingSafeEqual } from 'node:crypto';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import { bearerOf } from './authorize.ts';
import { keyHash } from './site-keys.ts';
import { findSite, type SiteSource } from './source.ts';

/** Who asks: whoever runs the installation, or the site whose admin key it is. */
export type Access = { installation: true } | { site: string };

/** What it takes to know who asks. */
export interface AccessContext {
  sites: SiteSource;
  /** SHA-256, in hex, of the installation's admin key; without it nobody has one. */
  adminKeyHash: string | undefined;
}

/** @throws FootfallError `unauthorized` 401, `sites_unavailable` 503. */
export async function readAccess(
  request: HttpRequest,
  { sites, adminKeyHash }: AccessContext,
): Promise<Access> {
  const key = bearerOf(request);
  if (key === undefined) throw unauthorized();
  if (adminKeyHash !== undefined && isOf(key, adminKeyHash)) return { installation: true };
  return findSite(sites, (known) => {
    const site = known.forAdminKey(key);
    if (!site) throw unauthorized();
    return { site: site.id };
  });
}

const isOf = (key: string, hash: string) =>
  timingSafeEqual(Buffer.from(keyHash(key), 'hex'), Buffer.from(hash, 'hex'));

/** @throws FootfallError `installation_only` 403. */
export function mustBeInstallation(access: Access): void {
  if ('installation' in access) return;
  const message = "This needs the installation's admin key; a site's own is for that site's settings.";
  throw new FootfallError('installation_only', 403, message);
}

/** @throws FootfallError `wrong_site` 403, whether there is such a site or not. */
export function mustManage(access: Access, site: string): void {
  if ('installation' in access || access.site === site) return;
  throw new FootfallError('wrong_site', 403, 'The key is of another site than the one asked for.');
}

const unauthorized = () =>
  new FootfallError('unauthorized', 401, 'An admin key is required: Authorization: Bearer KEY.');
