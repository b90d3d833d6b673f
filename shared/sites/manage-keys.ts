import { FootfallError } from '../platform/errors.ts';
import { DAY_MS } from '../platform/time.ts';
import type { Site } from './site.ts';
import { isExpired, type KeyKind, type KeyOptions, type NewKey, newKey, type SiteKey } from './site-keys.ts';

/** Adds, rotates and revokes the keys of a site. Pure; times are in ms since the epoch. */

/** Most keys of one site, including recently expired ones. */
const MAX_KEYS = 50;
/** Expired keys stay listed this long, ms. */
const LISTED_MS = 30 * DAY_MS;

/** Adds a new key. @throws FootfallError `too_many_keys` 409. */
export function addKey(
  site: Site,
  kind: KeyKind,
  now: number,
  options?: KeyOptions,
): { site: Site; made: NewKey } {
  const made = newKey(kind, now, options);
  return { site: withKeys(site, [...site.keys, made.key], now), made };
}

/**
 * Adds a new key of the same kind and name. It ends when the old key was made to end. The old key expires after the
 * overlap, or earlier if that was already set.
 * @throws FootfallError `unknown_key` 404, also for an expired key; `too_many_keys` 409.
 */
export function rotateKey(
  site: Site,
  id: string,
  { now, overlapMs }: { now: number; overlapMs: number },
): { site: Site; made: NewKey; old: SiteKey } {
  const key = keyOf(site, id);
  if (isExpired(key, now)) {
    throw new FootfallError('unknown_key', 404, 'The key with this id has expired. Create a new one.');
  }
  const { kind, name, planned_end } = key;
  const made = newKey(kind, now, {
    name,
    expiresAt: planned_end === undefined ? undefined : Date.parse(planned_end),
  });
  const old = ending(key, now + overlapMs);
  return { site: withKeys(site, [...replaced(site, old), made.key], now), made, old };
}

/** Expires a key at once; an expired key is left unchanged. @throws FootfallError `unknown_key` 404. */
export function revokeKey(site: Site, id: string, now: number): Site {
  return withKeys(site, replaced(site, ending(keyOf(site, id), now)), now);
}

function ending(key: SiteKey, at: number): SiteKey {
  return isExpired(key, at) ? key : { ...key, expires_at: new Date(at).toISOString() };
}

const replaced = ({ keys }: Site, key: SiteKey) => keys.map((one) => (one.id === key.id ? key : one));

function withKeys(site: Site, all: readonly SiteKey[], now: number): Site {
  const keys = all.filter((key) => !isExpired(key, now - LISTED_MS));
  if (keys.length > MAX_KEYS && keys.length > site.keys.length) {
    const message = `A site has at most ${MAX_KEYS} keys, including those that expired in the last 30 days.`;
    throw new FootfallError('too_many_keys', 409, message, { details: { limit: MAX_KEYS } });
  }
  return { ...site, keys };
}

/** A key by its id. @throws FootfallError `unknown_key` 404. */
export function keyOf({ keys }: Site, id: string): SiteKey {
  const key = keys.find((one) => one.id === id);
  if (!key) throw unknownKey();
  return key;
}

const unknownKey = () => new FootfallError('unknown_key', 404, 'The site has no key with this id.');
