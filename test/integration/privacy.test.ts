import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { type EraseContext, erasePerson } from '../../shared/privacy/erase-person.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { askAbout, askAboutFunnels } from '../oracle/questions.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { FUNNELS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { type Answer, ask } from '../support/http.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { analyticsRoutes, privacyRoutes } from '../support/routes.ts';
import { scan } from '../support/scan.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Erasing a person, and looking through every byte of Redis afterwards. Each test has a site of its own. */

const names = [
  ...[
    'whole',
    'joining',
    'other-way',
    'late',
    'crash',
    'many',
    'orphans',
    'paths',
    'keys',
    'pages',
    'big',
    'twice',
  ],
  ...['unknown', 'chain', 'shard'],
];
const sites = names.map((name) => siteOf(name, { zone: 'Europe/Madrid', currency: 'EUR', funnels: FUNNELS }));
const shop = await openShop(sites);
const { redis } = shop;
/** Another process, whose answers about the present may be a minute old: it keeps them in Redis for so long. */
const keeping = httpStack(
  routerOf(
    analyticsRoutes(
      analyticsContexts(
        { ...shop.config, answerMaxAgeMs: 60_000 },
        redis,
        { fetch: shop.ends },
        fixedSites(new Sites(sites)),
      ),
    ),
  ),
);
const siteNamed = (name: string) => sites.find(({ id }) => id === name)!;

interface Receipt {
  receipt: string;
  status: 'pending' | 'done';
  requested_at: string;
  recorded_at: string | null;
  ids: number;
  keys: number;
  entries: number;
  erased: { sha256: string; keys: number; entries: number; recorded_at: string | null }[];
}
const admin = (site: string) => ({ headers: { authorization: `Bearer ${site}-admin-key` } });
const askAs = <T>(site: string, method: string, target: string): Promise<Answer<{ data: T }>> =>
  ask(shop.handler, method, target, admin(site));

/** Asks for an erasure; nothing is applied. */
async function request(site: string, user: string): Promise<string> {
  const { status, body, headers } = await askAs<Receipt>(
    site,
    'DELETE',
    `/v1/privacy/${encodeURIComponent(user)}`,
  );
  expect({ status, receipt: body.data.status }).toEqual({ status: 202, receipt: 'pending' });
  expect(headers.location).toBe(`/v1/privacy-receipts/${body.data.receipt}`);
  return body.data.receipt;
}
const receiptOf = async (site: string, receipt: string) =>
  (await askAs<Receipt>(site, 'GET', `/v1/privacy-receipts/${receipt}`)).body.data;

async function erase(site: string, user: string): Promise<Receipt> {
  const receipt = await request(site, user);
  await shop.apply();
  const found = await receiptOf(site, receipt);
  expect(found.status).toBe('done');
  return found;
}

const data = async <T>(site: string, target: string) => (await shop.get<{ data: T }>(site, target)).body.data;
const statusOf = async (site: string, target: string) => (await shop.get(site, target)).status;
const balanced = async (site: string) =>
  (await data<{ balanced: boolean; totals: Record<string, number> }>(site, '/v1/ledger')).balanced;

const MINUTE = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
const kindsOf = (places: { key: string }[]) =>
  [...new Set(places.map(({ key }) => /^ff:4:\{p\d+\}:(\w+)/.exec(key)?.[1] ?? key))].sort();
const tea = { item_id: 'tea', item_name: 'Green tea', item_category: 'drinks', price: 10 };
const pot = { item_id: 'pot', item_name: 'Tea pot', price: '25.50' };

/** A person under three ids with all that may be held of one, and somebody like them. */
async function fill(site: string, ids: { user: string; visitor: string; second: string; other: string }) {
  const { user, visitor, second, other } = ids;
  const history = (day: string, fields: object) => ({
    timestamp: `${day}T10:00:00Z`,
    backfill: true,
    ...fields,
  });
  const money = { currency: 'EUR', country: 'ES', device: 'mobile', browser: 'Firefox' };
  for (const [who, name] of [
    [{ user_id: user }, 'u'],
    [{ user_id: other }, 'o'],
  ] as const) {
    await shop.send(
      site,
      history('2026-03-02', { id: `${name}1`, name: 'view_item', ...who, items: [tea], page: '/zapatos' }),
      history('2026-03-09', {
        id: `${name}2`,
        name: 'purchase',
        ...who,
        ...money,
        items: [tea],
        transaction_id: `${name}-t1`,
      }),
      history('2026-05-20', { id: `${name}3`, name: 'refund', ...who, transaction_id: `${name}-t1` }),
      history('2026-09-30', { id: `${name}4`, name: 'page_view', ...who, page: '/zapatos' }),
      history('2026-09-30', {
        id: `${name}5`,
        name: 'purchase',
        ...who,
        ...money,
        items: [pot],
        transaction_id: `${name}-t2`,
      }),
    );
  }
  await shop.send(
    site,
    history('2026-08-01', {
      id: 'v1',
      name: 'view_item',
      anonymous_id: visitor,
      items: [tea],
      source: 'google',
    }),
    {
      id: 'v2',
      name: 'view_item',
      anonymous_id: visitor,
      items: [pot],
      timestamp: ago(400),
      campaign: 'autumn',
    },
    { id: 'v3', name: 'add_to_cart', anonymous_id: visitor, ...money, items: [pot], timestamp: ago(390) },
    { id: 'v4', name: 'identify', anonymous_id: visitor, user_id: user, timestamp: ago(380) },
    // Known to be the user's already; another device is so only afterwards.
    { id: 'v5', name: 'begin_checkout', anonymous_id: visitor, items: [pot], timestamp: ago(375) },
    {
      id: 's1',
      name: 'view_item',
      anonymous_id: second,
      items: [tea],
      timestamp: ago(300),
      search_term: 'tea',
    },
    { id: 'o6', name: 'add_to_cart', user_id: other, ...money, items: [pot], timestamp: ago(200) },
    { id: 'u6', name: 'page_view', user_id: user, timestamp: ago(100), props: { plan: 'gold' } },
    { id: 's2', name: 'identify', anonymous_id: second, user_id: user, timestamp: ago(90) },
  );
  // Carts left behind: one that a sweep has claimed and not settled, and changed since.
  const claims = new CartClaims(redis, firstGeneration(shop.config.kafka));
  for (let shard = 0; shard < 4; shard++) {
    const due = await claims.due(shard, site, Date.now() - 60 * MINUTE);
    const wanted = due.map(({ user, ts }) => ({
      claim: { site, user, ts, id: randomUUID(), partition: 0, offset: 0, run: 'run' },
    }));
    const taken = await claims.take(shard, site, wanted, Date.now());
    expect(taken.filter(Boolean)).toHaveLength(due.length);
  }
  await shop.send(
    site,
    { id: 'u7', name: 'add_to_cart', user_id: user, ...money, items: [tea], timestamp: ago(4) },
    { id: 'o7', name: 'page_view', user_id: other, timestamp: ago(3) },
    { id: 's3', name: 'page_view', anonymous_id: second, timestamp: ago(2) },
  );
  // Answers that are kept, and those that would list users.
  for (const target of [
    '/v1/overview',
    '/v1/carts/abandoned',
    '/v1/live',
    '/v1/funnels/shop',
    '/v1/users/unique?to=2026-10-01',
  ]) {
    const headers = { authorization: `Bearer ${site}-read-key` };
    expect((await ask(keeping, 'GET', target, { headers })).status).toBe(200);
  }
}

/** Every question's answer is the naive program's. */
async function expectAnswers(name: string, erasure: Parameters<typeof toldAfter>[0]): Promise<void> {
  const naive = new NaiveShop(keptEvents(erasure), siteNamed(name), Date.now(), toldAfter(erasure));
  for (const range of [
    { from: '2026-03-01', to: '2026-11-30' },
    { from: '2026-08-01', to: '2026-09-30' },
    { to: naive.today },
  ]) {
    const asked = [
      ...askAbout(shop.reader, naive, range, 0),
      ...askAboutFunnels(shop.reader, naive, range, [SHOP_FUNNEL, ...FUNNELS]),
    ];
    expect(asked.length).toBeGreaterThan(30);
    for (const { question, answer, expected } of asked) {
      expect({ question, answer: await answer }).toEqual({ question, answer: expected });
    }
  }
}

const total = async (site: string, outcome: string) =>
  (await ledgerOf(shop.reader)).get(`${site}:${outcome}`) ?? 0;

test('a person is gone from every byte of Redis, and from all numbers of people', async () => {
  const site = 'whole';
  const ids = {
    user: 'ana maría/50%',
    visitor: 'cookie-"one"-😀',
    second: 'cookie-second',
    other: 'ben-the-other',
  };
  const { user, visitor, second, other } = ids;
  const theirs = [user, visitor, second];
  await fill(site, ids);
  const before = shop.events().filter((event) => event.site === site);
  const people = await data<{ users: number; new_users: number }>(site, '/v1/users/unique');
  expect(people).toMatchObject({ users: 2, new_users: 2 });
  // What is looked for is there, everywhere: else to find nothing would say nothing.
  const kinds = ['cart', 'claim', 'due', 'left', 'live', 't', 'u'];
  expect(kindsOf(await scan(redis, [user]))).toEqual(kinds);
  expect(kindsOf(await scan(redis, [visitor]))).toEqual(['t', 'u']);
  expect(kindsOf(await scan(redis, [other]))).toEqual(kinds.filter((kind) => kind !== 'due'));
  expect(await keyNames(redis, 'ff:answer:*')).not.toEqual([]);

  const at = Date.now();
  const receipt = await erase(site, visitor);
  expect(await scan(redis, theirs)).toEqual([]);
  // Three states; timelines of the user (4 months), of the visitor (2), and of the second device.
  expect(receipt).toMatchObject({ status: 'done', ids: 3, keys: 3 + 4 + 2 + 1, entries: 5 });
  expect(Date.parse(receipt.requested_at)).toBeGreaterThanOrEqual(at);
  expect(receipt.erased).toHaveLength(3);
  expect(JSON.stringify(receipt)).not.toContain('cookie');

  const gone = { site, asked: theirs, at: Date.parse(receipt.requested_at), before, after: [] };
  await expectAnswers(site, gone);
  expect(await data(site, '/v1/users/unique')).toMatchObject({ users: 1, new_users: 1 });
  expect(await data(site, '/v1/live')).toMatchObject({ users_5m: 1, users_30m: 1 });
  expect(await data(site, '/v1/carts/abandoned')).toMatchObject({ carts: [{ user_id: other }] });
  for (const id of theirs) {
    const path = encodeURIComponent(id);
    expect(await statusOf(site, `/v1/users/${path}`)).toBe(404);
    expect(await statusOf(site, `/v1/users/${path}/interactions`)).toBe(404);
    expect((await askAs(site, 'GET', `/v1/privacy/${path}`)).status).toBe(404);
  }
  expect(await statusOf(site, `/v1/users/${other}`)).toBe(200);
  // Answers to those questions are kept again.
  expect(await scan(redis, theirs)).toEqual([]);
  expect(await balanced(site)).toBe(true);

  // Old records that come again.
  await shop.count(before);
  expect(await total(site, 'erased')).toBe(before.filter((event) => theirs.includes(event.user)).length);
  await expectAnswers(site, gone);
  expect(await scan(redis, theirs)).toEqual([]);

  // Redis loses all that it has, and is filled from the log: events, erasure, and the old records again.
  await shop.forget();
  expect(await keyNames(redis, '*:u:*')).toEqual([]);
  await shop.apply();
  expect(await scan(redis, [other])).not.toEqual([]);
  expect(await scan(redis, theirs)).toEqual([]);
  await expectAnswers(site, gone);
  const { keys: _, entries: __, erased: ___, ...rest } = receipt;
  const replayed = await receiptOf(site, receipt.receipt);
  expect(replayed).toMatchObject(rest);
  expect(replayed.keys).toBe(receipt.keys);
  expect(await balanced(site)).toBe(true);

  // Whoever comes back is somebody new, under each of the ids.
  await shop.send(
    site,
    { id: 'n1', name: 'view_item', user_id: user, items: [tea], timestamp: ago(0) },
    { id: 'n2', name: 'view_item', anonymous_id: second, items: [tea], timestamp: ago(0) },
  );
  const after = shop.events().filter(({ id, site: of }) => of === site && /^n\d$/.test(id));
  expect(after).toHaveLength(2);
  await expectAnswers(site, { ...gone, after });
  expect(await data(site, '/v1/users/unique')).toMatchObject({ users: 3, new_users: 3 });
  expect(await data(site, `/v1/users/${encodeURIComponent(user)}`)).toMatchObject({
    total_events: 1,
    orders: 0,
    aliases: [],
  });
  // And goes again.
  expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 2, entries: 1 });
  expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 0, entries: 0 });
  expect(await erase(site, second)).toMatchObject({ ids: 1, keys: 2, entries: 1 });
  expect(await scan(redis, theirs)).toEqual([]);
  expect(await balanced(site)).toBe(true);
});

