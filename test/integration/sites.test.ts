import { freePort } from '../../local/services/ports.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { connectRedis, type RedisAddress } from '../../shared/platform/redis/connection.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { openSites, readSites, SiteDirectory } from '../../shared/sites/directory.ts';
import { SitesCopy } from '../../shared/sites/redis-copy.ts';
import type { Site } from '../../shared/sites/site.ts';
import { SitesTopic } from '../../shared/sites/sites-topic.ts';
import { openSitesWriter, SitesWriter } from '../../shared/sites/writer.ts';
import { recordOf } from '../oracle/streams.ts';
import { asIfAt } from '../support/as-if-at.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { loseAll } from '../support/redis-data.ts';
import { siteOf } from '../support/shop.ts';
import { relay } from '../support/tcp.ts';

/** Where sites are kept, and what is known of them during outages and after a loss of Redis or Kafka. */

const connect = (redis: RedisAddress) =>
  closing(connectRedis(redis, { commandTimeout: 1_000 }), (one) => one.disconnect());
const directoryOf = ({ kafka, redis }: Pick<Config, 'kafka' | 'redis'>) =>
  closing(openSites(kafka, connect(redis)), (one) => one.close());
const writerOf = ({ kafka, redis }: Pick<Config, 'kafka' | 'redis'>) =>
  closing(openSitesWriter(kafka, connect(redis)), (one) => one.close());
const ids = (sites: { all(): Site[] }) =>
  sites
    .all()
    .map(({ id }) => id)
    .sort();
const atPort = (redis: Config['redis'], port: number) => ({
  ...redis,
  url: Object.assign(new URL(redis.url), { port: String(port) }).href,
});

async function setUp(...names: string[]) {
  return setUpOn(await freshConfig({ partitions: 1 }), ...names);
}

async function setUpOn(config: TestConfig, ...names: string[]) {
  if (names.length > 0)
    await addSites(
      config,
      names.map((name) => siteOf(name)),
    );
  return { config, redis: connect(config.redis) };
}

test('a stored site and its keys are known to every process', async () => {
  const { config } = await setUp('a', 'b');
  const sites = await directoryOf(config).current();
  expect(ids(sites)).toEqual(['a', 'b']);
  expect(sites.forReadKey('b-read-key')?.id).toBe('b');
  expect(sites.forReadKey('b-write-key')).toBeUndefined();
});

test('a process knows each new key at once, however soon one follows the other', async () => {
  const { config, redis } = await setUp('a');
  let reads = 0;
  class CountingCopy extends SitesCopy {
    override read() {
      reads++;
      return super.read();
    }
  }
  const warm = closing(new SiteDirectory(new CountingCopy(redis), new SitesTopic(config.kafka)), (one) =>
    one.close(),
  );
  await warm.current();
  for (const id of ['b', 'c', 'd']) {
    await addSites(config, [siteOf(id)]);
    expect((await warm.refreshed()).forReadKey(`${id}-read-key`)?.id).toBe(id);
  }
  // A wrong key costs no reading of all sites.
  const before = reads;
  await warm.refreshed();
  expect(reads).toBe(before);
});

