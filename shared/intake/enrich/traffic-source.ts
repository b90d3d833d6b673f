import type { TrafficSource } from './channel.ts';
import { siteOf } from './sources.ts';

/** As long as the plain event's own source, medium and campaign. */
const MAX_LENGTH = 200;

/**
 * What advertisers' systems put on links to their ads, and what it is in GA4: `google / cpc` of Google Ads, `dfa / cpm`
 * of Campaign Manager and Display & Video; of others, which GA4 does not know, the like.
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
 * Where a visit came from, by the page it landed on and the page before: the campaign that the link names (utm_…),
 * else the ad that its id is of, else the page before.
 * @param page URL, or path with query.
 * @param referrer host of another site's page, see {@link hostOf}.
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
  // Facebook puts it on every link, ad or not, and its app tells no page before.
  if (parameter('fbclid') !== undefined)
    return present({ source: 'facebook.com', medium: 'referral', campaign });
  return present({ campaign });
}

/** As GA4 has it: search engines by their names, other sites by their hosts. */
function ofReferrer(host: string): TrafficSource {
  const site = siteOf(host);
  if (site?.kind === 'search') return { source: site.name, medium: 'organic' };
  return {
    source: host.slice(0, MAX_LENGTH),
    medium: site?.kind === 'assistant' ? 'ai-assistant' : 'referral',
  };
}

const present = (fields: { [K in keyof TrafficSource]: TrafficSource[K] | undefined }): TrafficSource =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function queryOf(page: string | undefined): URLSearchParams | undefined {
  const query = page && /^[^?#]*\?([^#]*)/.exec(page)?.[1];
  return query ? new URLSearchParams(query) : undefined;
}

/** The host of a URL without `www.`, in lower case; undefined when there is none, as in a path. */
export function hostOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  // Some clients leave the scheme out.
  const text = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[:/?#]|$)/i.test(url) ? `https://${url}` : url;
  if (!/^(?:https?|android-app):\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const host = new URL(text).hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\./, '');
  return host === '' ? undefined : host;
}
