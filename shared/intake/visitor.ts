import type { HttpRequest } from '../platform/http/stack.ts';
import { isCountry } from './enrich/countries.ts';
import type { Visitor } from './enrich/enrich.ts';
import { hostOf } from './enrich/traffic-source.ts';

/**
 * What a request tells of the visitor: only when the visitor's browser sent it. A shop's server has a user agent and
 * a country of its own, which are nobody's. No address is looked at.
 * @param options.countryHeader in which the edge (CloudFront, Cloudflare …) says the country, in lower case.
 * @param options.fromBrowsers the request's format is one that only browsers send.
 */
export function visitorOf(
  { headers }: HttpRequest,
  options: { countryHeader?: string | undefined; fromBrowsers?: boolean | undefined } = {},
): Visitor {
  // Browsers send all of Sec-Fetch-*, or, older ones, Origin; Node's fetch sends Sec-Fetch-Mode alone.
  const isBrowser =
    options.fromBrowsers || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  if (!isBrowser) return {};
  const userAgent = headers['user-agent'];
  const country = options.countryHeader && headers[options.countryHeader]?.trim().toUpperCase();
  const host = hostOf(headers.origin);
  return {
    ...(userAgent && { userAgent }),
    ...(country && isCountry(country) && { country }),
    ...(host && { host }),
  };
}