const visit = (site: string, visitor: string) =>
  shop.send(
    site,
    { id: 'a', name: 'view_item', anonymous_id: visitor, items: [tea], timestamp: ago(30) },
    { id: 'b', name: 'add_to_cart', anonymous_id: visitor, items: [tea], timestamp: ago(20) },
  );
const numbersOf = async (site: string) => {
  const { users, new_users } = await data<Record<string, number>>(site, '/v1/users/unique');
  const { sessions } = await data<Record<string, number>>(site, '/v1/sessions');
  const { total_events } = await data<Record<string, number>>(site, '/v1/overview');
  return { users, new_users, sessions, total_events };
};

test('a visitor who is on the way to the erased user is erased, too', async () => {
  const site = 'joining';
  const visitor = 'joining-visitor';
  const user = shop.userElsewhere(site, 'joining-user', visitor);
  await visit(site, visitor);
  await shop.send(site, { id: 'c', name: 'page_view', user_id: user, timestamp: ago(300) });
  await shop.leave(site, { id: 'd', name: 'identify', anonymous_id: visitor, user_id: user });
  // The visitor's shard has not seen the identify; so the user alone is erased, and by then the state is sent.
  const receipt = await request(site, user);
  await shop.applyShardOf(site, user);
  await shop.applyShardOf(site, visitor);
  expect(await receiptOf(site, receipt)).toMatchObject({ status: 'done', ids: 1 });
  expect(kindsOf(await scan(redis, [user]))).toEqual(['u']);
  await shop.apply();
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await receiptOf(site, receipt)).toMatchObject({ status: 'done', ids: 2 });
  // The identify counts, as it would have before the erasure, and is nobody's.
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 2, total_events: 4 });
  expect(await total(site, 'erased')).toBe(1);
  expect(await balanced(site)).toBe(true);
  await shop.forget();
  await shop.apply();
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 2, total_events: 4 });
});

