import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addSites } from '../../local/sites/demo-sites.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { defineFunnel, repairFunnels, restoreFunnels } from '../../shared/sites/site-funnels.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { askAboutFunnels } from '../oracle/questions.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { FUNNELS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { openInstallation } from '../support/installation.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** Funnel definitions are kept with their site, so they survive a loss of Redis, and an interrupted change has no effect. */

const PARTITIONS = 3;
const steps = [{ event: 'view_item' }, { event: 'purchase' }];
const body = { id: 'tea', name: 'Tea', steps, window_hours: 24, by: 'user' as const };
/** Long before all counted events. */
const old = (id: string, fields: Partial<FunnelDefinition> = {}): FunnelDefinition => ({
  ...{ id, name: id, steps, window_hours: 24, by: 'user', key: `${id}.1`, effective_from: 1 },
  ...fields,
});

/** @param funnels of the site. */
async function setUp(...funnels: FunnelDefinition[]) {
  const config = await freshConfig({ partitions: PARTITIONS });
  await addSites(config, [siteOf('shop', { funnels })]);
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  const sites = closing(openSites(config.kafka, redis), (one) => one.close());
  const context = {
    sites,
    writer: closing(openSitesWriter(config.kafka, redis), (one) => one.close()),
    funnels: new FunnelStore(redis, firstGeneration(config.kafka)),
  };
  return {
    redis,
    ...context,
    installation: openInstallation(config),
    mend: (now?: number) => repairFunnels(context, now),
    restore: (partition: number) => restoreFunnels(partition, context.funnels, sites),
    /** The keys of the definitions in each shard, and of those in the topic. */
    inShards: async () =>
      (await context.funnels.readAll()).map(({ definitions }) =>
        Object.values(definitions)
          .map((json) => (JSON.parse(json) as FunnelDefinition).key)
          .sort(),
      ),
    inTopic: async () => (await sites.complete()).get('shop')?.funnels.map(({ key }) => key),
  };
}
const everywhere = <T>(one: T): T[] => Array.from({ length: PARTITIONS }, () => one);
const asAdmin = { key: 'shop-admin-key' };

test('a defined funnel is in the topic and in every shard, a removed one in neither', async () => {
  const { installation, inShards, inTopic } = await setUp();
  const { status, headers } = await installation.ask('POST', '/v1/funnels', body, asAdmin);
  expect([status, headers.location]).toEqual([201, '/v1/funnels/tea']);
  const [key] = (await inTopic())!;
  expect(key).toMatch(/^tea\./);
  expect(await inShards()).toEqual(everywhere([key]));
  expect((await installation.ask('DELETE', '/v1/funnels/tea', undefined, asAdmin)).status).toBe(204);
  expect(await inTopic()).toEqual([]);
  expect(await inShards()).toEqual(everywhere([]));
  expect((await installation.ask('DELETE', '/v1/funnels/tea', undefined, asAdmin)).status).toBe(404);
});

test('a definition that does not reach every shard is undone', async () => {
  const { redis, writer, funnels, inTopic } = await setUp(old('kept'));
  // Redis refuses to write a hash there.
  await redis.set(shardKeys.funnels(2), 'no hash');
  await expect(defineFunnel('shop', body, { writer, funnels })).rejects.toThrow('WRONGTYPE');
  expect(await inTopic()).toEqual(['kept.1']);
  expect([await redis.hgetall(shardKeys.funnels(0)), await redis.hgetall(shardKeys.funnels(1))]).toEqual([
    {},
    {},
  ]);
});

test('an emptied Redis gets its definitions back: a shard before it folds, all shards by the sweep', async () => {
  const { redis, restore, mend, inShards } = await setUp(old('a'), old('b'));
  await restore(1);
  expect(await inShards()).toEqual([[], ['a.1', 'b.1'], []]);
  // The batch that was folded without them is folded again.
  expect(await redis.hget(shardKeys.head(1), 'version')).toBe('1');
  await restore(1);
  expect(await redis.hget(shardKeys.head(1), 'version')).toBe('1');
  expect(await mend()).toBe(4);
  expect(await inShards()).toEqual(everywhere(['a.1', 'b.1']));
  expect(await mend()).toBe(0);
});

