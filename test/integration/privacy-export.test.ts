import { randomUUID } from 'node:crypto';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { ask } from '../support/http.ts';
import { admin, ago, openPrivacyShop } from '../support/privacy.ts';
import { scan } from '../support/scan.ts';

/** What the export shows, and which keys may ask for it. Each test has a site of its own. */
const {
  shop,
  redis,
  ask: askAs,
  erase,
  statusOf,
  fill,
} = await openPrivacyShop(['late', 'paths', 'keys', 'pages', 'big', 'kept']);

test('ids may contain slashes and percent signs, behind either gateway', async () => {
  const site = 'paths';
  for (const [i, gateway] of (['aws', 'offline'] as const).entries()) {
    for (const user of ['a/b/c/interactions', '100%25-of-it', 'receipts/?#&=', 'my privacy']) {
      await shop.send(site, { id: `e${i}`, name: 'page_view', user_id: user });
      const target = `/v1/privacy/${encodeURIComponent(user)}`;
      const options = { ...admin(site), gateway };
      const found = await ask<{ data: { asked: string } }>(shop.handler, 'GET', target, options);
      expect({ status: found.status, asked: found.body.data.asked }).toEqual({ status: 200, asked: user });
      const { status } = await ask(shop.handler, 'DELETE', target, options);
      expect(status).toBe(202);
      await shop.apply();
      expect((await ask(shop.handler, 'GET', target, options)).status).toBe(404);
    }
  }
});

test('exports and erasures need the admin key of the site', async () => {
  const site = 'keys';
  const user = 'keys-user-id';
  await shop.send(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  for (const key of ['keys-read-key', 'keys-write-key', 'unknown-key', '']) {
    for (const [method, target] of [
      ['GET', `/v1/privacy/${user}`],
      ['DELETE', `/v1/privacy/${user}`],
      ['GET', `/v1/privacy-receipts/${randomUUID()}`],
    ] as const) {
      const options = { headers: { authorization: `Bearer ${key}` } };
      expect((await ask(shop.handler, method, target, options)).status).toBe(401);
    }
  }
  const inQuery = await ask(
    shop.handler,
    'GET',
    `/v1/privacy/${user}?read_key=keys-read-key&admin_key=keys-admin-key`,
  );
  expect(inQuery.status).toBe(401);
  expect((await askAs('late', 'GET', `/v1/privacy/${user}`)).status).toBe(404);
  const { receipt } = await erase('late', user);
  expect(await statusOf(site, `/v1/users/${user}`)).toBe(200);
  expect(await askAs(site, 'GET', `/v1/privacy-receipts/${receipt}`)).toMatchObject({
    status: 404,
    body: { code: 'unknown_receipt' },
  });
  expect(await askAs(site, 'GET', '/v1/privacy-receipts/none')).toMatchObject({ status: 400 });
  expect(await askAs(site, 'GET', `/v1/privacy/${user}?curser=x`)).toMatchObject({ status: 400 });
  expect(await askAs(site, 'GET', `/v1/privacy/${user}?cursor=x`)).toMatchObject({ status: 400 });
});

test('the export has every interaction, in pages that fit into an answer', async () => {
  const site = 'big';
  const [user, visitor] = ['big-user-id', 'big-visitor-id'];
  const months = ['2026-01-10', '2026-02-10', '2026-03-10'].map((day) => Date.parse(`${day}T12:00:00Z`));
  const name = 'a "long" name\\'.repeat(30);
  const events = months.flatMap((ts) =>
    Array.from(
      { length: 6 },
      (_, i): FootfallEvent => ({
        ...{ v: EVENT_VERSION, id: `${ts}-${i}`, site, user: i % 2 ? user : visitor, name: 'view_item' },
        ...{ ts: ts + i, received: Date.now(), backfill: true },
        items: Array.from({ length: 1_500 }, (_, n) => ({ id: `p${n}`, quantity: 1, name })),
      }),
    ),
  );
  await shop.count(events);
  await shop.send(site, {
    id: 'i',
    name: 'identify',
    anonymous_id: visitor,
    user_id: user,
    timestamp: ago(1),
  });
  interface Page {
    held: { id: string; state: object | null }[];
    interactions: { id: string; user: string; items?: object[] }[];
    next_cursor?: string;
  }
  const pages: Page[] = [];
  let query = '';
  do {
    const { status, body } = await askAs<Page>(site, 'GET', `/v1/privacy/${user}${query}`);
    expect(status).toBe(200);
    // As Lambda counts it: the body is a string in the answer.
    expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(body) }))).toBeLessThan(6_000_000);
    pages.push(body.data);
    query = `?cursor=${body.data.next_cursor}`;
  } while (pages.at(-1)!.next_cursor !== undefined);
  expect(pages.length).toBeGreaterThan(3);
  expect(pages.flatMap(({ held }) => held.map(({ id }) => id))).toEqual([user, visitor]);
  const shown = pages.flatMap(({ interactions }) => interactions);
  const expected = [user, visitor].flatMap((id) => [
    ...events.filter((event) => event.user === id).map((event) => [id, event.id]),
    ...(id === user ? [[user, 'i']] : []),
  ]);
  expect(shown.map((one) => [one.user, one.id])).toEqual(expected);
  expect(shown.every(({ id, items }) => id === 'i' || items?.length === 1_500)).toBe(true);
  expect(await erase(site, visitor)).toMatchObject({ ids: 2, keys: 2 + 3 + 3 + 1 });
  expect(await scan(redis, [user, visitor])).toEqual([]);
});

