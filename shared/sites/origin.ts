import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import type { Site } from './site.ts';

/**
 * Accepts requests that no web page sent, and those from the site's own pages. This keeps a public write key
 * from being used on other shops' pages. It is no lock: a program can send any Origin or none.
 * @throws FootfallError `origin_not_allowed` 403.
 */
export function checkOrigin({ headers }: HttpRequest, { allowed_origins }: Site): void {
  const origin = headers.origin ?? originOf(headers.referer);
  if (origin === undefined || isAllowed(origin, allowed_origins)) return;
  const message = 'The site does not accept events from pages of this origin. Add it to allowed_origins.';
  throw new FootfallError('origin_not_allowed', 403, message);
}

/** Images and no-cors GETs send no Origin, but usually the Referer of their page. */
function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}

/**
 * Whether pages of an origin may send.
 * @param allowed empty: all origins. `https://*.example.com` allows every subdomain of example.com, but not
 *   example.com itself.
 */
export function isAllowed(origin: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return allowed.some((one) => {
    const [scheme, domain] = one.split('*') as [string, string?];
    if (domain === undefined) return origin === one;
    const name = origin.slice(scheme.length, origin.length - domain.length);
    return origin.startsWith(scheme) && origin.endsWith(domain) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name);
  });
}
