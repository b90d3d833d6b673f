import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { EVENT_VERSION } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { recordOf } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ledgerOf } from '../support/ledger.ts';
import { readMessages } from '../support/read-topic.ts';
import { openReader } from '../support/reader.ts';

const PARTITIONS = 2;
const sites = [siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', lateness_hours: 72 })];
const now = Date.now();
const event = {
  v: EVENT_VERSION,
  id: 'e1',
  site: 'shop',
  user: 'ana',
  name: 'view_item',
  ts: now,
  received: now,
};
const json = (fields: object) => Buffer.from(JSON.stringify({ ...event, ...fields }));
const home = partitionOf('shop:ana', PARTITIONS);
const stranger = Array.from({ length: 20 }, (_, i) => `user-${i}`).find(
  (user) => partitionOf(`shop:${user}`, PARTITIONS) !== home,
);

async function setUp() {
  const config = await freshConfig({ partitions: PARTITIONS, sites });
  return { config, ...openReader(config), consumer: openConsumer(config) };
}

const header = (message: KafkaMessage, name: string) => message.headers?.[name]?.toString();

test('a record that cannot be counted is kept with its bytes and reason, and the rest of the batch is counted', async () => {
  const { config, reader, consumer } = await setUp();
  const poison: [reason: string, value: Buffer][] = [
    ['not_json', Buffer.alloc(0)],
    ['not_json', Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x0a, 0xc3, 0x28])],
    ['not_an_event', Buffer.from('[1,2]')],
    ['not_an_event', json({ ts: 'yesterday' })],
    ['not_an_event', json({ user: '\ud800' })],
    ['unknown_version', json({ v: 99 })],
    ['unknown_site', json({ site: 'nobody' })],
    ['wrong_partition', json({ user: stranger })],
    ['too_late', json({ ts: now - 72 * 3_600_000 - 1 })],
  ];
  const values = poison.flatMap(([, value], i) => [value, json({ id: `good-${i}` })]);
  const records = [...values, json({ id: 'good-0' })].map((value, i) => recordOf(value, home, i));
  expect(await consumer.apply(records)).toMatchObject({ applied: 9, duplicate: 1, deadLettered: 9 });

  const letters = await readMessages(config.kafka, config.kafka.dlqTopic, poison.length);
  expect(letters.map((letter) => header(letter, 'reason'))).toEqual(poison.map(([reason]) => reason));
  for (const [i, letter] of letters.entries()) {
    expect(letter.value).toEqual(poison[i]![1]);
    expect(letter.key?.toString()).toBe(`events-${home}-${2 * i}`);
    expect(header(letter, 'detail')).toMatch(/\w+ .*\.$/);
    expect(['topic', 'partition', 'offset', 'timestamp'].map((name) => header(letter, name))).toEqual([
      'events',
      String(home),
      String(2 * i),
      String(records[2 * i]!.timestamp),
    ]);
  }
  expect(await ledgerOf(reader)).toEqual(
    new Map([
      ['-:deadLettered', 7],
      ['shop:deadLettered', 2],
      ['shop:applied', 9],
      ['shop:duplicate', 1],
    ]),
  );
  expect((await reader.heads())[home]).toMatchObject({ next: records.length });
});

test('a repeated batch with dead letters is neither counted nor kept twice', async () => {
  const { config, reader, consumer } = await setUp();
  const records = [Buffer.from('bad'), json({}), Buffer.from('worse')].map((value, i) =>
    recordOf(value, home, i),
  );
  await consumer.apply(records.slice(0, 2));
  await consumer.apply(records);
  await consumer.apply(records);
  // One more record marks the end of the topic.
  await consumer.apply([recordOf('last', home, 3)]);
  const letters = await readMessages(config.kafka, config.kafka.dlqTopic, 3);
  expect(letters.map(({ value }) => value?.toString())).toEqual(['bad', 'worse', 'last']);
  expect((await ledgerOf(reader)).get('-:deadLettered')).toBe(3);
});

test('a batch is not committed until its dead letters are kept', async () => {
  const { reader, consumer } = await setUp();
  const records = [json({}), Buffer.from('bad')].map((value, i) => recordOf(value, home, i));
  const publish = consumer.context.publishDeadLetters;
  consumer.context.publishDeadLetters = () => Promise.reject(new Error('Kafka is away'));
  await expect(consumer.apply(records)).rejects.toThrow('Kafka is away');
  expect(await ledgerOf(reader)).toEqual(new Map());
  consumer.context.publishDeadLetters = publish;
  expect(await consumer.apply(records)).toMatchObject({ applied: 1, deadLettered: 1 });
});

test('any bytes are kept unchanged in the dead-letter topic', async () => {
  const { config, reader, consumer } = await setUp();
  const [values] = fc.sample(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 300, maxLength: 400 }),
    1,
  );
  const bytes = values!.map((value) => Buffer.from(value)).filter((value) => !/^[{"[\d]/.test(`${value}`));
  await consumer.apply(bytes.map((value, i) => recordOf(value, home, i)));
  const letters = await readMessages(config.kafka, config.kafka.dlqTopic, bytes.length);
  expect(letters.map(({ value }) => value?.toString('hex'))).toEqual(
    bytes.map((value) => value.toString('hex')),
  );
  expect(await ledgerOf(reader)).toEqual(new Map([['-:deadLettered', bytes.length]]));
});

test('more dead letters than fit into a request to Kafka are all kept', async () => {
  const { config, consumer } = await setUp();
  const records = Array.from({ length: 400 }, (_, i) => recordOf(`${i} ${'x'.repeat(10_000)}`, home, i));
  expect(await consumer.apply(records)).toMatchObject({ deadLettered: 400 });
  const letters = await readMessages(config.kafka, config.kafka.dlqTopic, 400);
  expect(letters.map(({ key }) => key?.toString())).toEqual(records.map((_, i) => `events-${home}-${i}`));
});

test('a record near the size limit of Kafka is kept with its reason', async () => {
  const { config, reader, consumer } = await setUp();
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  // Just below message.max.bytes, 1,048,588 bytes with the record's own frame.
  const value = Buffer.alloc(1_048_000, 'x');
  await producer.send(config.kafka.eventsTopic, [{ key: 'shop:ana', value }]);
  await consumer.apply([recordOf(value, home, 0), recordOf(json({}), home, 1)]);
  expect(await ledgerOf(reader)).toEqual(
    new Map([
      ['-:deadLettered', 1],
      ['shop:applied', 1],
    ]),
  );
  const [letter] = await readMessages(config.kafka, config.kafka.dlqTopic, 1);
  expect(header(letter!, 'reason')).toBe('not_json');
});