test('the export and the interactions show the fields that are kept and not counted', async () => {
  const site = 'kept';
  const order = { coupon: 'MAY', payment_type: 'card', customer_type: 'new', location_id: 'L-1' };
  const line = {
    item_variant: '100 g',
    item_category: 'Drinks',
    item_category2: 'Tea',
    coupon: 'TEN',
    index: 0,
  };
  await shop.send(site, {
    ...{
      id: 'e',
      name: 'purchase',
      user_id: 'kept-user',
      timestamp: ago(1),
      transaction_id: 'o-1',
      ...order,
    },
    ...{ currency: 'EUR', value: 21, tax: 3.35, shipping: '4.90', discount: 0 },
    items: [{ item_id: 'tea', quantity: 2, price: 10.5, discount: 1.25, ...line }],
  });
  await shop.apply();
  const exported = await askAs<{ interactions: object[] }>(site, 'GET', '/v1/privacy/kept-user');
  expect(exported.body.data.interactions).toMatchObject([
    {
      ...{ ...order, value_minor: 2_100, tax_minor: 335, shipping_minor: 490, discount_minor: 0 },
      items: [
        {
          ...{ id: 'tea', quantity: 2, amount: 2_100, discount: 250, variant: '100 g', category: 'Drinks' },
          ...{ category2: 'Tea', coupon: 'TEN', index: 0 },
        },
      ],
    },
  ]);
  const { body } = await ask<{ data: { interactions: object[] } }>(
    shop.handler,
    'GET',
    '/v1/users/kept-user/interactions',
    { headers: { authorization: `Bearer ${site}-read-key` } },
  );
  expect(body.data.interactions).toMatchObject([
    {
      ...{ ...order, value: '21.00', tax: '3.35', shipping: '4.90', discount: '0.00' },
      items: [{ item_id: 'tea', quantity: 2, amount: '21.00', discount: '2.50', ...line }],
    },
  ]);
});

test("the export shows the user's state and the lists that the user is in", async () => {
  const site = 'pages';
  const ids = {
    user: 'pages-user-id',
    visitor: 'pages-visitor-id',
    second: 'pages-second-id',
    other: 'pages-other-id',
  };
  await fill(site, ids);
  const { body } = await askAs<{ held: { id: string; state: Record<string, unknown>; lists: object }[] }>(
    site,
    'GET',
    `/v1/privacy/${ids.user}`,
  );
  const held = new Map(body.data.held.map((one) => [one.id, one]));
  expect([...held.keys()].sort()).toEqual([ids.second, ids.user, ids.visitor].sort());
  expect(held.get(ids.user)).toMatchObject({
    state: {
      first_seen: '2026-03-02T11:30:00.000Z',
      known_since: '2026-03-02T11:30:00.000Z',
      counters: { 'n:purchase': 2, 'revenue:EUR': 3_550, 'refunded:EUR': 1_000 },
      active_days: expect.arrayContaining(['2026-03-02', '2026-08-01', '2026-09-30']),
      aliases: [ids.visitor, ids.second],
      cart: {
        last_purchase: '2026-09-30T11:30:00.000Z',
        changes: [{ product_id: 'pot' }, { product_id: 'tea' }],
      },
      orders: [
        {
          transaction_id: 'u-t1',
          copies: [{ id: 'u2', sent_as: ids.user, currency: 'EUR', total_minor: 1_000 }],
          is_buyer: true,
          refunded_minor: { EUR: 1_000 },
        },
        {
          transaction_id: 'u-t2',
          copies: [{ sent_as: ids.user, total_minor: 2_550 }],
          is_buyer: true,
          refunded_minor: {},
        },
      ],
      erased_until: null,
    },
    lists: {
      live: expect.any(String),
      checkout: null,
      filled_cart: expect.any(String),
      cart_to_look_at: expect.any(String),
      cart_signalled: expect.any(String),
      signal_under_way: expect.stringContaining('"run":"run"'),
    },
  });
  expect(held.get(ids.visitor)).toMatchObject({ state: { user_id: ids.user, counters: {} } });
});
