import type { FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { newUserState, packUserState } from '../../shared/fold/user-state.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { keys, keysOf } from '../../shared/platform/redis/keys.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { erasePerson } from '../../shared/privacy/erase-person.ts';
import { exportPerson } from '../../shared/privacy/export-person.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { continueErasures } from '../../shared/privacy/publish-erasure.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Anyone with a write key can make a user whom very many visitors became. */
const IDS = 100_000;
const PARTITIONS = 4;
const site = siteOf('shop');
const shop = await openShop([site], { partitions: PARTITIONS });
const { redis, reader, config } = shop;
const generation = firstGeneration(config.kafka);
const shard = keysOf(generation.id);
const home = (user: string) => partitionOf(userKey({ site: 'shop', user }), PARTITIONS);
const visitors = Array.from({ length: IDS }, (_, n) => `visitor-${n}`);
const receipts = new Receipts(redis, generation);
const open = new OpenErasures(redis);
const now = Date.now();

beforeAll(async () => {
  const states = { ...newUserState(), first: now, last: now };
  const hub = packUserState({ ...states, furtherAliases: IDS });
  await redis.set(shard.user(home('hub'), 'shop', 'hub'), hub);
  const visitor = packUserState({ ...states, alias: 'hub' });
  for (let n = 0; n < IDS; n += 5_000) {
    const some = visitors.slice(n, n + 5_000);
    const aliases = Object.fromEntries(some.map((id) => [id, '']));
    await redis.hset(shard.furtherAliases(home('hub'), 'shop', 'hub'), aliases);
    // In a cluster, a pipeline is for one shard.
    for (const [partition, own] of Map.groupBy(some, home)) {
      const pipeline = redis.pipeline();
      for (const id of own) pipeline.set(shard.user(partition, 'shop', id), visitor);
      await pipeline.exec();
    }
  }
});

test('a person with 100,000 ids is erased in pages, over several runs that may fail', async () => {
  const pages: number[] = [];
  const published = new Set<string>();
  const ofs = new Set<number | undefined>();
  let failures = 3;
  const publish = async (events: FootfallEvent[]) => {
    pages.push(events.length);
    if (pages.length % 20 === 0 && failures-- > 0) throw new Error('Kafka is away');
    for (const { user, erases } of events) {
      published.add(user);
      ofs.add(erases!.of);
    }
  };
  const context = { store: reader, receipts, open, publish };
  const stores = { current: async () => context };
  const receipt = await erasePerson(site, 'hub', { stores, publish, publishMs: 500, waitMs: 0 });
  expect(receipt.status).toBe('pending');
  expect(published.size).toBeLessThan(IDS);
  let runs = 0;
  for (; (await open.list(now)).length > 0; runs++) {
    const options = { sites: [site], until: Date.now() + 2_000, idleMs: 0 };
    await continueErasures(context, options).catch(() => {});
    expect((await receipts.read('shop', receipt.receipt))!.isDone).toBe(false);
  }
  expect(runs).toBeGreaterThan(3);
  expect(Math.max(...pages)).toBeLessThanOrEqual(1_000);
  expect(published).toEqual(new Set(['hub', ...visitors]));
  expect([...ofs]).toEqual([IDS + 1]);
  expect(
    await redis.exists(keys.erasures, keys.erasureIds(receipt.receipt), keys.erasureTodo(receipt.receipt)),
  ).toBe(0);
});

test('a run leaves erasures alone whose request is still at work', async () => {
  await open.begin({ site: 'shop', receipt: 'r', user: 'someone', at: Date.now() });
  const publish = async () => Promise.reject(new Error('must not publish'));
  const context = { store: reader, receipts, open, publish };
  expect(await continueErasures(context, { sites: [site], until: Date.now() + 1_000, idleMs: 30_000 })).toBe(
    0,
  );
  expect(await open.list(now)).toHaveLength(1);
  expect(await open.list(now + 31 * 86_400_000)).toEqual([]);
  expect(await redis.exists(keys.erasures)).toBe(0);
});

test('the export by an anonymous id has that id alone, and names the user', async () => {
  const page = await exportPerson(reader, site, 'visitor-7', {});
  expect(page).toMatchObject({ asked: 'visitor-7', user_id: 'hub', ids: 1 });
  expect(page.held.map(({ id }) => id)).toEqual(['visitor-7']);
});

test('the export by the user has all ids, in pages that fit into an answer', async () => {
  const page = await exportPerson(reader, site, 'hub', {});
  expect(page).toMatchObject({ asked: 'hub', user_id: null, ids: IDS + 1 });
  expect(page.held[0]!.state!.further_aliases).toHaveLength(1_000);
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(5_000_000);
});
