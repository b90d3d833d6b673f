import { readCarts } from '../../shared/questions/carts.ts';
import { readFunnel } from '../../shared/questions/funnels.ts';
import { readLive } from '../../shared/questions/live.ts';
import { readSessions } from '../../shared/questions/sessions.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { readRetention } from '../../shared/questions/user-retention.ts';
import { freshnessOf } from '../../shared/status/freshness.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openShop, siteOf } from '../support/shop.ts';

/**
 * Visitors who turn out to be users: over HTTP into the log, through the shards of both, and back. Each test has
 * a site of its own. Users are chosen so that a visitor's shard is another one than the user's.
 */
const names = [
  'goods',
  'way',
  'late',
  'twice',
  'crash',
  'first',
  'pages',
  'live',
  'lag',
  'same',
  'kept',
] as const;
const sites = names.map((name) => siteOf(name, { zone: 'Europe/Madrid', currency: 'EUR' }));
const shop = await openShop(sites);
const siteNamed = (name: string) => sites.find(({ id }) => id === name)!;

/** Of the 2nd of March unless another day is given, in Madrid. */
const at = (time: string, fields: object) => ({
  timestamp: `${time.includes('T') ? time : `2026-03-02T${time}`}:00+01:00`,
  backfill: true,
  ...fields,
});
const tea = { item_id: 'tea', item_name: 'Green tea', item_category: 'drinks', price: 10 };
const pot = { item_id: 'pot', item_name: 'Tea pot', price: '25.50' };

interface Profile {
  user_id: string;
  asked: string;
  known: boolean;
  total_events: number;
  sessions: number;
  active_days: number;
  aliases: string[];
  [field: string]: unknown;
}
const profile = async (site: string, user: string) => {
  const { status, body } = await shop.get<{ data: Profile }>(site, `/v1/users/${user}`);
  expect(status).toBe(200);
  return body.data;
};

interface Page {
  user_id: string;
  asked: string;
  total: number;
  interactions: { id: string; name: string }[];
  next_cursor?: string;
}
const interactions = async (site: string, user: string, query = '') => {
  const { body } = await shop.get<{ data: Page }>(site, `/v1/users/${user}/interactions?${query}`);
  return body.data;
};
const idsOf = async (site: string, user: string, query = '') =>
  (await interactions(site, user, query)).interactions.map(({ id }) => id);

/** Everything that a site says of people and of events. */
async function answersOf(name: string) {
  const { reader } = shop;
  const site = siteNamed(name);
  const range = { from: '2026-03-01', to: '2026-03-31' };
  const { users, new_users } = await readUniqueUsers(reader, site, range);
  const { sessions, bounces, converted_sessions, session_ms } = await readSessions(reader, site, range);
  const funnel = await readFunnel(reader, site, 'shop', range);
  const { cohorts } = await readRetention(reader, site, { ...range, period: 'day', periods: 2 });
  const carts = await readCarts(reader, site, { limit: 10 }, 60);
  const get = async (target: string) => (await shop.get<{ data: object }>(name, target)).body.data;
  const events = {
    frequency: await get('/v1/events?from=2026-03-01&to=2026-03-31&grain=day'),
    products: await get('/v1/products?from=2026-03-01&to=2026-03-31'),
    revenue: await get('/v1/revenue?from=2026-03-01&to=2026-03-31'),
  };
  const people = {
    users,
    new_users,
    sessions,
    bounces,
    converted_sessions,
    session_ms,
    funnel: funnel.steps.map((step) => step.count),
    cohorts: cohorts.filter((one) => one.users > 0).map((one) => [one.start, one.users]),
    carts: carts.carts.map((one) => one.user_id),
  };
  return { events, people };
}

