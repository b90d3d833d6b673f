import { getDomain } from 'tldts';
import { isAmong, isOfPayments } from './payment-hosts.ts';

/** What a site says of referrers. */
export interface ReferrerTerms {
  /** Hosts that bring no visitors, each with all hosts below it. */
  ignored_referrers: readonly string[];
}

/**
 * Whether a previous page brought the visitor: not when it is of the site itself, of a payment provider, or of a host that
 * the site ignores.
 * @param referrer host of the previous page, see hostOf.
 * @param own hosts of the page, and of the page that sent the event.
 */
export function isReferrer(
  referrer: string,
  own: readonly (string | undefined)[],
  { ignored_referrers }: ReferrerTerms,
): boolean {
  if (own.includes(referrer) || isOfPayments(referrer)) return false;
  if (ignored_referrers.length > 0 && isAmong(new Set(ignored_referrers), referrer)) return false;
  const domain = domainOf(referrer);
  return domain === undefined || !own.some((host) => host !== undefined && domainOf(host) === domain);
}

/**
 * The domain that was registered, by the Public Suffix List: `shop.co.uk` of `www.shop.co.uk`. Shops on a platform
 * (`one.myshopify.com`) are apart. Addresses and single names have none.
 */
const domainOf = (host: string): string | undefined =>
  getDomain(host, { allowPrivateDomains: true }) ?? undefined;
