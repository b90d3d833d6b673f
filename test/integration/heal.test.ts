import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { heal } from '../../shared/aggregate/heal.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { FencedProducer } from '../../shared/platform/kafka/fenced-producer.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { cut, eventStream, hardSites, recordsOf, USERS } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { type Consumer, openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { loseAll } from '../support/redis-data.ts';
import { waitFor } from '../support/wait-for.ts';

/** Shards that nothing comes to get back what Redis has lost, and no invocation is ended in the middle of a chunk. */

const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const [sample] = fc.sample(
  eventStream({
    ...{ receivedFrom: Date.now() - 12 * 3_600_000, receivedFor: 12 * 3_600_000 },
    maxEvents: 90,
  }).filter((list) => list.length > 80),
  { numRuns: 1, seed },
) as [FootfallEvent[]];
const events = [...new Set(sample)];
const PARTITIONS = 3;
const GROUP = 'aggregate';

/**
 * All events are in Kafka, and a group has committed them.
 * @param committed a real one, which takes some seconds; else it is said that there is one.
 */
async function setUp(committed: 'really' | 'said' = 'said') {
  const config = await freshConfig({ partitions: PARTITIONS, sites: hardSites });
  const { redis, reader } = openReader(config);
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  await producer.sendEvents(events);
  const group = `${GROUP}-${config.kafka.eventsTopic}`;
  const admin = new Kafka({ brokers: config.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const records = recordsOf(events, PARTITIONS);
  if (committed === 'really')
    await admin.setOffsets({
      groupId: group,
      topic: config.kafka.eventsTopic,
      partitions: records.map((some, partition) => ({ partition, offset: String(some.length) })),
    });
  const sources = {
    fetchCommitted: async () =>
      committed === 'really'
        ? offsets.fetchCommitted(group)
        : new Map(records.map((some, partition) => [partition, some.length])),
    fetchOffsets: () => offsets.fetch(),
  };
  return {
    ...{ config, redis, reader, records, admin: closing(admin, (one) => one.disconnect()) },
    open: (options?: Parameters<typeof openConsumer>[1]) => openConsumer(config, options),
    fetchOffsets: sources.fetchOffsets,
    heal: (consumer: Consumer, fetchOffsets = sources.fetchOffsets) =>
      heal(consumer.context, { ...sources, fetchOffsets }),
    expectCounted: async (counted: readonly FootfallEvent[] = events) => {
      const expected = Object.entries(recount(counted, hardSites)).filter(
        ([name]) => !name.startsWith('days /'),
      );
      expect(await stored(reader, hardSites, USERS)).toEqual(Object.fromEntries(expected));
    },
  };
}

/** Hands records over a few at a time, as large fetches of a long log are. */
function inParts(
  consumer: Consumer,
  size: number,
  before: (part: number) => Promise<void> | void = () => {},
) {
  const { readRange } = consumer.context;
  let parts = 0;
  consumer.context.readRange = (partition, from, to, apply) =>
    readRange(partition, from, to, async (records) => {
      for (const some of cut(records, [size])) {
        await before(parts++);
        await apply(some);
      }
    });
}

test('what an emptied Redis had of quiet partitions comes back by itself', async () => {
  const { redis, open, heal, records, expectCounted } = await setUp('really');
  const consumer = open();
  for (const some of records) await consumer.apply(some);
  expect(await heal(consumer)).toEqual({ behind: 0, left: 0 });
  expect(consumer.gaps).toEqual([]);
  await loseAll(redis);
  const refilled: number[] = [];
  consumer.context.onRefilled = (count) => refilled.push(count);
  expect(await heal(consumer)).toEqual({ behind: PARTITIONS, left: 0 });
  await expectCounted();
  expect(refilled.reduce((sum, count) => sum + count)).toBe(events.length);
  expect(await heal(consumer)).toEqual({ behind: 0, left: 0 });
});

test('a run that is out of time keeps what it has applied, and the next one goes on from there', async () => {
  const { open, heal, reader, expectCounted } = await setUp();
  const consumer = open();
  let time = 60_000;
  consumer.context.remainingMs = () => time;
  inParts(consumer, 5, (part) => {
    if (part === 4) time = 1_000;
  });
  const { left } = await heal(consumer);
  expect(left).toBeGreaterThan(0);
  const heads = (await reader.heads()).map(({ next }) => next);
  const reached = heads.reduce((sum, next) => sum + next, 0);
  expect([reached > 0, reached < events.length]).toEqual([true, true]);

  time = 60_000;
  const starts: number[] = [];
  const { readRange } = consumer.context;
  consumer.context.readRange = (partition, from, ...rest) => {
    starts[partition] = from;
    return readRange(partition, from, ...rest);
  };
  expect(await heal(consumer)).toEqual({ behind: left, left: 0 });
  for (const [partition, from] of starts.entries())
    if (from !== undefined) expect(from).toBe(heads[partition]);
  await expectCounted();
});

test('what Kafka has deleted is in the ledger as lost, without waiting for an event', async () => {
  const { config, admin, open, heal, reader } = await setUp();
  await admin.fetchTopicOffsets(config.kafka.eventsTopic);
  const partition = 1;
  await admin.deleteTopicRecords({
    topic: config.kafka.eventsTopic,
    partitions: [{ partition, offset: '7' }],
  });
  const consumer = open();
  expect(await heal(consumer)).toEqual({ behind: PARTITIONS, left: 0 });
  expect((await ledgerOf(reader)).get('lost:0-6')).toBe(7);
  expect(consumer.gaps.filter((gap) => gap.lost)).toEqual([{ partition, from: 0, to: 7, lost: true }]);
});

test('a batch that fills the same gap at the same time: counted once, and read once from where they meet', async () => {
  const { open, heal, records, expectCounted } = await setUp();
  const [healer, live] = [open(), open()];
  let handed = 0;
  let met: Promise<unknown> | undefined;
  inParts(healer, 4, async () => {
    if (handed++ === 0) return;
    // All partitions, before the healer goes on with any.
    met ??= Promise.all(records.map((some) => live.apply(some.slice(-1))));
    await met;
  });
  expect((await heal(healer)).behind).toBe(PARTITIONS);
  expect(met).toBeDefined();
  await expectCounted();
  // Of each partition one part that was applied already told it so; of the first one, another one before.
  expect(handed).toBeLessThanOrEqual(PARTITIONS + 1);
});

test('the marker of a transaction at the end of a log leaves no shard behind for ever', async () => {
  const { config, redis, heal, records, reader, open, fetchOffsets } = await setUp();
  // What shards tell each other of orders would stand behind the ends that are compared here.
  const consumer = open({ forward: async () => {} });
  for (const some of records) await consumer.apply(some);
  const writer = await FencedProducer.open(config.kafka, `${config.kafka.eventsTopic}-copy`, 10_000);
  const event = { ...events[0]!, id: 'in-a-transaction' };
  const message = { key: userKey(event), value: JSON.stringify(event) };
  await writer.commit((transaction) =>
    transaction.send({ topic: config.kafka.eventsTopic, messages: [message] }),
  );
  await writer.close();
  const ends = async () =>
    (await fetchOffsets()).toSorted((a, b) => a.partition - b.partition).map(({ high }) => high);
  const heads = async () => (await reader.heads()).map(({ next }) => next);
  const [record] = recordsOf([event], PARTITIONS).flat();
  const home = record!.partition;
  const offset = records[home]!.length;
  // Brokers mark a transaction as committed a moment after they have said so.
  await waitFor('the marker', async () => (await ends())[home] === offset + 2);
  await consumer.apply([{ ...record!, offset }]);
  expect((await ends())[home]! - (await heads())[home]!).toBe(1);

  // As long as the end moves, the group may be on its way to it.
  const stood = (ms: number) => async () =>
    (await fetchOffsets()).map((end) => ({ ...end, earlier: [{ high: end.high, at: Date.now() - ms }] }));
  expect(await heal(consumer, stood(20_000))).toEqual({ behind: 0, left: 0 });
  expect((await ends())[home]! - (await heads())[home]!).toBe(1);
  expect(await heal(consumer, stood(40_000))).toEqual({ behind: 0, left: 0 });
  expect(await heads()).toEqual(await ends());

  await loseAll(redis);
  expect((await heal(consumer, stood(40_000))).left).toBe(0);
  expect(await heads()).toEqual(await ends());
});

test("one partition that can't be filled does not hold up the others", async () => {
  const { open, heal, reader } = await setUp();
  const consumer = open();
  const { readRange } = consumer.context;
  consumer.context.readRange = (partition, ...rest) =>
    partition === 1 ? Promise.reject(new Error('Kafka is away')) : readRange(partition, ...rest);
  await expect(heal(consumer)).rejects.toThrow('Kafka is away');
  const heads = await reader.heads();
  expect(heads.map(({ next }) => next > 0)).toEqual([true, false, true]);
});

describe("a batch that can't be applied in time", () => {
  test('is committed up to the end of a chunk, and the rest is done when it comes again', async () => {
    const config = await freshConfig({ partitions: 1, sites: hardSites });
    const { reader } = openReader(config);
    const consumer = openConsumer(config);
    // Enough for several chunks.
    const now = Date.now();
    const long = Array.from(
      { length: 3_000 },
      (_, i): FootfallEvent => ({
        ...{ v: EVENT_VERSION, id: `id-${i}`, site: hardSites[0]!.id, user: `user-${i}`, name: 'view_item' },
        ...{ ts: now, received: now, items: [{ id: `product-${i}`, quantity: 1 }] },
      }),
    );
    const records = recordsOf(long, 1)[0]!;
    let chunks = 0;
    consumer.context.remainingMs = () => (chunks++ < 1 ? 60_000 : 1_000);
    await expect(consumer.apply(records)).rejects.toMatchObject({ code: 'out_of_time' });
    const [{ next } = { next: 0 }] = await reader.heads();
    expect([next > 0, next < records.length]).toEqual([true, true]);
    const outcomes = async () =>
      [...(await ledgerOf(reader)).values()].reduce((sum, count) => sum + count, 0);
    expect(await outcomes()).toBe(next);
    consumer.context.remainingMs = () => 60_000;
    await consumer.apply(records);
    expect(await outcomes()).toBe(records.length);
    // Nothing of it is left to do, for which there is always time.
    consumer.context.remainingMs = () => 1_000;
    await consumer.apply(records);
    expect(await outcomes()).toBe(records.length);
  });

  test('without time for anything changes nothing', async () => {
    const { open, records, reader } = await setUp();
    const consumer = open();
    consumer.context.remainingMs = () => 500;
    await expect(consumer.apply(records[0]!)).rejects.toMatchObject({ code: 'out_of_time' });
    expect((await reader.heads())[0]!.next).toBe(0);
  });
});
