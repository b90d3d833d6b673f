import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { enrich } from '../../shared/intake/enrich/enrich.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { openCollecting } from '../support/collecting.ts';
import { ask } from '../support/http.ts';

/** Which previous pages brought a visitor, and which did not. */

const event = (page: string | undefined, referrer: string): FootfallEvent => ({
  v: EVENT_VERSION,
  id: 'e-1',
  site: 'shop',
  user: 'ana',
  name: 'page_view',
  ts: 1_780_000_000_000,
  received: 1_780_000_000_000,
  referrer,
  ...(page !== undefined && { page }),
});
const SHOP = 'https://www.shop.co.uk/';

/** Whether a previous page stays a referrer. */
function counts(page: string | undefined, referrer: string, ignored_referrers: string[] = [], host?: string) {
  const after = enrich(event(page, referrer), { ...(host && { host }) }, { ignored_referrers });
  expect([after.referrer === undefined, after.source === undefined]).toEqual([
    after.source === undefined,
    after.referrer === undefined,
  ]);
  return after.referrer !== undefined;
}

describe('hosts of the site itself', () => {
  test.each<[string, string, boolean]>([
    ['its own host', 'https://www.shop.co.uk/tea', false],
    ['a host beside it', 'https://pay.shop.co.uk/', false],
    ['the host above it', 'https://shop.co.uk/', false],
    ['a host far below it', 'https://a.b.shop.co.uk/', false],
    ['another domain of the same suffix', 'https://other.co.uk/', true],
    ['a domain that ends alike', 'https://myshop.co.uk/', true],
    ['a domain with the same name', 'https://shop.example/', true],
  ])('%s: %s counts: %j', (_, referrer, expected) => {
    expect(counts(SHOP, referrer)).toBe(expected);
    expect(counts('/tea', referrer, [], 'shop.co.uk')).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['https://one.myshopify.com/', 'https://two.myshopify.com/', true],
    ['https://one.github.io/shop', 'https://one.github.io/', false],
    ['http://localhost:8080/', 'http://localhost:3000/', false],
    ['http://192.0.2.7/', 'http://192.0.2.8/', true],
    ['http://192.0.2.7/', 'http://192.0.2.7/tea', false],
  ])('from %s, %s counts: %j', (page, referrer, expected) => {
    expect(counts(page, referrer)).toBe(expected);
  });
});

describe('payment pages', () => {
  test.each([
    'https://www.paypal.com/',
    'https://checkout.stripe.com/c/pay/cs_1',
    'https://pay.klarna.com/',
    'https://live.adyen.com/hpp',
    'https://www.mollie.com/checkout/',
    'https://sis.redsys.es/',
    'https://secure.worldpay.com/',
    'https://pay.checkout.com/',
    'https://portal.afterpay.com/',
    'https://checkout.sezzle.com/',
    'https://buy.paddle.com/',
    'https://payments.amazon.com/',
    'https://payments.amazon.de/',
    'https://pay.google.com/',
  ])('%s does not count', (referrer) => {
    expect(counts(SHOP, referrer)).toBe(false);
    expect(counts(undefined, referrer)).toBe(false);
  });

  test.each(['https://www.amazon.com/', 'https://www.google.com/', 'https://notpaypal.com/'])(
    '%s counts',
    (referrer) => {
      expect(counts(SHOP, referrer)).toBe(true);
    },
  );
});

test.each<[string, boolean]>([
  ['https://bank.example/', false],
  ['https://www.bank.example/3ds', false],
  ['https://secure.bank.example/', false],
  ['https://mybank.example/', true],
])("a site's own list names bank.example: %s counts: %j", (referrer, expected) => {
  expect(counts(SHOP, referrer, ['bank.example'])).toBe(expected);
});

describe('ignore_referrer', () => {
  const site = siteSchema.parse({
    id: 'shop',
    measurement_ids: ['G-SHOP1'],
    ignored_referrers: ['bank.example'],
    keys: [storedKey('write', 'a-write-key', 0)],
  });
  const { handler, published } = openCollecting(new Sites([site]));
  const post = (path: string, body: object) =>
    ask(handler, 'POST', path, {
      headers: { authorization: 'Bearer a-write-key' },
      body: JSON.stringify(body),
    });
  const referrerOf = () => [published[0]!.referrer, published[0]!.source];

  test.each<[unknown, boolean]>([
    [true, false],
    ['true', false],
    ['1', false],
    [1, false],
    [false, true],
    ['false', true],
    ['', true],
  ])('%j: a previous page counts: %j', async (ignore_referrer, expected) => {
    const referrer = 'https://blog.example/';
    await post('/v1/events', { name: 'page_view', anonymous_id: 'a', referrer, ignore_referrer });
    const found = expected ? [referrer, 'blog.example'] : [undefined, undefined];
    expect(referrerOf()).toEqual(found);
    published.length = 0;
    await post('/mp/collect?measurement_id=G-SHOP1&api_secret=a-write-key', {
      client_id: 'a',
      events: [{ name: 'page_view', params: { page_referrer: referrer, ignore_referrer } }],
    });
    expect(referrerOf()).toEqual(found);
    published.length = 0;
    const flag = `&ir=${encodeURIComponent(String(ignore_referrer))}`;
    await ask(handler, 'GET', `/g/collect?tid=G-SHOP1&cid=a&en=page_view&dr=${referrer}${flag}`);
    expect(referrerOf()).toEqual(found);
  });

  test('a campaign in the link still counts', async () => {
    await post('/v1/events', {
      name: 'page_view',
      anonymous_id: 'a',
      page: '/?utm_source=mail&utm_medium=email',
      referrer: 'https://blog.example/',
      ignore_referrer: true,
    });
    expect(referrerOf()).toEqual([undefined, 'mail']);
  });

  test("a site's own list is followed", async () => {
    await post('/v1/events', { name: 'page_view', anonymous_id: 'a', referrer: 'https://3ds.bank.example/' });
    expect(referrerOf()).toEqual([undefined, undefined]);
  });
});

test.each([['https://bank.example'], ['Bank.example'], ['bank.example/path'], ['*.bank.example'], ['']])(
  'a site cannot list %j',
  (host) => {
    expect(siteSchema.safeParse({ id: 'shop', ignored_referrers: [host] }).success).toBe(false);
  },
);
