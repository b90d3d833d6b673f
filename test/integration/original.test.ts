import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { Sites } from '../../shared/sites/site.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { callsByCommand } from '../support/commands.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { ask } from '../support/http.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** The faults of the program that Footfall grew out of, one for each test: none of them is left. */

/** Local times of Madrid (UTC+1 in January), independent of this machine's zone. */
const madrid = (local: string) => Date.parse(`${local}+01:00`) / 1_000;

const shop = await openShop([
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR', lateness_hours: 720 }),
  siteOf('tokyo', { zone: 'Asia/Tokyo', currency: 'JPY' }),
]);

/** The original's event, as its producer sends it. Old events need `backfill`, which it did not have. */
const original = (user_id: number, interaction_type: string, timestamp?: number) => ({
  user_id,
  site_id: 1,
  site_name: 'Shop',
  interaction_type,
  product_id: 100 + user_id,
  timestamp: timestamp ?? Date.now() / 1_000,
});
const plain = (user_id: number, local: string, more: object = {}) => ({
  name: 'view_item',
  user_id,
  timestamp: madrid(local),
  backfill: true,
  ...more,
});

const get = async <T>(target: string, site = 'madrid') => (await shop.get<T>(site, target)).body;
interface Interactions {
  data: { total: number; interactions: { timestamp: string }[] };
}

