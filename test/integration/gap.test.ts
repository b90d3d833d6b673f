import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { cut, eventStream, hardSites, recordsOf, USERS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { type Consumer, openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ledgerOf } from '../support/ledger.ts';
import { readMessages } from '../support/read-topic.ts';
import { openReader } from '../support/reader.ts';
import { loseAll } from '../support/redis-data.ts';

/** A stream whose ids are all different, so that each event is one record that counts. */
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const [sample] = fc.sample(
  eventStream({
    receivedFrom: Date.now() - 12 * 3_600_000,
    receivedFor: 12 * 3_600_000,
    maxEvents: 90,
  }).filter((list) => list.length > 80),
  { numRuns: 1, seed },
) as [FootfallEvent[]];
const events = [...new Set(sample)];

async function setUp(partitions: number) {
  const config = await freshConfig({ partitions, sites: hardSites });
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  return { config, ...openReader(config), producer, consumer: openConsumer(config) };
}

async function expectCounted(reader: StoreReader, counted: readonly FootfallEvent[]): Promise<void> {
  const expected = Object.entries(recount(counted, hardSites)).filter(([name]) => !name.startsWith('days /'));
  expect(await stored(reader, hardSites, USERS)).toEqual(Object.fromEntries(expected));
}

/** As Lambda does: in order, and the same batch again after an error. */
async function applyAll(consumer: Consumer, records: KafkaRecord[]): Promise<void> {
  for (const batch of cut(records, [7])) await consumer.apply(batch);
}

const half = (records: readonly KafkaRecord[]) => Math.floor(records.length / 2);

test('when Redis has lost everything, the next batch brings it back from Kafka', async () => {
  const { redis, reader, producer, consumer } = await setUp(3);
  await producer.sendEvents(events);
  const partitions = recordsOf(events, 3);
  for (const records of partitions) await applyAll(consumer, records.slice(0, half(records)));
  await loseAll(redis);
  // Each partition on its own, at the same time, as invocations are.
  await Promise.all(partitions.map((records) => applyAll(consumer, records.slice(half(records)))));
  await expectCounted(reader, events);
  expect(consumer.gaps.sort((a, b) => a.partition - b.partition)).toEqual(
    partitions.map((records, partition) => ({ partition, from: 0, to: half(records), lost: false })),
  );
  expect([...(await ledgerOf(reader)).keys()].filter((name) => name.startsWith('lost'))).toEqual([]);
});

test('when Redis loses everything again just after a gap was filled, it is filled again', async () => {
  const { redis, reader, producer, consumer } = await setUp(1);
  await producer.sendEvents(events);
  const [records] = recordsOf(events, 1) as [KafkaRecord[]];
  const { readRange } = consumer.context;
  let times = 0;
  consumer.context.readRange = async (...range) => {
    await readRange(...range);
    if (++times <= 2) await loseAll(redis);
  };
  await consumer.apply(records.slice(60));
  await expectCounted(reader, events);
  expect(times).toBe(3);
});

test('two consumers that find the same gap fill it once', async () => {
  const { config, reader, producer, consumer } = await setUp(1);
  await producer.sendEvents(events);
  const [records] = recordsOf(events, 1) as [KafkaRecord[]];
  const other = openConsumer(config);
  const late = records.slice(half(records));
  await Promise.all([consumer.apply(late), other.apply(late.slice(0, 5)), consumer.apply(late.slice(3, 9))]);
  await expectCounted(reader, events);
});

test('what neither Redis nor Kafka still has is in the ledger as lost, and the rest is counted', async () => {
  const { config, redis, reader, producer, consumer } = await setUp(1);
  await producer.sendEvents(events);
  const [records] = recordsOf(events, 1) as [KafkaRecord[]];
  await applyAll(consumer, records.slice(0, 40));
  await loseAll(redis);
  const admin = new Kafka({ brokers: config.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  // kafkajs has to have heard of the topic.
  await admin.fetchTopicOffsets(config.kafka.eventsTopic);
  await admin.deleteTopicRecords({
    topic: config.kafka.eventsTopic,
    partitions: [{ partition: 0, offset: '25' }],
  });
  await admin.disconnect();
  await applyAll(consumer, records.slice(40));
  await expectCounted(reader, events.slice(25));
  const ledger = await ledgerOf(reader);
  expect(ledger.get('lost:0-24')).toBe(25);
  const counted = [...ledger].filter(([name]) => /:(applied|bot)$/.test(name));
  expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(events.length - 25);
  expect(consumer.gaps).toEqual([
    { partition: 0, from: 0, to: 25, lost: true },
    { partition: 0, from: 25, to: 40, lost: false },
  ]);
});

/** Sends events in transactions and aborts one of them. Kafka gives offsets to the markers, too. */
async function sendInTransactions({ kafka }: Config): Promise<FootfallEvent[]> {
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const transactionalId = `${kafka.eventsTopic}-tx`;
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId });
  await producer.connect();
  try {
    for (const [i, part] of cut(events, [10]).entries()) {
      const transaction = await producer.transaction();
      const messages = part.map((event) => ({ key: userKey(event), value: JSON.stringify(event) }));
      await transaction.send({ topic: kafka.eventsTopic, messages });
      if (i === 3) await transaction.abort();
      else await transaction.commit();
    }
  } finally {
    await producer.disconnect();
  }
  return events.filter((_, i) => i < 30 || i >= 40);
}

test('offsets without a record (markers and aborted transactions) leave no gap', async () => {
  const { config, redis, reader, consumer } = await setUp(1);
  const committed = await sendInTransactions(config);
  const messages = await readMessages(config.kafka, config.kafka.eventsTopic, committed.length);
  const records = messages.map(
    ({ offset, key, value }): KafkaRecord => ({
      topic: config.kafka.eventsTopic,
      partition: 0,
      offset: Number(offset),
      timestamp: 1,
      key: key!.toString('base64'),
      value: value!.toString('base64'),
    }),
  );
  expect(records.at(-1)!.offset).toBeGreaterThan(events.length);
  // Batches that end at a marker leave the head short of the next record.
  const batches = cut(records, [10]);
  for (const batch of batches) await consumer.apply(batch);
  await expectCounted(reader, committed);

  await loseAll(redis);
  await consumer.apply(batches.at(-1)!);
  await expectCounted(reader, committed);
  expect([...(await ledgerOf(reader)).keys()].filter((name) => name.startsWith('lost'))).toEqual([]);
});

test('a gap while Kafka is away commits nothing', async () => {
  const { reader, consumer } = await setUp(1);
  const [records] = recordsOf(events, 1) as [KafkaRecord[]];
  consumer.context.readRange = () => Promise.reject(new Error('Kafka is away'));
  await expect(consumer.apply(records.slice(10, 20))).rejects.toThrow('Kafka is away');
  expect(await ledgerOf(reader)).toEqual(new Map());
  expect(await reader.heads()).toMatchObject([{ next: 0 }]);
});

test("a gap that Kafka can't fill fails in the end, instead of waiting for ever", async () => {
  const { consumer, reader } = await setUp(1);
  const [records] = recordsOf(events, 1) as [KafkaRecord[]];
  await expect(consumer.apply(records.slice(10, 20))).rejects.toThrow('Kafka has sent no record');
  expect(await ledgerOf(reader)).toEqual(new Map());
});