test('removed and older definitions that a snapshot brings back are corrected', async () => {
  const { funnels, restore, mend, inShards } = await setUp(old('a', { key: 'a.2' }));
  await funnels.define('shop', [old('a'), old('gone')]);
  await restore(0);
  expect(await inShards()).toEqual([['a.2'], ['a.1', 'gone.1'], ['a.1', 'gone.1']]);
  await mend();
  expect(await inShards()).toEqual(everywhere(['a.2']));
});

test('a definition that is being made is left alone', async () => {
  const soon = Date.now() + 5_000;
  const { mend, inShards } = await setUp(old('soon', { effective_from: soon }));
  expect(await mend()).toBe(0);
  expect(await inShards()).toEqual(everywhere([]));
  // It is not being made any more.
  expect(await mend(soon + 120_000)).toBe(PARTITIONS);
  expect(await inShards()).toEqual(everywhere(['soon.1']));
});

test('a definition that one shard missed is made again in all shards, and counts from then on', async () => {
  const { redis, sites, mend, inShards, inTopic } = await setUp(old('half'), old('whole'));
  await mend();
  await redis.hdel(shardKeys.funnels(2), 'shop:half');
  await redis.hset(shardKeys.head(2), 'timestamp', Date.now() - 60_000);
  const began = Date.now();
  expect(await mend()).toBe(1);
  const keysNow = (await inTopic())!;
  expect(keysNow).toEqual([expect.stringMatching(/^half\.(?!1$)/), 'whole.1']);
  expect(await inShards()).toEqual(everywhere([...keysNow].sort()));
  const half = (await sites.complete()).get('shop')!.funnels[0]!;
  expect(half.effective_from).toBeGreaterThan(began);
  expect(half).toMatchObject({ name: 'half', steps, window_hours: 24, by: 'user' });
});

test('a change during the correction of a shard is kept', async () => {
  const { funnels, inShards } = await setUp();
  await funnels.define('shop', [old('a', { key: 'a.2' })]);
  const stale = { site: 'shop', id: 'a', found: JSON.stringify(old('a')) };
  expect(await funnels.put(0, [{ ...stale, wanted: undefined }])).toBe(0);
  expect(await funnels.put(0, [{ ...stale, wanted: old('a', { key: 'a.3' }) }])).toBe(0);
  expect(await inShards()).toEqual(everywhere(['a.2']));
});

test('answers about funnels are the same after a loss of Redis', async () => {
  const shop = await openShop([siteOf('madrid', { zone: 'Europe/Madrid', funnels: FUNNELS })]);
  const { data } = await shop.client('madrid', 'admin').POST('/v1/funnels', { body });
  const item = { item_id: 'tea', item_category: 'shoes' };
  const visit = (user_id: string) => [
    { name: 'view_item', user_id, items: [item] },
    { name: 'page_view', user_id, page: '/zapatos' },
    { name: 'add_to_cart', user_id, items: [item] },
    { name: 'purchase', user_id, transaction_id: randomUUID(), value: 1 },
  ];
  await shop.send('madrid', ...['ana', 'ben', 'eva'].flatMap(visit));
  await sleep(Math.max(0, Date.parse(data!.data.effective_from!) - Date.now()));
  await shop.send('madrid', ...['eva', 'fun', 'gus'].flatMap(visit));
  const tea = await definitionIn(shop.redis);
  const check = async () => {
    const naive = new NaiveShop(shop.events(), siteOf('madrid', { zone: 'Europe/Madrid' }), Date.now());
    const asked = askAboutFunnels(shop.reader, naive, { to: naive.today }, [tea, ...FUNNELS]);
    for (const { question, answer, expected } of asked) {
      expect({ question, answer: await answer }).toEqual({ question, answer: expected });
    }
    return Promise.all(asked.map(({ answer }) => answer));
  };
  const before = await check();
  expect(before[0]).toMatchObject({ steps: [{ count: 3 }, { count: 3 }] });
  await shop.forget();
  await shop.apply();
  expect(await check()).toEqual(before);
  expect(await definitionIn(shop.redis)).toEqual(tea);
});

const definitionIn = async (redis: Awaited<ReturnType<typeof openShop>>['redis']) =>
  JSON.parse((await redis.hget(shardKeys.funnels(0), 'madrid:tea'))!) as FunnelDefinition;
