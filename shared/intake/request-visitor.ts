import type { HttpRequest } from '../platform/http/stack.ts';
import { isCountry } from './enrich/countries.ts';
import type { Visitor } from './enrich/enrich.ts';
import { hostOf } from './enrich/traffic-source.ts';

/**
 * What a request's headers tell of the visitor, if the visitor's browser sent it. A shop's server has a user
 * agent and country of its own, which say nothing. Never looks at addresses.
 * @param options.countryHeader header, in lower case, in which the edge (CloudFront, Cloudflare …) names the
 *   country.
 * @param options.fromBrowsers only browsers send the request's format.
 */
export function visitorOf(
  { headers }: HttpRequest,
  options: { countryHeader?: string | undefined; fromBrowsers?: boolean | undefined } = {},
): Visitor {
  // Browsers send all Sec-Fetch-* headers, older ones Origin. Node's fetch sends Sec-Fetch-Mode only.
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
