import type { FootfallEvent } from '../event/event.ts';
import { channelOf } from '../intake/enrich/channel.ts';
import { type Random, Weighted } from './random.ts';
import { CATEGORIES, type Shop } from './shop.ts';

/** What a visitor uses to browse the shop. */
export type Device = Required<Pick<FootfallEvent, 'device' | 'browser' | 'os'>>;

/** Shares in percent. */
const DEVICES: readonly (Device & { share: number })[] = [
  { device: 'mobile', os: 'iOS', browser: 'Safari', share: 28 },
  { device: 'mobile', os: 'Android', browser: 'Chrome', share: 24 },
  { device: 'mobile', os: 'Android', browser: 'Samsung Internet', share: 5 },
  { device: 'desktop', os: 'Windows', browser: 'Chrome', share: 18 },
  { device: 'desktop', os: 'Windows', browser: 'Edge', share: 7 },
  { device: 'desktop', os: 'macOS', browser: 'Safari', share: 7 },
  { device: 'desktop', os: 'macOS', browser: 'Chrome', share: 5 },
  { device: 'desktop', os: 'Linux', browser: 'Firefox', share: 2 },
  { device: 'tablet', os: 'iPadOS', browser: 'Safari', share: 4 },
];

/** Traffic sources with GA4's names, their shares in percent, and where visits land. */
interface Channel {
  source: string;
  medium: string;
  campaigns?: readonly string[];
  referrer?: string;
  landing: 'home' | 'category' | 'product';
  share: number;
}

const CHANNELS: readonly Channel[] = [
  { source: '(direct)', medium: '(none)', landing: 'home', share: 30 },
  {
    source: 'google',
    medium: 'organic',
    referrer: 'https://www.google.com/',
    landing: 'product',
    share: 16,
  },
  { source: 'google', medium: 'organic', referrer: 'https://www.google.com/', landing: 'home', share: 9 },
  {
    source: 'google',
    medium: 'cpc',
    campaigns: ['brand', 'shopping'],
    referrer: 'https://www.google.com/',
    landing: 'product',
    share: 13,
  },
  {
    source: 'newsletter',
    medium: 'email',
    campaigns: ['welcome', 'weekend-sale', 'new-arrivals'],
    landing: 'category',
    share: 12,
  },
  {
    source: 'instagram',
    medium: 'social',
    referrer: 'https://l.instagram.com/',
    landing: 'product',
    share: 8,
  },
  {
    source: 'facebook',
    medium: 'cpc',
    campaigns: ['retargeting'],
    referrer: 'https://m.facebook.com/',
    landing: 'category',
    share: 6,
  },
  { source: 'bing', medium: 'organic', referrer: 'https://www.bing.com/', landing: 'home', share: 3 },
  {
    source: 'home-magazine.example',
    medium: 'referral',
    referrer: 'https://home-magazine.example/best-of/kitchen',
    landing: 'category',
    share: 3,
  },
];

const deviceShares = new Weighted(DEVICES.map(({ share }) => share));
const channelShares = new Weighted(CHANNELS.map(({ share }) => share));

export function chooseDevice(random: Random): Device {
  const { device, browser, os } = DEVICES[deviceShares.draw(random)]!;
  return { device, browser, os };
}

/** Draws the traffic source and landing page of a visit: fields of its first event. */
export function chooseArrival(
  shop: Shop,
  random: Random,
): Pick<FootfallEvent, 'page' | 'referrer' | 'source' | 'medium' | 'campaign' | 'channel'> {
  const { source, medium, campaigns, referrer, landing } = CHANNELS[channelShares.draw(random)]!;
  const page =
    landing === 'home'
      ? '/'
      : landing === 'category'
        ? `/c/${random.pick(CATEGORIES)}`
        : `/p/${shop.products[shop.popularity.draw(random)]!.id}`;
  const campaign = campaigns && random.pick(campaigns);
  const from = { source, medium, ...(campaign && { campaign }) };
  const channel = channelOf(from);
  return { page, ...from, ...(channel && { channel }), ...(referrer && { referrer }) };
}
