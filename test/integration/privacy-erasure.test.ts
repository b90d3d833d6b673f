import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { familyOf, shardKeys } from '../support/generation.ts';
import { ago, familiesOf, MINUTE, openPrivacyShop, type Receipt, tea } from '../support/privacy.ts';
import { keyNames } from '../support/redis-data.ts';
import { scan } from '../support/scan.ts';

/** An erased person is gone from every byte of Redis. Each test has a site of its own. */
const {
  shop,
  redis,
  ask: askAs,
  request,
  receiptOf,
  erase,
  data,
  statusOf,
  balanced,
  fill,
  expectAnswers,
  total,
  visit,
  numbersOf,
} = await openPrivacyShop([
  'whole',
  'joining',
  'other-way',
  'late',
  'crash',
  'many',
  'orphans',
  'nameless',
  'twice',
  'unknown',
  'chain',
  'shard',
]);

describe('a person with three ids who is erased', () => {
  const site = 'whole';
  const ids = {
    user: 'ana maría/50%',
    visitor: 'cookie-"one"-😀',
    second: 'cookie-second',
    other: 'ben-the-other',
  };
  const { user, visitor, second, other } = ids;
  const theirs = [user, visitor, second];
  let before: FootfallEvent[];
  let receipt: Receipt;
  let gone: Parameters<typeof expectAnswers>[1];

  beforeAll(async () => {
    await fill(site, ids);
    before = shop.events().filter((event) => event.site === site);
  });

  // Without this the other tests could pass by finding nothing anywhere.
  test('is in all kinds of keys before', async () => {
    const people = await data<{ users: number; new_users: number }>(site, '/v1/users/unique');
    expect(people).toMatchObject({ users: 2, new_users: 2 });
    const kinds = ['cart', 'claim', 'cv', 'due', 'left', 'live', 'newest', 'o', 't', 'u'];
    expect(familiesOf(await scan(redis, [user]))).toEqual(kinds);
    expect(familiesOf(await scan(redis, [visitor]))).toEqual(['t', 'u']);
    expect(familiesOf(await scan(redis, [other]))).toEqual(kinds.filter((kind) => kind !== 'due'));
    expect(await keyNames(redis, 'ff:answer:*')).not.toEqual([]);
  });

  test('is gone from Redis, and the receipt says what was removed', async () => {
    const at = Date.now();
    const names = new Set((await scan(redis, theirs)).map(({ key }) => key));
    const [states, timelines] = ['u', 't'].map((kind) => [...names].filter((key) => familyOf(key) === kind));
    receipt = await erase(site, visitor);
    expect(await scan(redis, theirs)).toEqual([]);
    expect(states).toHaveLength(3);
    // Of the user 4 months, of the visitor 2, and of the second device 1; in the night of a month's end more.
    expect(timelines!.length).toBeGreaterThanOrEqual(4 + 2 + 1);
    expect(receipt).toMatchObject({ status: 'done', ids: 3, keys: 3 + timelines!.length, entries: 6 + 2 });
    expect(Date.parse(receipt.requested_at)).toBeGreaterThanOrEqual(at);
    expect(receipt.erased).toHaveLength(3);
    expect(JSON.stringify(receipt)).not.toContain('cookie');
  });

  test('is gone from all answers', async () => {
    gone = { site, asked: theirs, at: Date.parse(receipt.requested_at), before, after: [] };
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
    // These answers are kept in Redis again.
    expect(await scan(redis, theirs)).toEqual([]);
    expect(await balanced(site)).toBe(true);
  });

  test('does not come back with old records', async () => {
    await shop.count(before);
    expect(await total(site, 'erased')).toBe(before.filter((event) => theirs.includes(event.user)).length);
    await expectAnswers(site, gone);
    expect(await scan(redis, theirs)).toEqual([]);
  });

  test('does not come back when Redis is lost and filled from the log', async () => {
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
  });

  test('is a new person under each id afterwards, and can be erased again', async () => {
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

    expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 2, entries: 2 });
    expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 0, entries: 0 });
    expect(await erase(site, second)).toMatchObject({ ids: 1, keys: 2, entries: 2 });
    expect(await scan(redis, theirs)).toEqual([]);
    expect(await balanced(site)).toBe(true);
  });
});

test('a visitor who is joining the erased user is erased, too', async () => {
  const site = 'joining';
  const visitor = 'joining-visitor';
  const user = shop.userElsewhere(site, 'joining-user', visitor);
  await visit(site, visitor);
  await shop.send(site, { id: 'c', name: 'page_view', user_id: user, timestamp: ago(300) });
  await shop.leave(site, { id: 'd', name: 'identify', anonymous_id: visitor, user_id: user });
  // The visitor's shard has not seen the identify, so only the user is erased; the visitor's state is sent by then.
  const receipt = await request(site, user);
  await shop.applyShardOf(site, user);
  await shop.applyShardOf(site, visitor);
  expect(await receiptOf(site, receipt)).toMatchObject({ status: 'done', ids: 1 });
  expect(familiesOf(await scan(redis, [user]))).toEqual(['u']);
  await shop.apply();
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await receiptOf(site, receipt)).toMatchObject({ status: 'done', ids: 2 });
  // The identify counts as it would have before the erasure, for no person.
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 2, total_events: 4 });
  expect(await total(site, 'erased')).toBe(1);
  expect(await balanced(site)).toBe(true);
  await shop.forget();
  await shop.apply();
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 2, total_events: 4 });
});