test('a visitor who joins before the erasure comes, and after it was asked for, goes with the user', async () => {
  const site = 'shard';
  const visitor = 'shard-visitor';
  const user = shop.userElsewhere(site, 'shard-user', visitor);
  await visit(site, visitor);
  await shop.leave(site, { id: 'd', name: 'identify', anonymous_id: visitor, user_id: user });
  await shop.applyShardOf(site, visitor);
  const known = await shop.reader.user(site, user);
  expect(known).toBeUndefined();
  const receipt = await request(site, user);
  await shop.apply();
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await receiptOf(site, receipt)).toMatchObject({ status: 'done', ids: 2 });
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 1, total_events: 3 });
});

test('a visitor whose identify is still in the log takes the user along', async () => {
  const site = 'other-way';
  const visitor = 'other-way-visitor';
  const user = shop.userElsewhere(site, 'other-way-user', visitor);
  await visit(site, visitor);
  await shop.send(site, { id: 'c', name: 'page_view', user_id: user, timestamp: ago(300) });
  await shop.leave(site, { id: 'd', name: 'identify', anonymous_id: visitor, user_id: user });
  const found = await erase(site, visitor);
  expect(found).toMatchObject({ ids: 2 });
  expect(found.erased.map(({ recorded_at }) => recorded_at === null).sort()).toEqual([false, true]);
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await numbersOf(site)).toMatchObject({ users: 0, new_users: 0 });
});

