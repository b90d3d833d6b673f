import type { TrafficSource } from './channel.ts';
import { siteOf } from './sources.ts';

/** The longest source, medium or campaign of a plain event. */
const MAX_LENGTH = 200;

/**
 * Click ids that ad systems add to links, and GA4's source and medium for them: `google / cpc` for Google
 * Ads, `dfa / cpm` for Campaign Manager and Display & Video. Those that GA4 does not know follow the same
 * pattern.
 */
const CLICK_IDS: Readonly<Record<string, TrafficSource>> = {
  gclid: { source: 'google', medium: 'cpc' },
  gbraid: { source: 'google', medium: 'cpc' },
  wbraid: { source: 'google', medium: 'cpc' },
  dclid: { source: 'dfa', medium: 'cpm' },
  msclkid: { source: 'bing', medium: 'cpc' },
  yclid: { source: 'yandex', medium: 'cpc' },
  ttclid: { source: 'tiktok', medium: 'cpc' },
  twclid: { source: 'twitter', medium: 'cpc' },
  li_fat_id: { source: 'linkedin', medium: 'cpc' },
};

/**
 * Where a visit came from, by its landing page and the previous page: the campaign in the link (utm_…), else
 * the ad by its click id, else the previous page.
 * @param page URL, or path with query.
 * @param referrer host of a page of another site, see {@link hostOf}.
 */
export function trafficSource(page: string | undefined, referrer: string | undefined): TrafficSource {
  const query = queryOf(page);
  const parameter = (name: string) => {
    const value = query?.get(name)?.trim().slice(0, MAX_LENGTH).toWellFormed();
    return value === '' ? undefined : value;
  };
  const campaign = parameter('utm_campaign');
  const [source, medium] = [parameter('utm_source'), parameter('utm_medium')];
  if (source !== undefined || medium !== undefined) return present({ source, medium, campaign });
  const click = Object.keys(CLICK_IDS).find((name) => parameter(name) !== undefined);
  if (click !== undefined) return present({ ...CLICK_IDS[click], campaign });
  if (referrer !== undefined) return present({ ...ofReferrer(referrer), campaign });
  // Facebook adds it to every link, ad or not, and its app sends no referrer.
  if (parameter('fbclid') !== undefined)
    return present({ source: 'facebook.com', medium: 'referral', campaign });
  return present({ campaign });
}

/** As in GA4: search engines by name, other sites by host. */
function ofReferrer(host: string): TrafficSource {
  const site = siteOf(host);
  if (site?.kind === 'search') return { source: site.name, medium: 'organic' };
  return {
    source: host.slice(0, MAX_LENGTH),
    medium: site?.kind === 'assistant' ? 'ai-assistant' : 'referral',
  };
}

function present({
  source,
  medium,
  campaign,
}: {
  [K in keyof TrafficSource]: TrafficSource[K] | undefined;
}): TrafficSource {
  const found: TrafficSource = {};
  if (source !== undefined) found.source = source;
  if (medium !== undefined) found.medium = medium;
  if (campaign !== undefined) found.campaign = campaign;
  return found;
}

function queryOf(page: string | undefined): URLSearchParams | undefined {
  const query = page && /^[^?#]*\?([^#]*)/.exec(page)?.[1];
  return query ? new URLSearchParams(query) : undefined;
}

/** A host has 253 characters. Longer ones are not parsed: international names take long. */
const WITH_HOST = /^(?:https?|android-app):\/\/[^/?#\\]{0,300}(?:[/?#\\]|$)/i;

/** The host of a URL in lower case, without `www.`; undefined when there is none, as in a path. */
export function hostOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  // Some clients omit the scheme.
  const text = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[:/?#]|$)/i.test(url) ? `https://${url}` : url;
  if (!WITH_HOST.test(text) || !URL.canParse(text)) return undefined;
  const host = new URL(text).hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\./, '');
  return host === '' ? undefined : host;
}
