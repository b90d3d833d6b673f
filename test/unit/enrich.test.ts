import fc from 'fast-check';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { enrich, type Visitor } from '../../shared/intake/enrich/enrich.ts';
import { runs } from '../support/runs.ts';

const event = (fields: Partial<FootfallEvent> = {}): FootfallEvent => ({
  v: EVENT_VERSION,
  id: 'e-1',
  site: 'shop',
  user: 'ana',
  name: 'page_view',
  ts: 1_780_000_000_000,
  received: 1_780_000_000_000,
  ...fields,
});

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SHOP = 'https://www.shop.example/';

/** The fields that are added to an event, and those that are dropped. */
function added(fields: Partial<FootfallEvent>, visitor: Visitor = {}): Partial<FootfallEvent> {
  const before = event(fields);
  const after = enrich(before, visitor);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof FootfallEvent>;
  return Object.fromEntries(
    [...names].filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]),
  );
}

describe('the source of a visit', () => {
  test.each<[string, Partial<FootfallEvent>, Partial<FootfallEvent>]>([
    ['nothing is known', { page: SHOP }, {}],
    [
      'a campaign',
      { page: '/?utm_source=Newsletter&utm_medium=email&utm_campaign=Spring+sale%21' },
      { source: 'Newsletter', medium: 'email', campaign: 'Spring sale!', channel: 'Email' },
    ],
    [
      'a source alone',
      { page: `${SHOP}?utm_source=facebook` },
      { source: 'facebook', channel: 'Organic Social' },
    ],
    ['a medium alone', { page: `${SHOP}?utm_medium=poster` }, { medium: 'poster', channel: 'Unassigned' }],
    [
      'a campaign, and the page before',
      { page: `${SHOP}?utm_source=x&utm_medium=cpc`, referrer: 'https://www.google.com/' },
      { source: 'x', medium: 'cpc', channel: 'Paid Social' },
    ],
    ['an empty campaign', { page: `${SHOP}?utm_source=&utm_medium=%20` }, {}],
    ['behind the fragment', { page: `${SHOP}#?utm_source=x` }, {}],
    [
      'with broken escapes',
      { page: `${SHOP}?utm_source=%E0%A4%A&utm_medium=%zz` },
      { source: '\ufffd%A', medium: '%zz', channel: 'Unassigned' },
    ],
    [
      'Google Ads',
      { page: `${SHOP}?gclid=Cj0K` },
      { source: 'google', medium: 'cpc', channel: 'Paid Search' },
    ],
    ['of an app', { page: '/p/1?wbraid=1' }, { source: 'google', medium: 'cpc', channel: 'Paid Search' }],
    [
      'Google Ads with a campaign’s name',
      { page: `${SHOP}?gbraid=1&utm_campaign=shopping`, referrer: 'https://www.google.com/' },
      { source: 'google', medium: 'cpc', campaign: 'shopping', channel: 'Paid Shopping' },
    ],
    ['Campaign Manager', { page: `${SHOP}?dclid=1` }, { source: 'dfa', medium: 'cpm', channel: 'Display' }],
    ['Microsoft', { page: `${SHOP}?msclkid=1` }, { source: 'bing', medium: 'cpc', channel: 'Paid Search' }],
    ['TikTok', { page: `${SHOP}?ttclid=1` }, { source: 'tiktok', medium: 'cpc', channel: 'Paid Social' }],
    [
      'Facebook’s app',
      { page: `${SHOP}?fbclid=1` },
      { source: 'facebook.com', medium: 'referral', channel: 'Organic Social' },
    ],
    [
      'Instagram, with Facebook’s id',
      { page: `${SHOP}?fbclid=1`, referrer: 'https://l.instagram.com/' },
      { source: 'l.instagram.com', medium: 'referral', channel: 'Organic Social' },
    ],
    [
      'a search',
      { page: SHOP, referrer: 'https://www.google.co.uk/url?q=shoes' },
      { source: 'google', medium: 'organic', channel: 'Organic Search' },
    ],
    [
      'a search on a phone',
      { referrer: 'android-app://com.google.android.googlequicksearchbox/https/www.google.com' },
      { source: 'google', medium: 'organic', channel: 'Organic Search' },
    ],
    [
      'a mail',
      { referrer: 'https://mail.google.com/' },
      { source: 'mail.google.com', medium: 'referral', channel: 'Referral' },
    ],
    [
      'an assistant',
      { referrer: 'https://chatgpt.com/' },
      { source: 'chatgpt.com', medium: 'ai-assistant', channel: 'AI Assistant' },
    ],
    [
      'a video',
      { referrer: 'https://www.youtube.com/watch?v=1' },
      { source: 'youtube.com', medium: 'referral', channel: 'Organic Video' },
    ],
    [
      'a marketplace',
      { referrer: 'https://www.amazon.es/' },
      { source: 'amazon.es', medium: 'referral', channel: 'Organic Shopping' },
    ],
    [
      'another site',
      { page: SHOP, referrer: 'http://user:pass@Blog.Example:8080/post#1' },
      { source: 'blog.example', medium: 'referral', channel: 'Referral' },
    ],
    [
      'another site without a scheme',
      { referrer: 'blog.example/post' },
      { source: 'blog.example', medium: 'referral', channel: 'Referral' },
    ],
    ['what is no page', { referrer: 'a word' }, {}],
    ['of no use', { referrer: 'javascript:alert(1)' }, {}],
    ['its own page', { page: `${SHOP}cart`, referrer: SHOP }, { referrer: undefined }],
    ['its own page, without www', { page: 'https://shop.example/', referrer: SHOP }, { referrer: undefined }],
    [
      'its own page, with a campaign in the link',
      { page: `${SHOP}?utm_source=banner`, referrer: SHOP },
      { referrer: undefined, source: 'banner', channel: 'Unassigned' },
    ],
    ['another of its sites', { page: SHOP, referrer: 'https://blog.shop.example/' }, { referrer: undefined }],
    [
      'what the event says itself',
      {
        source: 'qr',
        page: `${SHOP}?utm_source=google&utm_medium=cpc&gclid=1`,
        referrer: 'https://bing.com/',
      },
      { channel: 'Unassigned' },
    ],
    [
      'what the event says itself, all of it',
      { source: 'a', medium: 'cpc', campaign: 'b' },
      { channel: 'Paid Other' },
    ],
    ['a program that knows channels', { source: 'a', channel: 'Ours' }, {}],
  ])('%s: %j', (_, fields, expected) => {
    // Strictly, since a removed referrer is there as undefined.
    expect(added(fields)).toStrictEqual(expected);
  });

  test('a page without a host takes the host of the page that sent the event', () => {
    const visit = { page: '/cart', referrer: 'https://www.shop.example/p/1' };
    expect(added(visit, { host: 'shop.example' })).toStrictEqual({ referrer: undefined });
    expect(added(visit)).toMatchObject({ source: 'shop.example' });
  });
});