test('ids that lead to each other in a chain are one person', async () => {
  const site = 'chain';
  const [first, second, third] = ['chain-id-first', 'chain-id-second', 'chain-id-third'];
  await visit(site, first!);
  await shop.send(site, {
    id: 'c',
    name: 'identify',
    anonymous_id: first,
    user_id: second,
    timestamp: ago(3),
  });
  await shop.send(site, { id: 'd', name: 'view_item', anonymous_id: 'chain-id-zero', timestamp: ago(3) });
  expect(await keyNames(redis, `*:u:${site}:*`)).toHaveLength(3);
  await shop.send(site, {
    id: 'e',
    name: 'identify',
    anonymous_id: 'chain-id-zero',
    user_id: first,
    timestamp: ago(2),
  });
  await shop.send(site, { id: 'f', name: 'page_view', user_id: third, timestamp: ago(1) });
  expect(await erase(site, 'chain-id-zero')).toMatchObject({ ids: 3 });
  expect(await scan(redis, [first!, second!, 'chain-id-zero'])).toEqual([]);
  expect(await numbersOf(site)).toMatchObject({ users: 1, new_users: 1 });
});

test('what happened or was received before and comes later is dropped; what happens later counts', async () => {
  const site = 'late';
  const user = 'late-user-id';
  await shop.send(site, { id: 'a', name: 'page_view', user_id: user, timestamp: ago(10) });
  const { requested_at } = await erase(site, user);
  const at = Date.parse(requested_at);
  const event = (id: string, received: number, ts = received): FootfallEvent => ({
    ...{ v: EVENT_VERSION, id, site, user, name: 'page_view', ts, received },
  });
  // Received before, and happened before: sent once more, and late.
  await shop.count([event('b', at - 1), event('c', at, at + 1), event('a', at + MINUTE, at - MINUTE)]);
  expect(await scan(redis, [user])).toEqual([]);
  expect(await total(site, 'erased')).toBe(3);
  await shop.count([event('d', at + 1), event('d', at + 1), event('e', at)]);
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 1 });
  expect({ erased: await total(site, 'erased'), duplicate: await total(site, 'duplicate') }).toEqual({
    erased: 4,
    duplicate: 1,
  });
  // An erasure that was asked for before this one, and comes after it, says nothing of the new user.
  await shop.count([erasureEvent({ site, user, at: at - 5, erases: { receipt: 'older', of: 1 } })]);
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 1 });
  expect(await balanced(site)).toBe(true);
});

