import { ledgerOf } from '../support/ledger.ts';
import { at, peopleOf, pot, tea } from '../support/people.ts';
import { openShop, siteOf } from '../support/shop.ts';

/**
 * Visitors who turn out to be users: over HTTP into the log, through the shards of both, and back. Each test has
 * a site of its own. A visitor and a user are in different shards unless a test says otherwise.
 */
const NOT_SET = Object.fromEntries(
  [
    ...['source', 'medium', 'campaign', 'referrer', 'landing_page'],
    ...['device', 'browser', 'os', 'country'],
  ].map((name) => [name, '(not set)']),
);

const sites = ['goods', 'way', 'late', 'twice', 'first', 'same', 'kept'].map((name) =>
  siteOf(name, { zone: 'Europe/Madrid', currency: 'EUR' }),
);
const shop = await openShop(sites);
const { profile, interactions, idsOf, answersOf } = peopleOf(shop, sites);

describe('a visitor who signs in and orders', () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('way', 'ana', visitor);
  let before: Awaited<ReturnType<typeof answersOf>>;

  test('is a person apart from the user before the identify', async () => {
    await shop.send(
      'way',
      at('10:00', { id: 'v1', name: 'view_item', anonymous_id: visitor, items: [tea], source: 'google' }),
      at('10:05', { id: 'c1', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
      // On the same morning on another device, where she is signed in.
      at('10:20', { id: 'p1', name: 'page_view', user_id: ana, page: '/account' }),
    );
    before = await answersOf('way');
    expect(before.people).toEqual({
      users: 2,
      new_users: 2,
      sessions: 2,
      bounces: 1,
      converted_sessions: 0,
      session_ms: 300_000,
      funnel: [1, 1],
      cohorts: [['2026-03-02', 2]],
      carts: [],
    });
    expect(await profile('way', visitor)).toMatchObject({
      user_id: visitor,
      asked: visitor,
      known: false,
      total_events: 2,
      sessions: 1,
      active_days: 1,
      aliases: [],
      products: [{ product_id: 'tea', name: 'Green tea', last_seen: '2026-03-02T09:05:00.000Z' }],
      cart: {
        last_activity: '2026-03-02T09:05:00.000Z',
        lines: [{ product_id: 'tea', quantity: 1 }],
        value: [{ currency: 'EUR', amount: '10.00', amount_minor: 1_000 }],
      },
    });
  });

  test('is one person with the user after it, and earlier counts stay in place', async () => {
    await shop.send('way', at('10:30', { id: 'i1', name: 'identify', anonymous_id: visitor, user_id: ana }));
    const joined = await answersOf('way');
    expect(joined.people).toEqual({
      users: 1,
      new_users: 1,
      sessions: 1,
      bounces: 0,
      converted_sessions: 0,
      session_ms: 1_800_000,
      funnel: [1, 1],
      cohorts: [['2026-03-02', 1]],
      carts: [],
    });
    // The identify itself is an event, and all that there is to add.
    expect(joined.events).toEqual({
      ...before.events,
      frequency: {
        from: '2026-03-01',
        to: '2026-03-31',
        total: 4,
        events: { add_to_cart: 1, identify: 1, page_view: 1, view_item: 1 },
        series: expect.arrayContaining([
          {
            start: '2026-03-02',
            total: 4,
            events: { add_to_cart: 1, identify: 1, page_view: 1, view_item: 1 },
          },
        ]),
      },
    });
  });

  test('has the orders and the whole history under both ids', async () => {
    await shop.send(
      'way',
      at('10:40', { id: 'b1', name: 'begin_checkout', user_id: ana, anonymous_id: visitor, items: [tea] }),
      at('10:45', { name: 'purchase', user_id: ana, transaction_id: 'o-1', items: [tea, pot] }),
      at('2026-03-03T12:00', { id: 'r1', name: 'refund', user_id: ana, transaction_id: 'o-1', items: [pot] }),
      at('2026-03-04T12:00', { name: 'purchase', user_id: ana, transaction_id: 'o-2', value: 5 }),
    );
    const after = await answersOf('way');
    expect(after.people).toMatchObject({
      users: 1,
      new_users: 1,
      // The refund opens none.
      sessions: 2,
      converted_sessions: 2,
      funnel: [1, 1, 1, 1],
      cohorts: [['2026-03-02', 1]],
    });
    const whole = await profile('way', ana);
    expect(whole).toEqual({
      user_id: ana,
      asked: ana,
      known: true,
      first_seen: '2026-03-02T09:00:00.000Z',
      last_seen: '2026-03-04T11:00:00.000Z',
      active_days: 3,
      sessions: 2,
      total_events: 8,
      events: {
        purchase: 2,
        add_to_cart: 1,
        begin_checkout: 1,
        identify: 1,
        page_view: 1,
        refund: 1,
        view_item: 1,
      },
      orders: 2,
      refunds: 1,
      money: [
        {
          currency: 'EUR',
          revenue: '40.50',
          refunded: '25.50',
          net: '15.00',
          revenue_minor: 4_050,
          refunded_minor: 2_550,
          net_minor: 1_500,
        },
      ],
      average_order: [{ currency: 'EUR', amount: '20.25', amount_minor: 2_025 }],
      visits: [
        {
          ...NOT_SET,
          ...{ start: '2026-03-04T11:00:00.000Z', end: '2026-03-04T11:00:00.000Z', channel: 'Direct' },
        },
        {
          ...NOT_SET,
          ...{ start: '2026-03-02T09:00:00.000Z', end: '2026-03-02T09:45:00.000Z' },
          ...{ channel: 'Organic Search', source: 'google', landing_page: '/account' },
        },
      ],
      products: [
        { product_id: 'pot', name: 'Tea pot', last_seen: '2026-03-03T11:00:00.000Z' },
        { product_id: 'tea', name: 'Green tea', last_seen: '2026-03-02T09:45:00.000Z' },
      ],
      cart: null,
      aliases: [visitor],
    });
    expect(await profile('way', visitor)).toEqual({ ...whole, asked: visitor });
    const all = ['v1', 'c1', 'p1', 'i1', 'b1', 'purchase:o-1', 'r1', 'purchase:o-2'];
    expect(await idsOf('way', ana)).toEqual(all);
    expect(await interactions('way', visitor)).toEqual({
      ...(await interactions('way', ana)),
      user_id: ana,
      asked: visitor,
    });
    expect(await idsOf('way', ana, 'date=2026-03-02')).toEqual(all.slice(0, 6));
  });
});

test("a visitor's events belong to the user, also when they arrive after the identify", async () => {
  const visitor = 'cookie-1';
  const ben = shop.userElsewhere('late', 'ben', visitor);
  await shop.send('late', at('12:00', { id: 'v2', name: 'view_item', anonymous_id: visitor, items: [tea] }));
  await shop.send('late', at('12:10', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ben }));
  await shop.send(
    'late',
    at('2026-03-01T09:00', { id: 'v1', name: 'view_item', anonymous_id: visitor, items: [pot] }),
    at('12:05', { id: 'c', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    // From a page that still has only the cookie.
    at('12:20', { id: 'v3', name: 'view_item', anonymous_id: visitor, items: [pot] }),
    // Retries: of an event that the visitor's shard counted, and of one that it forwarded.
    at('12:00', { id: 'v2', name: 'view_item', anonymous_id: visitor, items: [tea] }),
    at('12:20', { id: 'v3', name: 'view_item', anonymous_id: visitor, items: [pot] }),
  );
  expect((await answersOf('late')).people).toMatchObject({
    users: 1,
    new_users: 1,
    sessions: 2,
    bounces: 1,
    funnel: [1, 1],
    cohorts: [['2026-03-01', 1]],
  });
  for (const id of [ben, visitor]) {
    expect(await profile('late', id)).toMatchObject({
      user_id: ben,
      asked: id,
      total_events: 5,
      events: { view_item: 3, add_to_cart: 1, identify: 1 },
      first_seen: '2026-03-01T08:00:00.000Z',
      active_days: 2,
      cart: { lines: [{ product_id: 'tea', quantity: 1 }] },
    });
    expect(await idsOf('late', id)).toEqual(['v1', 'v2', 'c', 'i', 'v3']);
  }
  const ledger = await ledgerOf(shop.reader);
  const of = (outcome: string) => ledger.get(`late:${outcome}`);
  // Four of the visitor's events are forwarded to the user's shard; the visitor's state is a record, too.
  expect([of('applied'), of('forwarded'), of('joined'), of('duplicate')]).toEqual([5, 4, 1, 2]);
});

test('a refund under the other id gives back the whole order, on the day of the refund', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('goods', 'ana', visitor);
  const revenue = async () =>
    (await shop.get<{ data: { rows: object[] } }>('goods', '/v1/revenue')).body.data.rows;
  const row = (key: string, orders: number, refunds: number) => ({ key, orders, refunds });
  await shop.send(
    'goods',
    at('12:00', { name: 'purchase', anonymous_id: visitor, transaction_id: 'o-1', items: [tea, pot] }),
    at('2026-03-04T12:00', { id: 'r', name: 'refund', user_id: ana, transaction_id: 'o-1' }),
  );
  // The order decides, whoever sends the refund.
  expect(await revenue()).toMatchObject([
    { ...row('2026-03-02', 1, 0), money: [{ revenue: '35.50', refunded: '0.00' }] },
    { ...row('2026-03-04', 0, 1), money: [{ revenue: '0.00', refunded: '35.50' }] },
  ]);
  await shop.send('goods', at('13:00', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  // Once more: the order was given back already.
  await shop.send(
    'goods',
    at('2026-03-05T12:00', { id: 's', name: 'refund', anonymous_id: visitor, transaction_id: 'o-1' }),
  );
  expect(await revenue()).toMatchObject([
    { ...row('2026-03-02', 1, 0), money: [{ revenue: '35.50', refunded: '0.00' }] },
    { ...row('2026-03-04', 0, 1), money: [{ revenue: '0.00', refunded: '35.50' }] },
    { ...row('2026-03-05', 0, 1), money: [] },
  ]);
  expect(await profile('goods', ana)).toMatchObject({ orders: 1, refunds: 2, money: [{ net: '0.00' }] });
  const overview = await shop.get<{ data: object }>('goods', '/v1/overview?from=2026-03-04&to=2026-03-04');
  expect(overview.body.data).toMatchObject({ units_refunded: 2, products: 2 });
});

test('the first identify of a visitor decides; later ones are ordinary events', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('twice', 'ana', visitor);
  const ben = shop.userElsewhere('twice', 'ben', visitor, ana);
  const identify = (time: string, id: string, user_id: string) =>
    at(time, { id, name: 'identify', anonymous_id: visitor, user_id });
  await shop.send('twice', at('12:00', { id: 'v1', name: 'view_item', anonymous_id: visitor, items: [tea] }));
  await shop.send('twice', identify('12:01', 'i1', ana));
  await shop.send('twice', identify('12:02', 'i2', ana));
  await shop.send('twice', identify('12:03', 'i3', ben), identify('12:01', 'i1', ana));
  expect((await answersOf('twice')).people).toMatchObject({ users: 1, new_users: 1, sessions: 1 });
  expect(await profile('twice', ana)).toMatchObject({
    aliases: [visitor],
    events: { view_item: 1, identify: 3 },
  });
  expect(await idsOf('twice', visitor)).toEqual(['v1', 'i1', 'i2', 'i3']);
  const unknown = await shop.get<{ code: string }>('twice', `/v1/users/${ben}`);
  expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_user']);

  // Another device of hers: two visitors are one user.
  const second = shop.userElsewhere('twice', 'phone', ana);
  await shop.send(
    'twice',
    at('12:10', { id: 'v1', name: 'view_item', anonymous_id: second, items: [pot] }),
    at('12:11', { id: 'i4', name: 'identify', anonymous_id: second, user_id: ana }),
  );
  expect((await answersOf('twice')).people).toMatchObject({ users: 1, new_users: 1, sessions: 1 });
  expect(await profile('twice', second)).toMatchObject({ user_id: ana, aliases: [visitor, second] });
  expect(await idsOf('twice', ana)).toEqual(['v1', 'i1', 'i2', 'i3', 'v1', 'i4']);
});

test('an identify may be the first event of both the visitor and the user', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('first', 'ana', visitor);
  await shop.leave('first', at('12:10', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  await shop.applyShardOf('first', visitor);
  // The state in a batch of its own: the user is known and has no event yet.
  await shop.applyShardOf('first', ana, { records: 1 });
  for (const id of [visitor, ana]) {
    const { status, body } = await shop.get<{ code: string }>('first', `/v1/users/${id}`);
    expect([status, body.code]).toEqual([404, 'unknown_user']);
  }
  await shop.apply();
  for (const id of [visitor, ana]) {
    expect(await profile('first', id)).toMatchObject({
      user_id: ana,
      known: true,
      events: { identify: 1 },
      aliases: [visitor],
      cart: null,
      average_order: [],
    });
    expect(await idsOf('first', id)).toEqual(['i']);
  }
  expect((await answersOf('first')).people).toMatchObject({ users: 1, new_users: 1, bounces: 1 });
});

test('the alias of a visitor is kept as long as the visitor sends events', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('kept', 'ana', visitor);
  const last = async () => (await shop.reader.user('kept', visitor))?.last;
  await shop.send('kept', at('12:30', { id: 'u', name: 'page_view', anonymous_id: visitor }));
  await shop.send('kept', at('12:00', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  expect(await last()).toBe(Date.parse('2026-03-02T12:30:00+01:00'));
  // Separate batches: each reads what the one before has left in Redis.
  await shop.send('kept', at('2026-03-09T12:00', { id: 'v', name: 'page_view', anonymous_id: visitor }));
  await shop.send('kept', at('2026-03-10T12:00', { id: 'w', name: 'page_view', anonymous_id: visitor }));
  expect((await answersOf('kept')).people).toMatchObject({ users: 1, new_users: 1, sessions: 3 });
  expect(await last()).toBe(Date.parse('2026-03-10T12:00:00+01:00'));
});

test('a visitor and a user may be in the same shard', async () => {
  const ana = 'ana';
  const visitor = shop.userBeside('same', 'cookie', ana);
  await shop.send(
    'same',
    at('12:00', { id: 'v', name: 'view_item', anonymous_id: visitor, items: [tea] }),
    at('12:01', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }),
    at('12:02', { id: 'w', name: 'view_item', anonymous_id: visitor, items: [tea] }),
  );
  expect((await answersOf('same')).people).toMatchObject({ users: 1, new_users: 1, sessions: 1 });
  expect(await idsOf('same', visitor)).toEqual(['v', 'i', 'w']);
});
