import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { MAX_NEWEST } from '../../shared/fold/newest-interactions.ts';
import { MINUTE_MS } from '../../shared/platform/time.ts';
import { ask } from '../support/http.ts';
import { keyNames } from '../support/redis-data.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** The newest interactions of a site. Each test has a site of its own. */
const SITES = ['shown', 'other', 'twice', 'full', 'late', 'joined', 'erased', 'nobody', 'after', 'bots'];
const shop = await openShop(SITES.map((id) => siteOf(id, { zone: 'Europe/Madrid', currency: 'EUR' })));

const now = Date.now();
const ago = (minutes: number) => new Date(now - minutes * MINUTE_MS).toISOString();
const tea = { item_id: 'tea-1', item_name: 'Green tea', quantity: 2, price: 10 };

interface Newest {
  interactions: { id: string; at: string; name: string; user_id?: string; value?: { amount: string } }[];
  position: string;
}

async function newest(site: string, query = ''): Promise<Newest> {
  return (await shop.get<{ data: Newest }>(site, `/v1/live/interactions${query}`)).body.data;
}
const idsOf = ({ interactions }: Newest) => interactions.map(({ id }) => id);

const eventOf = (
  site: string,
  id: string,
  ts: number,
  fields: Partial<FootfallEvent> = {},
): FootfallEvent => ({
  ...{ v: EVENT_VERSION, id, site, user: 'ada', name: 'page_view', ts, received: now },
  ...fields,
});

test('an interaction is shown with what is known of it, newest first, in its own site', async () => {
  await shop.send(
    'shown',
    {
      id: 'v',
      name: 'page_view',
      anonymous_id: 'a-cookie',
      page: 'https://shop.example/tea?x=1',
      timestamp: ago(4),
    },
    {
      ...{ id: 'c', name: 'add_to_cart', user_id: 'ben', items: [tea, { ...tea, item_id: 'tea-2' }] },
      ...{ currency: 'EUR', timestamp: ago(3), country: 'ES', device: 'mobile' },
    },
    {
      ...{ id: 'p', name: 'purchase', user_id: 'ben', items: [tea], currency: 'EUR', value: 24.9 },
      ...{ transaction_id: 'o-1', timestamp: ago(2) },
    },
  );
  await shop.send('other', {
    id: 'x',
    name: 'search',
    user_id: 'cem',
    search_term: 'mate',
    timestamp: ago(1),
  });
  expect((await newest('shown')).interactions).toEqual([
    {
      ...{ id: 'p', at: ago(2), name: 'purchase', user_id: 'ben', transaction_id: 'o-1' },
      ...{ product_id: 'tea-1', product_name: 'Green tea' },
      value: { currency: 'EUR', amount: '24.90', amount_minor: 2_490 },
    },
    {
      ...{ id: 'c', at: ago(3), name: 'add_to_cart', user_id: 'ben', country: 'ES', device: 'mobile' },
      ...{ product_id: 'tea-1', product_name: 'Green tea', lines: 2 },
      value: { currency: 'EUR', amount: '40.00', amount_minor: 4_000 },
    },
    { id: 'v', at: ago(4), name: 'page_view', user_id: 'a-cookie', page: '/tea' },
  ]);
  expect((await newest('other')).interactions).toEqual([
    { id: 'x', at: ago(1), name: 'search', user_id: 'cem', search_term: 'mate' },
  ]);
  expect(idsOf(await newest('shown', '?limit=1'))).toEqual(['p']);
  const csv = await shop.get('shown', '/v1/live/interactions?format=csv');
  expect(String(csv.body).split('\r\n')[0]).toMatch(/^at,name,user_id,product_id,value,currency,/);
});

test('an event that comes twice, in a batch that is applied twice, is shown once', async () => {
  const events = ['a', 'b', 'b'].map((id, i) => eventOf('twice', id, now - 5_000 + i));
  await shop.count(events);
  await shop.count(events);
  expect(idsOf(await newest('twice'))).toEqual(['b', 'a']);
  await shop.forget();
  await shop.apply();
  expect(idsOf(await newest('twice'))).toEqual(['b', 'a']);
});

test("the site's newest are shown, however they are spread over batches and shards", async () => {
  const users = ['ada', shop.userElsewhere('full', 'ben', 'ada')];
  const events = Array.from({ length: 4 * MAX_NEWEST }, (_, n) =>
    eventOf('full', `e${n}`, now - 1_000 * ((n * 37) % (4 * MAX_NEWEST)), { user: users[n % 2]! }),
  );
  await shop.count(events.slice(0, 150));
  await shop.count(events.slice(150));
  const expected = events.sort((a, b) => b.ts - a.ts).map(({ id }) => id);
  expect(idsOf(await newest('full'))).toEqual(expected.slice(0, MAX_NEWEST));
  for (const key of await keyNames(shop.redis, '*:newest:full')) {
    expect(await shop.redis.zcard(key)).toBe(MAX_NEWEST);
    expect(await shop.redis.ttl(key)).toBeGreaterThan(0);
  }
});

