import { timingSafeEqual } from 'node:crypto';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import { bearerOf, unauthorized } from './authorize.ts';
import { type KeyKind, keyHash } from './site-keys.ts';
import { findSite, type SiteSource } from './source.ts';

/** The caller: the operator of the installation, or the site that owns the admin key. */
export type Access = { installation: true } | { site: string };

/** Dependencies of {@link readAccess}. */
export interface AccessContext {
  sites: SiteSource;
  /** SHA-256 of the installation's admin key, hex; undefined: the installation has no admin key. */
  adminKeyHash: string | undefined;
}

/**
 * Tells who calls, by the admin key in the `Authorization` header.
 * @throws FootfallError `unauthorized` 401, `sites_unavailable` 503.
 */
export async function readAccess(
  request: HttpRequest,
  { sites, adminKeyHash }: AccessContext,
): Promise<Access> {
  const key = bearerOf(request);
  if (key === undefined) throw unauthorized('admin');
  if (isInstallationKey(key, adminKeyHash)) return { installation: true };
  return findSite(sites, (known) => {
    const site = known.forAdminKey(key);
    if (!site) throw unauthorized('admin');
    return { site: site.id };
  });
}

/** Compares in constant time. @param hash SHA-256, hex; undefined: the installation has no admin key. */
export const isInstallationKey = (key: string, hash: string | undefined): boolean =>
  hash !== undefined && timingSafeEqual(Buffer.from(keyHash(key), 'hex'), Buffer.from(hash, 'hex'));

/** @throws FootfallError `installation_only` 403. */
export function mustBeInstallation(access: Access): void {
  if ('installation' in access) return;
  const message =
    "This needs the installation's admin key. A site's admin key only changes that site's settings.";
  throw new FootfallError('installation_only', 403, message);
}

/**
 * A site's admin key may make and end read keys, such as those of share links. The other kinds need the installation's.
 * @throws FootfallError `installation_only` 403.
 */
export function mustManageKeys(access: Access, kind: KeyKind): void {
  if ('installation' in access || kind === 'read') return;
  const message = `This needs the installation's admin key: a site's admin key makes and ends read keys, and this is ${kind === 'admin' ? 'an admin' : 'a write'} key.`;
  throw new FootfallError('installation_only', 403, message);
}

/** @throws FootfallError `wrong_site` 403, whether the site exists or not. */
export function mustManage(access: Access, site: string): void {
  if ('installation' in access || access.site === site) return;
  throw new FootfallError('wrong_site', 403, 'The key belongs to another site than the one requested.');
}