test('a visitor who joins between the request and the erasure is erased with the user', async () => {
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

test('the erasure of a visitor whose identify is still in the log erases the user', async () => {
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

test('ids that are linked in a chain are one person', async () => {
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

test('events from before the erasure are dropped when they come late; later events count', async () => {
  const site = 'late';
  const user = 'late-user-id';
  await shop.send(site, { id: 'a', name: 'page_view', user_id: user, timestamp: ago(10) });
  const { requested_at } = await erase(site, user);
  const at = Date.parse(requested_at);
  const event = (id: string, received: number, ts = received): FootfallEvent => ({
    ...{ v: EVENT_VERSION, id, site, user, name: 'page_view', ts, received },
  });
  // Received before, happened before, and sent again.
  await shop.count([event('b', at - 1), event('c', at, at + 1), event('a', at + MINUTE, at - MINUTE)]);
  expect(await scan(redis, [user])).toEqual([]);
  expect(await total(site, 'erased')).toBe(3);
  await shop.count([event('d', at + 1), event('d', at + 1), event('e', at)]);
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 1 });
  expect({ erased: await total(site, 'erased'), duplicate: await total(site, 'duplicate') }).toEqual({
    erased: 4,
    duplicate: 1,
  });
  // An earlier erasure that comes late does not remove the new user.
  await shop.count([erasureEvent({ site, user, at: at - 5, erases: { receipt: 'older', of: 1 } })]);
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 1 });
  expect(await balanced(site)).toBe(true);
});

test('a crash between the records to other shards and the commit changes nothing', async () => {
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
  expect(found).toMatchObject({ status: 'done', ids: 2, keys: 4, entries: 6 });
  expect(await scan(redis, [user, visitor])).toEqual([]);
  expect(await numbersOf(site)).toEqual({ users: 0, new_users: 0, sessions: 1, total_events: 3 });
  expect(await balanced(site)).toBe(true);
});

test('all anonymous ids are exported and erased, also beyond those that a profile lists', async () => {
  const site = 'many';
  const user = 'many-user-id';
  const visitors = Array.from({ length: 130 }, (_, n) => `many-visitor-${n}`);
  for (const [n, visitor] of visitors.entries()) {
    await shop.leave(site, {
      id: 'a',
      name: 'identify',
      anonymous_id: visitor,
      user_id: user,
      // More than 50 in one day would be taken for a constant id.
      timestamp: ago(5 + 24 * 60 * Math.floor(n / 40)),
      backfill: true,
    });
  }
  await shop.apply();
  // The list of further ids is kept as long as the user.
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 130 });
  const { body } = await askAs<{ ids: number; held: { id: string; state: { user_id: string } }[] }>(
    site,
    'GET',
    `/v1/privacy/${user}`,
  );
  expect(body.data.ids).toBe(131);
  expect(body.data.held.filter(({ state }) => state.user_id === user)).toHaveLength(130);
  expect(await scan(redis, [user, ...visitors])).not.toEqual([]);
  expect(await erase(site, visitors[3]!)).toMatchObject({ ids: 131 });
  expect(await scan(redis, [user, ...visitors])).toEqual([]);
  expect(await keyNames(redis, `*:further:${site}:*`)).toEqual([]);
});

test('a timeline that outlived the state of its user is exported and erased', async () => {
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

test('a client cannot send an erasure as an event', async () => {
  const site = 'twice';
  const user = 'twice-user-id';
  const erases = { receipt: 'mine', of: 1 };
  await shop.send(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  await shop.send(site, { id: 'f', name: 'erasure', user_id: user, erases, timestamp: ago(0) });
  expect(await data(site, `/v1/users/${user}`)).toMatchObject({ total_events: 2 });
});

test('names of events without a person are no person', async () => {
  const site = 'nameless';
  for (const method of ['GET', 'DELETE'] as const) {
    const { status, body } = await askAs(site, method, '/v1/privacy/~nobody-17');
    expect([status, body]).toMatchObject([400, { code: 'invalid_parameter' }]);
  }
});

test('an unknown id can be erased, since its events may be on their way', async () => {
  const site = 'unknown';
  const user = 'unknown-user-id';
  await shop.leave(site, { id: 'e', name: 'page_view', user_id: user, timestamp: ago(1) });
  expect((await askAs(site, 'GET', `/v1/privacy/${user}`)).status).toBe(404);
  expect(await erase(site, user)).toMatchObject({ ids: 1, keys: 2, entries: 2 });
  expect(await scan(redis, [user])).toEqual([]);
  const none = await erase(site, 'unknown-to-all');
  expect(none).toMatchObject({ ids: 1, keys: 0, entries: 0 });
  expect(await scan(redis, ['unknown-to-all'])).toEqual([]);
});