test('late events and imports push no fresh ones out, and an old replay ends no list', async () => {
  await shop.count([eventOf('late', 'fresh', now - MINUTE_MS)]);
  const old = (n: number) => now - (31 + n) * MINUTE_MS;
  await shop.count(
    Array.from({ length: 2 * MAX_NEWEST }, (_, n) => eventOf('late', `old-${n}`, old(n), { backfill: true })),
  );
  await shop.count([eventOf('late', 'in time', now - 29 * MINUTE_MS)]);
  expect(idsOf(await newest('late'))).toEqual(['fresh', 'in time']);
  await shop.count([eventOf('late', 'replay', old(60), { received: old(59) })]);
  expect(idsOf(await newest('late'))).toEqual(['fresh', 'in time']);
});

test('a visitor who signs in is shown as the user from then on', async () => {
  const visitor = 'joined-cookie';
  const user = shop.userElsewhere('joined', 'joined-ada', visitor);
  const from = (id: string, minutes: number, fields: object) => ({ id, timestamp: ago(minutes), ...fields });
  await shop.send('joined', from('before', 5, { name: 'page_view', anonymous_id: visitor }));
  await shop.send(
    'joined',
    from('signs in', 4, { name: 'identify', anonymous_id: visitor, user_id: user }),
    from('after', 3, { name: 'page_view', anonymous_id: visitor }),
  );
  const { interactions } = await newest('joined');
  expect(interactions.map(({ id, user_id }) => [id, user_id])).toEqual([
    ['after', user],
    ['signs in', user],
    ['before', visitor],
  ]);
  const { body } = await shop.get<{ data: { user_id: string } }>('joined', `/v1/users/${visitor}`);
  expect(body.data.user_id).toBe(user);
});

test('an erased person vanishes with all of their ids, and the others stay', async () => {
  const visitor = 'erased-"cookie"';
  const user = shop.userElsewhere('erased', 'erased-ada', visitor);
  await shop.send(
    'erased',
    { id: 'v', name: 'page_view', anonymous_id: visitor, timestamp: ago(5) },
    { id: 'i', name: 'identify', anonymous_id: visitor, user_id: user, timestamp: ago(4) },
    { id: 'w', name: 'page_view', user_id: user, timestamp: ago(3) },
    // An id that begins as the erased one does.
    { id: 'o', name: 'page_view', user_id: `${user}2`, timestamp: ago(2) },
  );
  expect(idsOf(await newest('erased'))).toEqual(['o', 'w', 'i', 'v']);
  const headers = { authorization: 'Bearer erased-admin-key' };
  expect((await ask(shop.handler, 'DELETE', `/v1/privacy/${user}`, { headers })).status).toBe(202);
  await shop.apply();
  expect(idsOf(await newest('erased'))).toEqual(['o']);
});

test('what belongs to no person is shown without an id', async () => {
  await shop.send('nobody', {
    id: 'n',
    name: 'page_view',
    anonymous_id: 'c',
    consent: false,
    timestamp: ago(1),
  });
  expect((await newest('nobody')).interactions).toEqual([
    { id: expect.any(String), at: ago(1), name: 'page_view' },
  ]);
});

test('bots are not shown', async () => {
  await shop.count([eventOf('bots', 'b', now, { bot: 'a crawler' }), eventOf('bots', 'p', now - 1)]);
  expect(idsOf(await newest('bots'))).toEqual(['p']);
});

test('after a position comes what was counted since then, also when it happened earlier', async () => {
  await shop.count([eventOf('after', 'a', now - 3 * MINUTE_MS)]);
  const first = await newest('after');
  expect(await newest('after', `?after=${first.position}`)).toEqual({ ...first, interactions: [] });
  const ben = shop.userElsewhere('after', 'ben', 'ada');
  await shop.count([
    eventOf('after', 'b', now - 2 * MINUTE_MS),
    eventOf('after', 'earlier', now - 9 * MINUTE_MS, { user: ben }),
  ]);
  const second = await newest('after', `?after=${first.position}`);
  expect(idsOf(second)).toEqual(['b', 'earlier']);
  expect(idsOf(await newest('after', `?after=${second.position}`))).toEqual([]);
  expect(idsOf(await newest('after'))).toEqual(['b', 'a', 'earlier']);
  // A position of another generation, or of a topic with other partitions.
  const other = Buffer.from(JSON.stringify(['0', 9, 9])).toString('base64url');
  expect(idsOf(await newest('after', `?after=${other}`))).toEqual(['b', 'a', 'earlier']);
  const refused = await shop.get('after', '/v1/live/interactions?after=nonsense');
  expect([refused.status, refused.body]).toMatchObject([400, { code: 'invalid_parameter' }]);
});