test('calls that come while a process reads Kafka, since Redis is away, wait for what it reads', async () => {
  const { config } = await setUp('a');
  const warm = directoryOf({ ...config, redis: atPort(config.redis, await freePort()) });
  await warm.current();
  await addSites(config, [siteOf('b')]);
  // A process does so once a minute at most: as if its clock said that a minute is over.
  await asIfAt(Date.now() + 61_000, async () => {
    const both = await Promise.all([warm.refreshed(), warm.refreshed()]);
    expect(both.map(ids)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
});

test('neither Redis nor Kafka stores a key in clear', async () => {
  const { config, redis } = await setUp('a');
  const copy = JSON.stringify(await redis.hgetall(keys.sites));
  const log = closing(new SitesTopic(config.kafka), (one) => one.close());
  const { state } = await log.read(await log.ends());
  const stored = [...state.sites.values()].join();
  expect(stored).toContain('"hint":"-key"');
  for (const text of [copy, stored]) expect(text).not.toMatch(/a-(write|read|admin)-key/);
});

test('an emptied Redis gets the sites back from Kafka', async () => {
  const { config, redis } = await setUp('a', 'b');
  await loseAll(redis);
  expect(ids(await directoryOf(config).current())).toEqual(['a', 'b']);
  // For all other processes, too.
  expect(Object.keys(await redis.hgetall(keys.sites)).sort()).toEqual(['#', 'a', 'b']);
});

test.each([
  ['refuses connections', async () => freePort()],
  ['accepts and never answers', async () => (await relay()).port],
])('while Redis %s, a cold process reads Kafka, and sites can be created', async (_, away) => {
  const { config } = await setUp('a');
  const without = { ...config, redis: atPort(config.redis, await away()) };
  const cold = directoryOf(without);
  expect(ids(await cold.current())).toEqual(['a']);
  await writerOf(without).change(() => ({ changed: [siteOf('b')], result: undefined }));
  expect(ids(await readSites(without))).toEqual(['a', 'b']);
});

test('a warm process goes on with its known sites while Redis and Kafka are away', async () => {
  // A relay before one server; a cluster's client would find the nodes behind it.
  const { config } = await setUpOn(await freshConfig({ partitions: 1, oneServer: true }), 'a');
  const { hostname, port } = new URL(config.redis.url);
  const proxy = await relay({ host: hostname, port: Number(port) });
  const brokers = [`127.0.0.1:${await freePort()}`];
  const warm = directoryOf({
    kafka: { ...config.kafka, brokers },
    redis: atPort(config.redis, proxy.port),
  });
  await warm.current();
  proxy.open = false;
  expect(ids(await warm.current())).toEqual(['a']);
  expect(ids(await warm.refreshed())).toEqual(['a']);
});

test('without Redis and Kafka a cold process fails with a clear error', async () => {
  const { config } = await setUp();
  const nowhere = await freePort();
  const cold = directoryOf({
    kafka: { ...config.kafka, brokers: [`127.0.0.1:${nowhere}`] },
    redis: atPort(config.redis, nowhere),
  });
  await expect(cold.current()).rejects.toMatchObject({
    code: 'sites_unavailable',
    status: 503,
    retryAfter: 5,
  });
});

test('after an old snapshot of Redis, a complete read knows the site, and the sweep repairs the copy', async () => {
  const { config, redis } = await setUp('a');
  const old = await redis.hgetall(keys.sites);
  await addSites(config, [siteOf('b')]);
  const mend = directoryOf(config);
  const knowing = directoryOf(config);
  expect(ids(await knowing.complete())).toEqual(['a', 'b']);
  await redis.multi().del(keys.sites).hset(keys.sites, old).exec();
  expect(ids(await mend.current())).toEqual(['a']);
  expect(ids(await mend.complete())).toEqual(['a', 'b']);
  expect(await redis.hexists(keys.sites, 'b')).toBe(1);

  await redis.multi().del(keys.sites).hset(keys.sites, old).exec();
  // The process knows more than the copy, and its sweep still checks the copy.
  expect(ids(await knowing.complete())).toEqual(['a', 'b']);
  expect(await redis.hexists(keys.sites, 'b')).toBe(0);
  expect(ids(await knowing.reconcile())).toEqual(['a', 'b']);
  expect(await redis.hexists(keys.sites, 'b')).toBe(1);
});

test('concurrent changes are all done, each on top of the one before', async () => {
  const { config } = await setUp('shop');
  const writers = Array.from({ length: 3 }, () => writerOf(config));
  const rename = (writer: SitesWriter, letter: string) =>
    writer.change((sites) => {
      const site = sites.get('shop')!;
      return { changed: [{ ...site, name: `${site.name ?? ''}${letter}` }], result: letter };
    });
  await Promise.all(writers.flatMap((writer, i) => ['x', 'y'].map((one) => rename(writer, `${one}${i}`))));
  const name = (await readSites(config)).get('shop')!.name!;
  expect(name.match(/../g)!.sort()).toEqual(['x0', 'x1', 'x2', 'y0', 'y1', 'y2']);
  expect(ids(await directoryOf(config).current())).toEqual(['shop']);
});

test('a writer that is shut out writes nothing, and knows whether it had written before', async () => {
  const { config, redis } = await setUp('shop');
  const log = closing(new SitesTopic(config.kafka), (one) => one.close());
  const first = await log.open();
  const second = await log.open();
  expect(await first.write([siteOf('late')], 'first')).toBeUndefined();
  expect(await second.write([siteOf('other')], 'second')).toMatchObject({ next: expect.any(Number) });
  await Promise.all([first.close(), second.close()]);
  const { state, changes } = await log.read(await log.ends());
  expect([...state.sites.keys()].sort()).toEqual(['other', 'shop']);
  expect(changes.has('second')).toBe(true);
  expect(changes.has('first')).toBe(false);

  // Its commit is done but the answer is lost, and another writer comes in between: it is not done twice.
  let losing = true;
  class LosingTopic extends SitesTopic {
    override async open() {
      const writer = await super.open();
      if (!losing) return writer;
      losing = false;
      const write = writer.write.bind(writer);
      writer.write = async (...args) => {
        await write(...args);
        await addSites(config, [siteOf('between')]);
        return undefined;
      };
      return writer;
    }
  }
  let made = 0;
  const writer = closing(new SitesWriter(new SitesCopy(redis), new LosingTopic(config.kafka)), (one) =>
    one.close(),
  );
  const answer = await writer.change((sites) => {
    expect(sites.get('once')).toBeUndefined();
    return { changed: [siteOf('once')], result: ++made };
  });
  expect(answer).toBe(1);
  expect(ids(await readSites(config))).toEqual(['between', 'once', 'other', 'shop']);
});

test('a slow writer does not restore an old copy', async () => {
  const { config, redis } = await setUp('a', 'b');
  const copy = new SitesCopy(redis);
  const newest = (await copy.read())!;
  await copy.replace({ next: newest.next - 1, sites: new Map([['a', '{}']]) });
  expect(await copy.read()).toEqual(newest);
  // But the copy of a recreated topic is replaced, whatever its length.
  await copy.replace({ next: newest.next + 100, sites: new Map() });
  expect(ids(await directoryOf(config).reconcile())).toEqual(['a', 'b']);
  expect([...(await copy.read())!.sites.keys()].sort()).toEqual(['a', 'b']);
});

test('two sites never share a measurement id or a key', async () => {
  const { config } = await setUp();
  const writer = writerOf(config);
  const store = (site: Site) => writer.change(() => ({ changed: [site], result: undefined }));
  await store(siteOf('a', { measurement_ids: ['G-AAAA1'] }));
  await store(siteOf('a', { measurement_ids: ['G-AAAA1'], name: 'Itself' }));
  await expect(store(siteOf('b', { measurement_ids: ['G-BBBB1', 'G-AAAA1'] }))).rejects.toMatchObject({
    code: 'conflict',
    status: 409,
    details: { errors: [{ path: 'measurement_ids[1]' }] },
  });
  await expect(store(siteOf('b', { keys: siteOf('a').keys }))).rejects.toMatchObject({ code: 'conflict' });
  expect(ids(await readSites(config))).toEqual(['a']);
});

test('invalid and broken records do not affect the other sites', async () => {
  const { config, redis } = await setUp('a');
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  await producer.send(config.kafka.sitesTopic, [
    { key: 'broken', value: 'no JSON' },
    { key: 'null', value: 'null' },
    { key: 'other', value: JSON.stringify(siteOf('a')) },
  ]);
  await loseAll(redis);
  expect(ids(await directoryOf(config).current())).toEqual(['a']);
});

describe('aggregate', () => {
  const event = (site: string): FootfallEvent => ({
    v: EVENT_VERSION,
    id: `${site}-1`,
    site,
    user: 'ana',
    name: 'view_item',
    ts: Date.now(),
    received: Date.now(),
  });
  const recordOfEvent = (one: FootfallEvent, offset: number) =>
    recordOf(JSON.stringify(one), partitionOf(userKey(one), 1), offset, userKey(one));

  async function aggregating(...names: string[]) {
    const { config, redis } = await setUp(...names);
    const consumer = openConsumer(config);
    const directory = directoryOf(config);
    consumer.context.sites = directory;
    await directory.current();
    return { config, redis, directory, consumer };
  }

  test('counts events of a site that was created a moment ago', async () => {
    const { config, consumer, directory } = await aggregating('a');
    await addSites(config, [siteOf('new')]);
    // The process has read nothing since, and is not about to.
    expect(ids(await directory.current())).toEqual(['a']);
    expect(await consumer.apply([recordOfEvent(event('new'), 0)])).toMatchObject({
      applied: 1,
      deadLettered: 0,
    });
  });

  test('counts them also when Redis does not have the site', async () => {
    const { config, redis, consumer } = await aggregating('a');
    const nowhere = atPort(config.redis, await freePort());
    await addSites({ ...config, redis: nowhere }, [siteOf('new')]);
    expect(await redis.hexists(keys.sites, 'new')).toBe(0);
    expect(await consumer.apply([recordOfEvent(event('new'), 0)])).toMatchObject({ applied: 1 });
  });

  test('refuses events of a site that does not exist', async () => {
    const { consumer } = await aggregating('a');
    expect(await consumer.apply([recordOfEvent(event('unknown'), 0)])).toMatchObject({
      applied: 0,
      deadLettered: 1,
    });
  });

  test('asks for the batch again when it cannot look up the site', async () => {
    const { config, redis, consumer } = await aggregating('a');
    const log = closing(
      new SitesTopic({ ...config.kafka, brokers: [`127.0.0.1:${await freePort()}`] }),
      (one) => one.close(),
    );
    const cut = new SiteDirectory(new SitesCopy(redis), log);
    await cut.current();
    consumer.context.sites = cut;
    await expect(applyRecords([recordOfEvent(event('new'), 0)], consumer.context)).rejects.toMatchObject({
      code: 'sites_unavailable',
    });
    expect(await redis.exists(shardKeys.head(0))).toBe(0);
    // Events of known sites are still counted.
    expect(await consumer.apply([recordOfEvent(event('a'), 0)])).toMatchObject({ applied: 1 });
  });
});