describe('the device and browser of a visitor', () => {
  const visitor = { userAgent: CHROME, country: 'ES' };

  test('are added where the event does not have them', () => {
    expect(added({}, visitor)).toEqual({
      device: 'desktop',
      browser: 'Chrome',
      os: 'Windows',
      country: 'ES',
    });
    expect(added({ browser: 'Our app', country: 'PT' }, visitor)).toEqual({
      device: 'desktop',
      os: 'Windows',
    });
    expect(added({}, { userAgent: undefined })).toEqual({});
  });

  test("a bot's event is marked and otherwise unchanged", () => {
    const fields = { page: `${SHOP}?utm_source=x`, referrer: SHOP, device: 'desktop' };
    expect(added(fields, { userAgent: 'Googlebot/2.1', country: 'US' })).toEqual({ bot: 'Googlebot' });
  });
});

test('with any page and referrer the event stays valid and its texts short', () => {
  const pieces = [
    ...[
      'https://',
      'http:',
      '//',
      'www.',
      'google',
      '.',
      'com',
      '/',
      '?',
      '&',
      '=',
      '#',
      '%',
      '%C3',
      'utm_source',
    ],
    ...[
      'utm_medium=',
      'gclid=1',
      '@',
      ':',
      '[',
      ']',
      '\\',
      ' ',
      '\0',
      '\ud83d',
      '😀',
      'ñ',
      'xn--',
      'android-app://',
    ],
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((list) => list.join(''));
  fc.assert(
    fc.property(text, text, (page, referrer) => {
      const { source = '', medium = '', campaign = '' } = enrich(event({ page, referrer }), {});
      for (const value of [source, medium, campaign]) {
        expect(value.length).toBeLessThanOrEqual(200);
        expect(value.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: runs(4_000) },
  );
});
