import { MINUTE_MS } from '../../shared/platform/time.ts';
import { ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What is going on now, and what a search finds. Each test has a site of its own. */
const SITES = [
  'now',
  'other',
  'late',
  'joins',
  'erased',
  'found',
  'elsewhere',
  'forgotten',
  'viewed',
  'many',
];
const shop = await openShop(SITES.map((id) => siteOf(id, { zone: 'Asia/Kolkata', currency: 'EUR' })));

const now = Date.now();
const ago = (minutes: number) => new Date(now - minutes * MINUTE_MS).toISOString();
const tea = { item_id: 'tea-1', item_name: 'Green tea', quantity: 2, price: 10 };
const event = (id: string, name: string, minutes: number, fields: object) => ({
  ...{ id, name, timestamp: ago(minutes), items: [tea], currency: 'EUR' },
  ...fields,
});

interface Minute {
  start: string;
  events: number;
  views: number;
  carts: number;
  checkouts: number;
  orders: number;
  revenue: { amount_minor: number }[];
}
interface Live {
  open_carts: { users: number; value: { currency: string; amount_minor: number }[] };
  checkouts: number;
  orders_30m: number;
  revenue_30m: object[];
  pages: object[];
  products: object[];
  minutes: Minute[];
}

const dataOf = async <T>(site: string, target: string) =>
  (await shop.get<{ data: T }>(site, target)).body.data;
const live = (site: string) => dataOf<Live>(site, '/v1/live');

async function erase(site: string, user: string): Promise<void> {
  const headers = { authorization: `Bearer ${site}-admin-key` };
  expect((await ask(shop.handler, 'DELETE', `/v1/privacy/${user}`, { headers })).status).toBe(202);
  await shop.apply();
}

describe('what is going on now', () => {
  test('has carts, checkouts, orders and money, by minute of the site, of one site', async () => {
    await shop.send(
      'now',
      event('v', 'view_item', 9, { user_id: 'ada' }),
      event('c', 'add_to_cart', 8, { user_id: 'ada' }),
      event('b', 'begin_checkout', 7, { user_id: 'ada' }),
      event('c', 'add_to_cart', 8, { user_id: 'ben' }),
      event('b', 'begin_checkout', 7, { user_id: 'ben' }),
      event('p', 'purchase', 6, { user_id: 'ben', transaction_id: 'o-1', value: 24.9 }),
      // The same order, told by another sender.
      event('q', 'purchase', 3, { user_id: 'ben', transaction_id: 'o-1', value: 24.9 }),
      event('p', 'purchase', 4, { user_id: 'cem', transaction_id: 'o-2', value: 5, currency: 'USD' }),
    );
    await shop.send('other', event('b', 'begin_checkout', 7, { user_id: 'ada' }));
    const { minutes, pages: _, products: __, ...figures } = await live('now');
    expect(figures).toEqual({
      ...{ users_5m: 2, users_30m: 3, checkouts: 1, orders_30m: 2 },
      open_carts: { users: 1, value: [{ currency: 'EUR', amount: '20.00', amount_minor: 2_000 }] },
      revenue_30m: [
        { currency: 'EUR', amount: '24.90', amount_minor: 2_490 },
        { currency: 'USD', amount: '5.00', amount_minor: 500 },
      ],
    });
    expect(minutes).toHaveLength(31);
    const at = (time: string) =>
      minutes.find(({ start }) => Math.floor(Date.parse(time) / MINUTE_MS) === Date.parse(start) / MINUTE_MS);
    expect(at(ago(9))).toMatchObject({ events: 1, views: 1, carts: 0, orders: 0, revenue: [] });
    expect(at(ago(8))).toMatchObject({ events: 2, carts: 2 });
    expect(at(ago(7))).toMatchObject({ events: 2, checkouts: 2 });
    expect(at(ago(6))).toMatchObject({ orders: 1, revenue: [{ amount_minor: 2_490 }] });
    expect(at(ago(3))).toMatchObject({ events: 1, orders: 0, revenue: [] });
    expect(minutes.every(({ start }) => start.endsWith('+05:30'))).toBe(true);
    const { body } = await shop.get('now', '/v1/live?format=csv');
    expect(String(body).split('\r\n').slice(0, 2)).toEqual([
      'users_5m,users_30m,open_carts,open_carts_value_EUR,checkouts,orders_30m,revenue_30m_EUR,revenue_30m_USD',
      '2,3,1,20.00,1,2,24.90,5.00',
    ]);
  });

  test('a checkout ends with a purchase after it, in whatever order the two come', async () => {
    await shop.send('late', event('p', 'purchase', 4, { user_id: 'ada' }));
    await shop.send('late', event('b', 'begin_checkout', 5, { user_id: 'ada' }));
    expect((await live('late')).checkouts).toBe(0);
    await shop.send('late', event('c', 'begin_checkout', 3, { user_id: 'ada' }));
    expect((await live('late')).checkouts).toBe(1);
    await shop.send('late', event('q', 'purchase', 6, { user_id: 'ada' }));
    expect((await live('late')).checkouts).toBe(1);
    await shop.send('late', event('r', 'purchase', 2, { user_id: 'ada' }));
    expect((await live('late')).checkouts).toBe(0);
    await shop.send('late', event('old', 'begin_checkout', 31, { user_id: 'ben' }));
    expect((await live('late')).checkouts).toBe(0);
  });

  test('the checkout of a visitor who signs in is the user’s, and the order of the user ends it', async () => {
    const visitor = 'joins-cookie';
    const user = shop.userElsewhere('joins', 'joins-ada', visitor);
    await shop.send('joins', event('b', 'begin_checkout', 9, { anonymous_id: visitor }));
    expect((await live('joins')).checkouts).toBe(1);
    await shop.send('joins', {
      ...{ id: 'i', name: 'identify', anonymous_id: visitor, user_id: user, timestamp: ago(8) },
    });
    expect((await live('joins')).checkouts).toBe(1);
    await shop.send('joins', event('p', 'purchase', 7, { user_id: user }));
    expect((await live('joins')).checkouts).toBe(0);
  });

  test('an erased person has no checkout and no cart, and the orders stay', async () => {
    await shop.send(
      'erased',
      event('p', 'purchase', 9, { user_id: 'ada', value: 7 }),
      event('c', 'add_to_cart', 8, { user_id: 'ada' }),
      event('b', 'begin_checkout', 7, { user_id: 'ada' }),
    );
    expect(await live('erased')).toMatchObject({ open_carts: { users: 1 }, checkouts: 1, orders_30m: 1 });
    await erase('erased', 'ada');
    expect(await live('erased')).toMatchObject({ open_carts: { users: 0, value: [] } });
    expect(await live('erased')).toMatchObject({ checkouts: 0, orders_30m: 1 });
  });
});

describe('pages and products now', () => {
  const view = (id: string, minutes: number, page: string, fields: object = {}) =>
    event(id, 'page_view', minutes, { user_id: 'ada', items: undefined, page, ...fields });

  test('are those with the most views in the last half hour', async () => {
    const cup = { item_id: 'cup-1', quantity: 1, price: 4 };
    await shop.send(
      'viewed',
      view('1', 29, 'https://shop.example/tea?page=2#top'),
      view('2', 1, '/tea'),
      view('3', 2, 'Tea list', { name: 'screen_view', user_id: 'ben' }),
      // Too old, no view, and seen by a bot.
      view('4', 32, '/tea'),
      view('5', 3, '/tea', { name: 'scroll' }),
      view('6', 3, '/tea', { user_agent: 'Googlebot/2.1 (+http://www.google.com/bot.html)' }),
      event('7', 'view_item', 28, { user_id: 'ada', page: '/tea/green' }),
      event('8', 'view_item', 3, { user_id: 'ben', items: [tea, cup] }),
      event('9', 'view_item', 33, { user_id: 'ben', items: [cup] }),
      event('10', 'add_to_cart', 2, { user_id: 'ben', items: [cup] }),
      event('11', 'view_item_list', 2, { user_id: 'ben', items: [cup] }),
    );
    const expected = {
      pages: [
        { page: '/tea', views: 2 },
        { page: 'Tea list', views: 1 },
      ],
      products: [
        { product_id: 'tea-1', name: 'Green tea', views: 2 },
        { product_id: 'cup-1', views: 1 },
      ],
    };
    expect(await live('viewed')).toMatchObject(expected);
    // They name no person, so they stay when a person is erased.
    await erase('viewed', 'ada');
    expect(await live('viewed')).toMatchObject(expected);
  });

  test('are ten at most, and rows of a shard beyond its first 500 values are none of them', async () => {
    const pages = Array.from({ length: 600 }, (_, i) => view(`many-${i}`, 5, `/many/${i}`));
    const again = pages.slice(0, 3).map((one, i) => ({ ...one, id: `more-${i}` }));
    for (let i = 0; i < pages.length; i += 100) await shop.send('many', ...pages.slice(i, i + 100));
    await shop.send('many', ...again);
    const { pages: most } = (await live('many')) as { pages: { page: string; views: number }[] };
    expect(most).toHaveLength(10);
    const seen = (page: number, views: number) => ({ page: `/many/${page}`, views });
    expect(most.slice(0, 4)).toEqual([seen(0, 2), seen(1, 2), seen(2, 2), seen(10, 1)]);
    expect(most.map(({ page }) => page)).not.toContain('(other)');
  });
});

describe('a search', () => {
  interface Found {
    products: { product_id: string; name?: string; interactions: number }[];
    people: { user_id: string; id: string; known: boolean }[];
    orders: { transaction_id: string; user_id?: string; total?: object; refunded: object[] }[];
  }
  const search = (site: string, q: string, more = '') =>
    dataOf<Found>(site, `/v1/search?q=${encodeURIComponent(q)}${more}`);
  const visitor = 'found-cookie';
  let user: string;

  beforeAll(async () => {
    user = shop.userElsewhere('found', 'Found-ada', visitor);
    await shop.send(
      'found',
      event('v', 'view_item', 9, { anonymous_id: visitor }),
      { id: 'i', name: 'identify', anonymous_id: visitor, user_id: user, timestamp: ago(8) },
      event('p', 'purchase', 7, { user_id: user, transaction_id: 'T-1', value: 24.9 }),
      {
        id: 'r',
        name: 'refund',
        user_id: user,
        transaction_id: 'T-1',
        value: 4,
        currency: 'EUR',
        timestamp: ago(6),
      },
      event('w', 'view_item', 60 * 24, { user_id: 'found-yesterday', items: [{ item_id: 'tea-2' }] }),
    );
  });

  test('finds products by part of their name or id, in any case', async () => {
    const { products, people } = await search('found', 'GREEN');
    expect(products).toEqual([{ product_id: 'tea-1', name: 'Green tea', interactions: 2 }]);
    expect(people).toEqual([]);
    expect((await search('found', 'tea-')).products.map(({ product_id }) => product_id)).toEqual([
      'tea-1',
      'tea-2',
    ]);
    expect((await search('found', 'tea-', '&limit=1')).products).toHaveLength(1);
  });

  test('finds a person by each of their ids, and by how an id begins if the person is there now', async () => {
    const ada = { user_id: user, known: true, last_seen: ago(6) };
    expect((await search('found', user)).people).toEqual([{ ...ada, id: user }]);
    expect((await search('found', visitor)).people).toEqual([{ ...ada, id: visitor }]);
    // The visitor's and the user's id both begin so.
    expect((await search('found', 'found-')).people).toEqual([{ ...ada, id: user }]);
    expect((await search('found', 'found-yesterday')).people).toMatchObject([{ user_id: 'found-yesterday' }]);
  });

  test('finds an order by its transaction id, with what it was worth and whose it is', async () => {
    expect((await search('found', 'T-1')).orders).toEqual([
      {
        ...{ transaction_id: 'T-1', at: ago(7), user_id: user },
        total: { currency: 'EUR', amount: '24.90', amount_minor: 2_490 },
        refunded: [{ currency: 'EUR', amount: '4.00', amount_minor: 400 }],
      },
    ]);
    expect((await search('found', 'T-')).orders).toEqual([]);
  });

  test('finds nothing of another site, and no text is no question', async () => {
    for (const q of ['green', user, visitor, 'T-1']) {
      expect(await search('elsewhere', q)).toEqual({ q, products: [], people: [], orders: [] });
    }
    expect((await shop.get('found', '/v1/search')).status).toBe(400);
    expect((await shop.get('found', '/v1/search?q=')).status).toBe(400);
    const { body } = await shop.get('found', '/v1/search?q=T-1&format=csv');
    expect(String(body)).toBe('kind,id,name\r\norder,T-1,\r\n');
  });

  test('an erased person is not found, and the order is no longer theirs', async () => {
    await shop.send('forgotten', event('p', 'purchase', 5, { user_id: 'gone-1', transaction_id: 'T-9' }));
    expect((await search('forgotten', 'T-9')).orders).toMatchObject([{ user_id: 'gone-1' }]);
    await erase('forgotten', 'gone-1');
    expect((await search('forgotten', 'gone-1')).people).toEqual([]);
    expect((await search('forgotten', 'gone')).people).toEqual([]);
    const { orders } = await search('forgotten', 'T-9');
    expect(orders).toHaveLength(1);
    expect(JSON.stringify(orders)).not.toContain('gone-1');
  });
});