test('a crash between what shards tell each other and the commit changes nothing', async () => {
  const site = 'crash';
  const visitor = 'crash-visitor';
  const user = shop.userElsewhere(site, 'crash-user', visitor);
  await visit(site, visitor);
  await shop.send(site, {
    id: 'd',
    name: 'identify',
    anonymous_id: visitor,
    user_id: user,
    timestamp: ago(1),
  });
  let crashes = 0;
  shop.onForward = () => {
    if (crashes++ < 3) throw new Error('crashed');
  };
  const receipt = await request(site, user);
  for (let n = 0; n < 3; n++) await expect(shop.apply()).rejects.toThrow('crashed');
  await shop.apply();
  shop.onForward = () => {};
  const found = await receiptOf(site, receipt);
  expect(found).toMatchObject({ status: 'done', ids: 2, keys: 4, entries: 3 });
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 1, total_events: 3 });
  expect(await balanced(site)).toBe(true);
});

test('more anonymous ids than a profile lists are all erased, and listed by the export', async () => {
  const site = 'many';
  const user = 'many-user-id';
  const visitors = Array.from({ length: 130 }, (_, n) => `many-visitor-${n}`);
  for (const visitor of visitors) {
    await shop.leave(site, {
      id: 'a',
      name: 'identify',
      anonymous_id: visitor,
      user_id: user,
      timestamp: ago(5),
    });
  }
  await shop.apply();
  // They go on coming: what is kept of them lasts as long as the user.
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 130 });
  const { body } = await askAs<{ ids: number; held: { id: string; state: { user_id: string } }[] }>(
    site,
    'GET',
    `/v1/privacy/${visitors[3]}`,
  );
  expect(body.data.ids).toBe(131);
  expect(body.data.held.filter(({ state }) => state.user_id === user)).toHaveLength(130);
  expect(await scan(redis, [user, ...visitors])).not.toEqual([]);
  expect(await erase(site, visitors[3]!)).toMatchObject({ ids: 131 });
  expect(await scan(redis, [user, ...visitors])).toEqual([]);
  expect(await keyNames(redis, `*:further:${site}:*`)).toEqual([]);
});

