import { type SiteKind, siteOf } from './sources.ts';

/** Where a visit came from, as a campaign's link or the page before says it. */
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
 * GA4's default channel group by its rules for manual traffic, in their order (Analytics Help, "[GA4] Default channel
 * group"). Capital letters make no difference. What Google's own ad systems tell each other is not known here, so
 * `Display` and `Paid Video` are those by source and medium alone.
 * @returns undefined when nothing is known of where the visit came from: GA4's `Direct`, unless another event of the
 *   session says it.
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
