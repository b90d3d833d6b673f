import { channelOf, type TrafficSource } from '../../shared/intake/enrich/channel.ts';
import { siteOf } from '../../shared/intake/enrich/sources.ts';

/** GA4's rules for channels, one by one. */
const CHANNELS: [from: TrafficSource, channel: string][] = [
  [{ source: '(direct)', medium: '(none)' }, 'Direct'],
  [{ source: 'direct' }, 'Direct'],
  [{ source: 'google', medium: 'cpc', campaign: 'cross-network' }, 'Cross-network'],
  [{ source: 'amazon', medium: 'cpc' }, 'Paid Shopping'],
  [{ source: 'google', medium: 'cpc', campaign: 'Shopping | Shoes' }, 'Paid Shopping'],
  [{ source: 'google', medium: 'cpc', campaign: 'my-eshop' }, 'Paid Shopping'],
  [{ source: 'google', medium: 'cpc', campaign: 'workshop' }, 'Paid Search'],
  [{ source: 'google', medium: 'cpc' }, 'Paid Search'],
  [{ source: 'Bing', medium: 'CPC' }, 'Paid Search'],
  [{ source: 'bing', medium: 'ppc' }, 'Paid Search'],
  [{ source: 'facebook', medium: 'paid_social' }, 'Paid Social'],
  [{ source: 'l.instagram.com', medium: 'cpm' }, 'Paid Social'],
  [{ source: 'tiktok', medium: 'cpc' }, 'Paid Social'],
  [{ source: 'youtube.com', medium: 'cpv' }, 'Paid Video'],
  [{ source: 'youtube.com', medium: 'cpc' }, 'Paid Video'],
  [{ source: 'dfa', medium: 'cpm' }, 'Display'],
  [{ source: 'criteo', medium: 'banner' }, 'Display'],
  [{ source: 'criteo', medium: 'retargeting' }, 'Paid Other'],
  [{ source: 'amazon.de', medium: 'referral' }, 'Organic Shopping'],
  [{ source: 'partner', campaign: 'spring-shop' }, 'Organic Shopping'],
  [{ source: 'm.facebook.com', medium: 'referral' }, 'Organic Social'],
  [{ source: 't.co', medium: 'referral' }, 'Organic Social'],
  [{ source: 'somewhere', medium: 'social-media' }, 'Organic Social'],
  [{ source: 'youtube.com', medium: 'referral' }, 'Organic Video'],
  [{ source: 'partner', medium: 'product-video' }, 'Organic Video'],
  [{ source: 'google', medium: 'organic' }, 'Organic Search'],
  [{ source: 'unheard-of', medium: 'organic' }, 'Organic Search'],
  [{ source: 'duckduckgo' }, 'Organic Search'],
  [{ source: 'chatgpt.com', medium: 'ai-assistant' }, 'AI Assistant'],
  [{ source: 'chatgpt.com' }, 'AI Assistant'],
  [{ source: 'blog.example', medium: 'referral' }, 'Referral'],
  [{ source: 'app', medium: 'link' }, 'Referral'],
  [{ source: 'newsletter', medium: 'email' }, 'Email'],
  [{ source: 'e-mail', medium: 'weekly' }, 'Email'],
  [{ source: 'awin', medium: 'affiliate' }, 'Affiliates'],
  [{ source: 'spotify', medium: 'audio' }, 'Audio'],
  [{ source: 'sms', medium: 'text' }, 'SMS'],
  [{ source: 'twilio', medium: 'sms' }, 'SMS'],
  [{ source: 'app', medium: 'webpush' }, 'Mobile Push Notifications'],
  [{ source: 'firebase', medium: 'x' }, 'Mobile Push Notifications'],
  [{ source: 'qr', medium: 'poster' }, 'Unassigned'],
  [{ source: 'qr' }, 'Unassigned'],
  [{ medium: 'poster' }, 'Unassigned'],
  [{ campaign: 'summer' }, 'Unassigned'],
];

test.each(CHANNELS)('%j is %s', (from, channel) => {
  expect(channelOf(from)).toBe(channel);
});

test('without a source there is no channel, so another event of the session may set it', () => {
  expect(channelOf({})).toBeUndefined();
});

test.each([
  ['google', 'search', 'google'],
  ['google.com', 'search', 'google'],
  ['google.co.uk', 'search', 'google'],
  ['google.com.mx', 'search', 'google'],
  ['images.google.es', 'search', 'google'],
  ['yandex.ru', 'search', 'yandex'],
  ['es.search.yahoo.com', 'search', 'yahoo'],
  ['r.search.yahoo.com', 'search', 'yahoo'],
  ['cn.bing.com', 'search', 'bing'],
  ['gemini.google.com', 'assistant', 'gemini.google.com'],
  ['lm.facebook.com', 'social', 'facebook.com'],
  ['x.com', 'social', 'twitter.com'],
  ['es.pinterest.com', 'social', 'pinterest.com'],
  ['pinterest.es', 'social', 'pinterest.com'],
  ['amazon.co.jp', 'shopping', 'amazon.com'],
  ['shopping.naver.com', 'shopping', 'shopping.naver.com'],
  ['blog.naver.com', 'social', 'blog.naver.com'],
  ['search.naver.com', 'search', 'naver'],
  ['youtu.be', 'video', 'youtube.com'],
])('%s is a %s site named %s', (source, kind, name) => {
  expect(siteOf(source)).toEqual({ kind, name });
});

test.each([
  'mail.google.com',
  'docs.google.com',
  'google.example',
  'google.com.evil.example',
  'notgoogle.com',
  'netflix.com.example',
  'index.com',
  'com',
  '.',
  '...',
  '__proto__',
  'constructor',
  '-',
  '',
  `${'a.'.repeat(100_000)}google.com`,
])('%s is not a known site', (source) => {
  expect(siteOf(source)).toBeUndefined();
});
