import { type SiteKind, siteOf } from './sources.ts';

/** Where a visit came from, by the campaign's link or the previous page. */
export interface TrafficSource {
  source?: string;
  medium?: string;
  campaign?: string;
}

const PAID = /^(?:.*cp.*|ppc|retargeting|paid.*)$/;
const SHOPPING_CAMPAIGN = /^(?:.*(?:(?:[^a-df-z]|^)shop|shopping).*)$/;
const DISPLAY = ['display', 'banner', 'expandable', 'interstitial', 'cpm'];
const SOCIAL = ['social', 'social-network', 'social-media', 'sm', 'social network', 'social media'];
const EMAIL = ['email', 'e-mail', 'e_mail', 'e mail'];
const NO_MEDIUM = ['', '(none)', '(not set)'];

const PAID_CHANNEL: Partial<Record<SiteKind, string>> = {
  shopping: 'Paid Shopping',
  search: 'Paid Search',
  social: 'Paid Social',
  video: 'Paid Video',
};

/**
 * GA4's default channel group: its rules for manual traffic, in order (Analytics Help, "[GA4] Default channel
 * group"). Case does not matter. Google's own ad systems share more with GA4 than is known here, so `Display`
 * and `Paid Video` follow source and medium alone.
 * @returns undefined when nothing is known. GA4 calls that `Direct`, unless another event of the session says
 *   more.
 * @example channelOf({ source: 'google', medium: 'cpc' }) // 'Paid Search'
 * @example channelOf({ source: 'newsletter', medium: 'email', campaign: 'spring' }) // 'Email'
 */
export function channelOf({ source, medium, campaign }: TrafficSource): string | undefined {
  if (source === undefined && medium === undefined && campaign === undefined) return undefined;
  return ruled(lower(source), lower(medium), lower(campaign));
}

const lower = (text = '') => text.trim().toLowerCase();

function ruled(source: string, medium: string, campaign: string): string {
  const kind = siteOf(source)?.kind;
  const isShopping = SHOPPING_CAMPAIGN.test(campaign);
  if (['(direct)', 'direct'].includes(source) && NO_MEDIUM.includes(medium)) return 'Direct';
  if (campaign.includes('cross-network')) return 'Cross-network';
  if (PAID.test(medium)) {
    if (isShopping) return 'Paid Shopping';
    const paid = kind && PAID_CHANNEL[kind];
    if (paid) return paid;
  }
  if (DISPLAY.includes(medium)) return 'Display';
  if (PAID.test(medium)) return 'Paid Other';
  if (kind === 'shopping' || isShopping) return 'Organic Shopping';
  if (kind === 'social' || SOCIAL.includes(medium)) return 'Organic Social';
  if (kind === 'video' || medium.includes('video')) return 'Organic Video';
  if (kind === 'search' || medium === 'organic') return 'Organic Search';
  if (kind === 'assistant' || medium === 'ai-assistant') return 'AI Assistant';
  if (['referral', 'app', 'link'].includes(medium)) return 'Referral';
  if (EMAIL.includes(source) || EMAIL.includes(medium)) return 'Email';
  if (medium === 'affiliate') return 'Affiliates';
  if (medium === 'audio') return 'Audio';
  if (source === 'sms' || medium === 'sms') return 'SMS';
  if (medium.endsWith('push') || /mobile|notification/.test(medium) || source === 'firebase') {
    return 'Mobile Push Notifications';
  }
  return 'Unassigned';
}