test('its events are accepted, and its paths answer', async () => {
  const verdicts = await shop.send(
    'madrid',
    original(1, 'click'),
    original(1, 'view'),
    original(1, 'purchase'),
  );
  expect(verdicts.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(await get('/get_user_engagement/1')).toMatchObject({
    data: { total_events: 3, events: { select_item: 1, view_item: 1, purchase: 1 } },
  });
  expect(await get('/get_popular_products/10')).toMatchObject({
    data: { products: [{ product_id: '101', value: 3 }] },
  });
  expect(await get('/get_event_frequency/click')).toMatchObject({ data: { total: 1 } });
});

test('ranges lost their last day: now they include it', async () => {
  await shop.send(
    'madrid',
    plain(2, '2026-01-10T00:00:00'),
    plain(2, '2026-01-12T00:00:00'),
    plain(2, '2026-01-12T23:59:59.999'),
  );
  expect((await get<Interactions>('/get_user_data_between_dates/2/2026-01-10/2026-01-12')).data.total).toBe(
    3,
  );
  expect((await get<Interactions>('/get_user_data_between_dates/2/2026-01-10/2026-01-11')).data.total).toBe(
    1,
  );
  expect((await get<Interactions>('/get_user_data_by_date/2/2026-01-12')).data.total).toBe(2);
});

test("times were the server's: now they are the site's, and instants are in UTC", async () => {
  // 23:30 in Madrid is 07:30 of the next day in Tokyo.
  for (const site of ['madrid', 'tokyo']) await shop.send(site, plain(3, '2026-01-15T23:30:00'));
  expect((await get<Interactions>('/get_user_data_by_date/3/2026-01-15')).data.interactions).toMatchObject([
    { timestamp: '2026-01-15T22:30:00.000Z' },
  ]);
  expect((await get<Interactions>('/get_user_data_by_date/3/2026-01-16')).data.total).toBe(0);
  expect((await get<Interactions>('/get_user_data_by_date/3/2026-01-15', 'tokyo')).data.total).toBe(0);
  expect((await get<Interactions>('/get_user_data_by_date/3/2026-01-16', 'tokyo')).data.total).toBe(1);
});

test.each(['nonsense', '2026-02-30', '15-01-2026', '%00'])(
  'a bad date was a 500: %s is a 400 with the reason',
  async (date) => {
    for (const path of [
      `/get_user_data_by_date/1/${date}`,
      `/get_user_data_between_dates/1/2026-01-01/${date}`,
    ]) {
      expect(await shop.get('madrid', path)).toMatchObject({
        status: 400,
        body: { code: 'invalid_parameter' },
      });
    }
  },
);

test('a replay counted twice: now it counts once', async () => {
  const order = { name: 'purchase', user_id: 4, transaction_id: 'o-4', value: 10 };
  const view = { id: 'v-4', name: 'view_item', user_id: 4 };
  await shop.send('madrid', order, view);
  await shop.send('madrid', view, order, order);
  expect(await get('/get_user_engagement/4')).toMatchObject({
    data: { total_events: 2, money: [{ revenue: '10.00' }] },
  });
});

test('numbers ignored site and time: now they are of both', async () => {
  await shop.send('madrid', plain(5, '2026-01-20T10:00:00'), plain(5, '2026-01-21T10:00:00'));
  await shop.send('tokyo', plain(5, '2026-01-20T10:00:00'));
  const day = 'from=2026-01-20&to=2026-01-20';
  expect(await get(`/get_event_frequency/view?${day}`)).toMatchObject({
    data: { total: 1 },
    meta: { site: 'madrid' },
  });
  expect(await get('/get_event_frequency/view?from=2026-01-20&to=2026-01-21')).toMatchObject({
    data: { total: 2 },
  });
  expect(await get('/get_user_engagement/5', 'tokyo')).toMatchObject({ data: { total_events: 1 } });
});

test('there was no revenue: now there is', async () => {
  const items = [{ item_id: 'tea', price: 0.1, quantity: 3 }];
  await shop.send('tokyo', { name: 'purchase', user_id: 6, currency: 'EUR', items });
  expect(await get('/v1/revenue', 'tokyo')).toMatchObject({
    data: { rows: [{ orders: 1, money: [{ revenue: '0.30' }] }] },
  });
});

describe('with Kafka and Redis', () => {
  const setUp = async () => {
    const config = await freshConfig({ partitions: 1, sites: [siteOf('madrid', { zone: 'Europe/Madrid' })] });
    const producer = closing(new EventProducer(config.kafka), (one) => one.close());
    const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
    const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
    const sites = new Sites(config.sites);
    const handler = collecting(sites, (events) => producer.sendEvents(events));
    const send = async (...events: object[]) => {
      const headers = { authorization: 'Bearer madrid-write-key' };
      const answer = await ask(handler, 'POST', '/v1/events', { headers, body: JSON.stringify({ events }) });
      expect(answer.status).toBe(202);
    };
    const end = async () => (await offsets.fetch())[0]!.high;
    const records = async (from: number) => {
      const all: KafkaRecord[] = [];
      await readRange(config.kafka, 0, from, await end(), async (batch) => {
        all.push(...batch);
      });
      return all;
    };
    /** Counter sums of all days, by name, straight from Redis. */
    const counted = async () => {
      const days = await keyNames(redis, `${shardKeys.prefix}{p0}:d:*`);
      const sums: Record<string, number> = {};
      for (const day of days) {
        for (const [name, value] of Object.entries(await redis.hgetall(day)))
          sums[name] = (sums[name] ?? 0) + Number(value);
      }
      return sums;
    };
    return { config, producer, redis, send, end, records, counted, consumer: openConsumer(config) };
  };

  test('events sent while the consumer was down were lost: now they are counted', async () => {
    const { send, end, records, consumer, counted } = await setUp();
    await send(original(1, 'view'));
    await consumer.apply(await records(0));
    // No consumer runs meanwhile.
    await send(original(1, 'view'), original(2, 'view'));
    const next = await end();
    // A consumer that begins at the newest record, like the original's, finds what it has missed.
    await send(original(1, 'view'));
    await consumer.apply(await records(next));
    expect(consumer.gaps).toEqual([{ partition: 0, from: 1, to: 3, lost: false }]);
    expect(await counted()).toMatchObject({ 'n:view_item': 4 });
    // The same holds after a loss of Redis.
    await loseAll(consumer.redis);
    await send(original(1, 'view'));
    await consumer.apply(await records(next + 1));
    expect(await counted()).toMatchObject({ 'n:view_item': 5 });
  });

  test('one bad message killed the consumer: now it is a dead letter', async () => {
    const { config, send, records, consumer, producer, counted } = await setUp();
    await send(original(1, 'view'));
    const bad = ['not json', '{"v":1}', '', 'null', '{"v":99}', '\u0000', '[]'];
    await producer.send(
      config.kafka.eventsTopic,
      bad.map((value) => ({ key: 'madrid:1', value })),
    );
    await send(original(1, 'view'));
    expect(await consumer.apply(await records(0))).toEqual({
      applied: 2,
      duplicate: 0,
      forwarded: 0,
      bot: 0,
      joined: 0,
      order: 0,
      erasure: 0,
      erased: 0,
      otherGeneration: 0,
      deadLettered: bad.length,
      refused: 0,
    });
    expect(await counted()).toMatchObject({ 'n:view_item': 2 });
    const letters = closing(
      new TopicOffsets({ ...config.kafka, eventsTopic: config.kafka.dlqTopic }),
      (one) => one.close(),
    );
    expect((await letters.fetch()).reduce((sum, { high }) => sum + high, 0)).toBe(bad.length);
  });

  test('nothing ever expired: now everything does', async () => {
    const { send, records, consumer, redis } = await setUp();
    await send(
      original(1, 'view'),
      { ...original(2, 'purchase'), product_id: 7 },
      { name: 'search', user_id: 3, country: 'ES' },
    );
    await consumer.apply(await records(0));
    const keys = await keyNames(redis);
    const forever = [];
    for (const key of keys)
      if ((await redis.ttl(key)) < 0) forever.push(key.replace(`${shardKeys.prefix}{p0}:`, ''));
    // A few numbers for each shard, and two for each of its days, remain. They do not grow with the events.
    expect(forever.sort()).toEqual(['days:madrid', 'head', 'ledger', 'touched:madrid']);
    expect(keys.length).toBeGreaterThan(8);
  });

  test('an event was four separate writes: now a batch is one commit', async () => {
    const { send, records, consumer, redis, counted } = await setUp();
    await send(
      ...Array.from({ length: 300 }, (_, i) => original(1 + (i % 20), ['click', 'view', 'purchase'][i % 3]!)),
    );
    const batch = await records(0);
    const calls = async () => (await callsByCommand(redis)).evalsha ?? 0;
    await consumer.apply(batch.slice(0, 1)); // The script is known to the server after this.
    const before = await calls();
    await consumer.apply(batch);
    expect((await calls()) - before).toBe(1);
    expect(await counted()).toMatchObject({ 'n:select_item': 100, 'n:view_item': 100, orders: 100 });
  });

  test('each message was flushed alone: now 200 events are one request to the broker', async () => {
    const { send } = await setUp();
    const sockets = new Set<Socket>();
    const watch = (message: unknown) => sockets.add((message as { socket: Socket }).socket);
    subscribe('net.client.socket', watch);
    await send(original(1, 'view')); // Connects, and learns where the topic is.
    unsubscribe('net.client.socket', watch);
    let writes = 0;
    for (const socket of sockets) {
      const { write } = socket;
      socket.write = (...all: unknown[]) => {
        writes++;
        return Reflect.apply(write, socket, all);
      };
    }
    await send(original(1, 'view'), original(2, 'view'));
    expect(writes).toBe(1);
    await send(...Array.from({ length: 200 }, () => original(1, 'view')));
    expect(writes).toBe(2);
  });
});
