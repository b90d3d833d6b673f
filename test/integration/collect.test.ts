import { gzipSync } from 'node:zlib';
import { freePort } from '../../local/services/ports.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { Sites } from '../../shared/sites/site.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ask } from '../support/http.ts';
import { siteOf } from '../support/shop.ts';
import { relay } from '../support/tcp.ts';

/** What collect reports as stored is in Kafka, in the right partition and form. */

const config = await freshConfig({ partitions: 8, sites: [siteOf('shop', { currency: 'EUR' })] });
const { kafka } = config;
const known = new Sites(config.sites);
const offsets = closing(new TopicOffsets(kafka), (one) => one.close());

function collector(brokers = kafka.brokers) {
  const producer = closing(new EventProducer({ ...kafka, brokers }), (one) => one.close());
  return collecting(known, (events) => producer.sendEvents(events));
}
const handler = collector();

interface Body {
  accepted: number;
  code?: string;
  events: { id?: string }[];
}
const post = (body: unknown, to = handler) =>
  ask<Body>(to, 'POST', '/v1/events', {
    headers: { authorization: 'Bearer shop-write-key' },
    body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });

const ends = async () => new Map((await offsets.fetch()).map(({ partition, high }) => [partition, high]));

/** The messages that were added to the topic meanwhile. */
async function added(run: () => Promise<unknown>): Promise<KafkaRecord[]> {
  const before = await ends();
  await run();
  const records: KafkaRecord[] = [];
  for (const [partition, high] of await ends()) {
    const low = before.get(partition)!;
    if (high > low) {
      await readRange(kafka, partition, low, high, async (batch) => {
        records.push(...batch);
      });
    }
  }
  return records;
}
const textOf = (base64 = '') => Buffer.from(base64, 'base64').toString();

test('a 202 means that the canonical event is in Kafka, in the partition of its site and user', async () => {
  const [record, ...others] = await added(() =>
    post({
      id: 'e-1',
      name: 'purchase',
      user_id: 'ada',
      timestamp: '2026-11-20T10:00:00Z',
      backfill: true,
      items: [{ item_id: 7, price: '10.10', quantity: 3 }],
      properties: { note: null, gift: true },
    }),
  );
  expect(others).toEqual([]);
  expect(textOf(record!.key)).toBe('shop:ada');
  expect(record!.partition).toBe(partitionOf('shop:ada', 8));
  const event = JSON.parse(textOf(record!.value));
  expect(event).toEqual({
    v: 1,
    via: 'plain',
    id: 'e-1',
    site: 'shop',
    user: 'ada',
    known: true,
    name: 'purchase',
    ts: Date.parse('2026-11-20T10:00:00Z'),
    received: event.received,
    backfill: true,
    items: [{ id: '7', quantity: 3, amount: 3_030 }],
    currency: 'EUR',
    props: { gift: true },
  });
  expect(Math.abs(event.received - record!.timestamp)).toBeLessThan(60_000);
});

/**
 * Kafka's own clients partition keys by murmur2. The partitions here are those of the Java client
 * (org.apache.kafka.common.utils.Utils.murmur2 of the UTF-8 bytes, toPositive, modulo 8).
 */
test.each([
  ['ada', 1],
  ['1', 2],
  ['12', 5],
  ['usuario-ñ', 6],
  ['😀', 2],
  ['a b', 3],
  [':{}*?', 7],
  ['user-0123456789', 3],
  ['c0ffee', 2],
  ['x'.repeat(256), 3],
])('the user %j is in partition %i, as with the Java client', async (user, partition) => {
  const [record] = await added(() => post({ name: 'view_item', user_id: user }));
  expect(record!.partition).toBe(partition);
  expect(textOf(record!.key)).toBe(`shop:${user}`);
});

test('500 gzipped events of many users are all stored, each user in one partition', async () => {
  const events = Array.from({ length: 500 }, (_, i) => ({
    id: `m-${i}`,
    name: 'view_item',
    user_id: `user-${i % 40}`,
  }));
  const records = await added(async () => {
    const { status, body } = await post(gzipSync(JSON.stringify({ events })));
    expect([status, body.accepted]).toEqual([202, 500]);
  });
  const found = records.map(({ value }) => JSON.parse(textOf(value)) as { id: string; user: string });
  expect(found.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort());
  for (const record of records) expect(record.partition).toBe(partitionOf(textOf(record.key), 8));
});

test('the largest request is stored, although its records exceed one batch of Kafka', async () => {
  const items = Array.from({ length: 200 }, () => ({ item_id: 'a' }));
  const event = { name: 'a', user_id: 'one', items };
  const size = JSON.stringify(event).length + 1;
  const events = Array.from({ length: Math.floor(999_000 / size) }, () => event);
  const records = await added(async () => {
    expect((await post({ events })).status).toBe(202);
  });
  expect(records).toHaveLength(events.length);
  expect(records.reduce((sum, { value }) => sum + textOf(value).length, 0)).toBeGreaterThan(1_048_588);
});

test('refused events are not stored', async () => {
  const records = await added(async () => {
    await post({ events: [{ name: 'view_item' }, { name: 'view_item', user_id: 'ok' }, null] });
    await post({ name: 'view_item' });
  });
  expect(records.map(({ key }) => textOf(key))).toEqual(['shop:ok']);
});

test('concurrent requests to a cold function are all stored', async () => {
  const cold = collector();
  const ids = Array.from({ length: 40 }, (_, i) => `at-once-${i}`);
  const records = await added(async () => {
    const answers = await Promise.all(
      ids.map((id) => post({ id, name: 'view_item', user_id: 'same' }, cold)),
    );
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 202));
  });
  expect(records.map(({ value }) => JSON.parse(textOf(value)).id).sort()).toEqual([...ids].sort());
});

test.each([
  ['refuses connections', freePort],
  ['accepts and never answers', async () => (await relay()).port],
])('a Kafka that %s: every request gets 503 with the time to wait', async (_, away) => {
  const cut = collector([`127.0.0.1:${await away()}`]);
  const answers = await Promise.all([1, 2, 3].map((i) => post({ name: 'view_item', user_id: `u${i}` }, cut)));
  for (const { status, body, headers } of answers) {
    expect([status, body.code]).toEqual([503, 'kafka_unavailable']);
    expect(headers['retry-after']).toBe('5');
    expect(headers['access-control-allow-origin']).toBe('*');
  }
});
