import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest } from '../platform/http/stack.ts';
import type { Site } from './site.ts';

/**
 * Lets a request pass that no web page has sent, or one of the site's own. It keeps a public key out of other shops'
 * pages by mistake or abuse; a program can send any Origin or none, so it is no lock.
 * @throws FootfallError `origin_not_allowed` 403.
 */
export function checkOrigin({ headers }: HttpRequest, { allowed_origins }: Site): void {
  const origin = headers.origin ?? originOf(headers.referer);
  if (origin === undefined || isAllowed(origin, allowed_origins)) return;
  const message = 'The site does not take events from pages of this origin; see its allowed_origins.';
  throw new FootfallError('origin_not_allowed', 403, message);
}

/** An image or a GET that asks for no answer has no Origin, but mostly the page that it is of. */
function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}

/** @param allowed none: all are. `https://*.example.com` allows what lies below example.com, and not itself. */
export function isAllowed(origin: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return allowed.some((one) => {
    const [scheme, domain] = one.split('*') as [string, string?];
    if (domain === undefined) return origin === one;
    const name = origin.slice(scheme.length, origin.length - domain.length);
    return origin.startsWith(scheme) && origin.endsWith(domain) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name);
  });
}