test('a timeline that has outlived the state of its user is exported and erased', async () => {
  const site = 'orphans';
  const user = 'orphans-user-id';
  const received = Date.now();
  const dates = ['2025-12-30T12:00:00Z', '2026-01-02T12:00:00Z', '2020-02-03T12:00:00Z'];
  await shop.send(
    site,
    ...dates.map((timestamp, i) => ({
      id: `e${i}`,
      name: 'page_view',
      user_id: user,
      timestamp,
      backfill: true,
    })),
  );
  const shard = partitionOf(`${site}:${user}`, 4);
  expect(await redis.del(shardKeys.user(shard, site, user))).toBe(1);
  const { body } = await askAs<{ interactions: { id: string }[] }>(site, 'GET', `/v1/privacy/${user}`);
  expect(body.data.interactions.map(({ id }) => id)).toEqual(['e2', 'e0', 'e1']);
  expect(await erase(site, user)).toMatchObject({ keys: 3 });
  expect(await scan(redis, [user])).toEqual([]);
  expect(Date.now()).toBeGreaterThanOrEqual(received);
});

test('ids with slashes and percent signs, however the path comes', async () => {
  const site = 'paths';
  for (const [i, gateway] of (['aws', 'offline'] as const).entries()) {
    for (const user of ['a/b/c/interactions', '100%25-of-it', 'receipts/?#&=', ' privacy']) {
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

test('only an admin key may, and only of its own site', async () => {
  const site = 'keys';
  const user = 'keys-user-id';
  await shop.send(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  for (const key of ['keys-read-key', 'keys-write-key', 'nobodys-key', '']) {
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

test('nobody can send an erasure as an event', async () => {
  const site = 'twice';
  const user = 'twice-user-id';
  const erases = { receipt: 'mine', of: 1 };
  await shop.send(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  await shop.send(site, { id: 'f', name: 'erasure', user_id: user, erases, timestamp: ago(0) });
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 2 });
});

test('the export has all that there is, page by page, and each page fits into an answer', async () => {
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
    // As Lambda counts it: the body is a text in the answer.
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

test('the export says all of a state and of the lists that the user is in', async () => {
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
    `/v1/privacy/${ids.second}`,
  );
  const held = new Map(body.data.held.map((one) => [one.id, one]));
  expect([...held.keys()].sort()).toEqual([ids.second, ids.user, ids.visitor].sort());
  expect(held.get(ids.user)).toMatchObject({
    state: {
      first_seen: '2026-03-02T10:00:00.000Z',
      known_since: '2026-03-02T10:00:00.000Z',
      counters: { 'n:purchase': 2, 'revenue:EUR': 3_550, 'refunded:EUR': 1_000 },
      active_days: expect.arrayContaining(['2026-03-02', '2026-08-01', '2026-09-30']),
      aliases: [ids.visitor, ids.second],
      cart: {
        last_purchase: '2026-09-30T10:00:00.000Z',
        changes: [{ product_id: 'pot' }, { product_id: 'tea' }],
      },
      orders: [
        {
          transaction_id: 'u-t1',
          purchase: { total_minor: 1_000 },
          refund: { at: '2026-05-20T10:00:00.000Z' },
        },
        { transaction_id: 'u-t2', purchase: { total_minor: 2_550 }, refund: null },
      ],
      erased_until: null,
    },
    lists: {
      live: expect.any(String),
      filled_cart: expect.any(String),
      cart_to_look_at: expect.any(String),
      cart_signalled: expect.any(String),
      signal_under_way: expect.stringContaining('"run":"run"'),
    },
  });
  expect(held.get(ids.visitor)).toMatchObject({ state: { user_id: ids.user, counters: {} } });
});

test('somebody of whom nothing is known is erased all the same: their events may be on their way', async () => {
  const site = 'unknown';
  const user = 'unknown-user-id';
  await shop.leave(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  expect((await askAs(site, 'GET', `/v1/privacy/${user}`)).status).toBe(404);
  expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 2, entries: 1 });
  expect(await scan(redis, [user])).toEqual([]);
  const none = await erase(site, 'unknown-to-all');
  expect(none).toMatchObject({ ids: 1, keys: 0, entries: 0 });
  expect(await scan(redis, ['unknown-to-all'])).toEqual([]);
});

describe('with Kafka', () => {
  const site = siteOf('kafka', { zone: 'Europe/Madrid', currency: 'EUR' });
  const open = async () => {
    const config = await freshConfig({ partitions: 3, sites: [site] });
    const { redis, reader } = openReader(config);
    const producer = closing(new EventProducer(config.kafka), (one) => one.close());
    const consumer = openConsumer(config);
    const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
    const next = [0, 0, 0];
    /** What Lambda's poller does. */
    const poll = async () => {
      for (const { partition, high } of await offsets.fetch()) {
        if (high === next[partition]) continue;
        await readRange(config.kafka, partition, next[partition]!, high, async (records) => {
          await consumer.apply(records);
        });
        next[partition] = high;
      }
    };
    const receipts = new Receipts(redis, firstGeneration(config.kafka));
    const context: EraseContext = {
      sites: fixedSites(new Sites([site])),
      stores: { current: async () => ({ store: reader, receipts }) },
      publish: (events) => producer.sendEvents(events),
      waitMs: 60_000,
    };
    return { redis, reader, receipts, producer, poll, context, next };
  };

  test('an erasure is waited for, survives a flush, and nothing comes back by a replay', async () => {
    const { redis, reader, receipts, producer, poll, context, next } = await open();
    const [user, visitor] = ['kafka-user-id', 'kafka-visitor-id'];
    const now = Date.now();
    const event = (id: string, fields: Partial<FootfallEvent>): FootfallEvent => ({
      ...{ v: EVENT_VERSION, id, site: site.id, user, name: 'page_view', ts: now - MINUTE, received: now },
      ...fields,
    });
    await producer.sendEvents([
      event('a', { user: visitor }),
      event('b', { user: visitor, name: 'identify', identifies: user }),
      event('c', {}),
      event('d', { user: 'kafka-other-id' }),
    ]);
    // Not a single record is applied when it is asked for.
    const handler = httpStack(routerOf(privacyRoutes(context)));
    const asked = ask<{ data: Receipt }>(handler, 'DELETE', `/v1/privacy/${visitor}`, admin('kafka'));
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    while (!isAnswered) {
      await poll();
      await sleep(20);
    }
    const { status, body } = await asked;
    expect({ status, data: body.data }).toMatchObject({ status: 200, data: { status: 'done', ids: 2 } });
    await poll();
    expect(await scan(redis, [user, visitor])).toEqual([]);
    expect(await scan(redis, ['kafka-other-id'])).not.toEqual([]);

    await loseAll(redis);
    next.fill(0);
    for (let n = 0; n < 4; n++) await poll();
    expect(await scan(redis, [user, visitor])).toEqual([]);
    expect(await scan(redis, ['kafka-other-id'])).not.toEqual([]);
    expect((await receipts.read(site.id, body.data.receipt))?.isDone).toBe(true);
    const ledgers = await reader.ledgers();
    for (const { next: applied, sums } of ledgers) {
      expect([...sums.values()].reduce((sum, count) => sum + count, 0)).toBe(applied);
    }
  });

  test('without it nothing is promised', async () => {
    const { context, redis } = await open();
    const away = { ...context, publish: async () => Promise.reject(new Error('no broker')) };
    await expect(erasePerson(site, 'kafka-user-id', away)).rejects.toMatchObject({
      code: 'kafka_unavailable',
      status: 503,
      retryAfter: 5,
    });
    expect(await keyNames(redis)).toEqual([]);
  });
});