test('views, signing in, an order: one person, and what was counted stays where it was', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('way', 'ana', visitor);
  await shop.send(
    'way',
    at('10:00', { id: 'v1', name: 'view_item', anonymous_id: visitor, items: [tea], source: 'google' }),
    at('10:05', { id: 'c1', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    // On the same morning on another device, where she is signed in.
    at('10:20', { id: 'p1', name: 'page_view', user_id: ana, page: '/account' }),
  );
  const before = await answersOf('way');
  expect(before.people).toEqual({
    users: 2,
    new_users: 2,
    sessions: 2,
    bounces: 1,
    converted_sessions: 0,
    session_ms: 300_000,
    funnel: [1, 1, 0, 0],
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

  await shop.send('way', at('10:30', { id: 'i1', name: 'identify', anonymous_id: visitor, user_id: ana }));
  const joined = await answersOf('way');
  expect(joined.people).toEqual({
    users: 1,
    new_users: 1,
    sessions: 1,
    bounces: 0,
    converted_sessions: 0,
    session_ms: 1_800_000,
    funnel: [1, 1, 0, 0],
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
    sessions: 3,
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
    sessions: 3,
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

test('what the visitor did before, and comes after the identify, is the user’s', async () => {
  const visitor = 'cookie-1';
  const ben = shop.userElsewhere('late', 'ben', visitor);
  await shop.send('late', at('12:00', { id: 'v2', name: 'view_item', anonymous_id: visitor, items: [tea] }));
  await shop.send('late', at('12:10', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ben }));
  await shop.send(
    'late',
    at('2026-03-01T09:00', { id: 'v1', name: 'view_item', anonymous_id: visitor, items: [pot] }),
    at('12:05', { id: 'c', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    // From a page that still has the cookie only.
    at('12:20', { id: 'v3', name: 'view_item', anonymous_id: visitor, items: [pot] }),
    // A retry of what the visitor's shard had counted, and of what it had sent on.
    at('12:00', { id: 'v2', name: 'view_item', anonymous_id: visitor, items: [tea] }),
    at('12:20', { id: 'v3', name: 'view_item', anonymous_id: visitor, items: [pot] }),
  );
  expect((await answersOf('late')).people).toMatchObject({
    users: 1,
    new_users: 1,
    sessions: 2,
    bounces: 1,
    funnel: [1, 1, 0, 0],
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
  // Four of the visitor's are sent on, and counted by the user's shard; his state is a record, too.
  expect([of('applied'), of('forwarded'), of('joined'), of('duplicate')]).toEqual([5, 4, 1, 2]);
});

test('all of an order is given back under the other id, on the day of the refund', async () => {
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
  // Nobody knows yet that the order was hers.
  expect(await revenue()).toMatchObject([
    { ...row('2026-03-02', 1, 0), money: [{ revenue: '35.50', refunded: '0.00' }] },
    { ...row('2026-03-04', 0, 1), money: [] },
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

test('the first identify decides; again, or with another user, it is an event of that user', async () => {
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

test('a crash after the visitor’s state was sent and before the commit changes no number', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('crash', 'ana', visitor);
  await shop.send(
    'crash',
    at('12:00', { id: 'c1', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    at('11:00', { id: 'v0', name: 'page_view', user_id: ana }),
  );
  await shop.leave('crash', at('12:10', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  shop.onForward = () => {
    throw new Error('crash');
  };
  for (let crash = 0; crash < 2; crash++) {
    await expect(shop.applyShardOf('crash', visitor)).rejects.toThrow('crash');
    // The user's shard counts at once what the visitor's has sent, though that one will send it again.
    await shop.applyShardOf('crash', ana);
  }
  shop.onForward = () => {};
  await shop.apply();
  expect((await answersOf('crash')).people).toMatchObject({ users: 1, new_users: 1, sessions: 2 });
  expect(await profile('crash', ana)).toMatchObject({
    total_events: 3,
    aliases: [visitor],
    cart: { lines: [{ product_id: 'tea', quantity: 1 }] },
  });
  expect(await idsOf('crash', visitor)).toEqual(['v0', 'c1', 'i']);
  const ledger = await ledgerOf(shop.reader);
  const of = (outcome: string) => ledger.get(`crash:${outcome}`);
  expect([of('applied'), of('forwarded'), of('joined'), of('duplicate')]).toEqual([3, 1, 1, 4]);
});

test('a visitor whose first event is the identify, and a user who is known by nothing else', async () => {
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

test('pages of a person of several ids have every interaction, each once, in the order of time', async () => {
  const ana = 'ana';
  const visitors = [shop.userElsewhere('pages', 'a', ana), shop.userElsewhere('pages', 'b', ana)];
  const expected: string[] = [];
  for (let minute = 0; minute < 12; minute++) {
    for (const [i, visitor] of visitors.entries()) {
      // The two use the same ids at the same times, as two devices with a counter do.
      const id = `e${Math.floor(minute / 4)}`;
      const time = `10:${10 + Math.floor(minute / 4)}`;
      await shop.send('pages', at(time, { id: `${id}-${minute % 4}`, name: 'click', anonymous_id: visitor }));
      if (i === 0) expected.push(`${id}-${minute % 4}`, `${id}-${minute % 4}`);
    }
  }
  for (const [i, visitor] of visitors.entries()) {
    await shop.send(
      'pages',
      at(`11:0${i}`, { id: `i${i}`, name: 'identify', anonymous_id: visitor, user_id: ana }),
    );
    expected.push(`i${i}`);
  }
  for (const id of [ana, ...visitors]) {
    for (const limit of [1, 2, 3, 7, 25, 26, 100]) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await interactions('pages', id, `limit=${limit}${cursor}`);
        expect(page.total).toBe(26);
        seen.push(...page.interactions.map((one) => one.id));
        cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : '';
      } while (cursor);
      expect(seen).toEqual(expected);
    }
  }
});

test('who is there now is there once, and a cart that is left behind has one owner', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('live', 'ana', visitor);
  const now = Date.now();
  const ago = (minutes: number, fields: object) => ({ timestamp: now - minutes * 60_000, ...fields });
  await shop.send(
    'live',
    ago(70, { id: 'c', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    ago(4, { id: 'v', name: 'page_view', anonymous_id: visitor }),
  );
  const live = async () => (await readLive(shop.reader, siteNamed('live'), now)).users_30m;
  const carts = async () =>
    (await readCarts(shop.reader, siteNamed('live'), { limit: 10 }, 60, now)).carts.map((one) => one.user_id);
  expect([await live(), await carts()]).toEqual([1, [visitor]]);
  await shop.send('live', ago(3, { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  expect([await live(), await carts()]).toEqual([1, [ana]]);
  // A page that still has the cookie only: the visitor's shard sees it, counts others, and sends it on.
  await shop.send(
    'live',
    ago(1, { id: 'w', name: 'page_view', anonymous_id: visitor }),
    ago(1, { id: 'x', name: 'page_view', anonymous_id: shop.userBeside('live', 'neighbour', visitor) }),
  );
  expect([await live(), await carts()]).toEqual([2, [ana]]);
});

test('a visitor is remembered as long as the user may be: the alias does not expire at once', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('kept', 'ana', visitor);
  const last = async () => (await shop.reader.user('kept', visitor))?.last;
  await shop.send('kept', at('12:30', { id: 'u', name: 'page_view', anonymous_id: visitor }));
  await shop.send('kept', at('12:00', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  expect(await last()).toBe(Date.parse('2026-03-02T12:30:00+01:00'));
  // Batches of their own: each reads what the one before has left in Redis.
  await shop.send('kept', at('2026-03-09T12:00', { id: 'v', name: 'page_view', anonymous_id: visitor }));
  await shop.send('kept', at('2026-03-10T12:00', { id: 'w', name: 'page_view', anonymous_id: visitor }));
  expect((await answersOf('kept')).people).toMatchObject({ users: 1, new_users: 1, sessions: 3 });
  expect(await last()).toBe(Date.parse('2026-03-10T12:00:00+01:00'));
});

test('a visitor and a user of one shard', async () => {
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

describe('an answer is complete only when what one shard sent is counted by the other', () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('lag', 'ana', visitor);
  const identify = (minute: number, id: string) =>
    at(`12:${minute}`, { id, name: 'identify', anonymous_id: visitor, user_id: ana });

  test('while it waits in the log', async () => {
    const meta = async () => (await shop.get<{ meta: object }>('lag', '/v1/overview')).body.meta;
    await shop.send('lag', at('12:00', { id: 'v', name: 'view_item', anonymous_id: visitor, items: [tea] }));
    expect(await meta()).toMatchObject({ lag_events: 0, lag_ms: 0, complete: true });
    await shop.leave('lag', identify(10, 'i1'));
    expect(await meta()).toMatchObject({ lag_events: 1, complete: false });
    await shop.applyShardOf('lag', visitor);
    // Two records wait in the log: the state, and the event.
    expect(await meta()).toMatchObject({ lag_events: 2, complete: false });
    // Who it was is known; what that one did is not, but for what the visitor had done.
    expect(await interactions('lag', visitor)).toMatchObject({ user_id: ana, interactions: [{ id: 'v' }] });
    const { status, body } = await shop.get<{ code: string }>('lag', `/v1/users/${visitor}`);
    expect([status, body.code]).toEqual([404, 'unknown_user']);
    await shop.applyShardOf('lag', ana);
    expect(await meta()).toMatchObject({ lag_events: 0, lag_ms: 0, complete: true });
  });

  const freshness = async (ends: typeof shop.ends) =>
    freshnessOf(Date.now(), await ends(), await shop.reader.heads());

  test('also when it was sent after the log was asked how far it goes', async () => {
    await shop.leave('lag', identify(20, 'i2'), identify(21, 'i3'));
    const askedBeforeItWasSent = async () => {
      const ends = await shop.ends();
      await shop.applyShardOf('lag', visitor);
      return ends;
    };
    expect(await freshness(askedBeforeItWasSent)).toMatchObject({
      lag_events: 1,
      complete: false,
    });
    const ends = await shop.ends();
    await shop.applyShardOf('lag', ana);
    expect(await freshness(async () => ends)).toMatchObject({
      lag_events: 0,
      lag_ms: 0,
      complete: true,
    });
  });

  test('and what can not be counted there any more is not waited for', async () => {
    await shop.leave('lag', identify(30, 'i4'));
    await shop.applyShardOf('lag', visitor);
    // The site is taken out of the configuration between the two.
    await shop.applyShardOf('lag', ana, { withoutSite: 'lag' });
    expect(await freshness(shop.ends)).toMatchObject({ lag_events: 0, complete: true });
  });
});
