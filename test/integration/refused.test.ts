import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import { publishDeadLetters } from '../../shared/dead-letters/letter-writer.ts';
import type { DeadLetter } from '../../shared/event/decode.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';

const PARTITIONS = 16;
const TIME = Date.UTC(2026, 10, 1);

async function setUp() {
  const { kafka } = await freshConfig({ partitions: PARTITIONS });
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const letterOf = (partition: number, offset: number, topic = kafka.eventsTopic): DeadLetter => ({
    record: { topic, partition, offset, timestamp: TIME + offset, value: '' },
    ...{ reason: 'unknown_site', detail: 'No site has this id.' },
  });
  return {
    kafka,
    letterOf,
    publish: (letters: DeadLetter[]) => publishDeadLetters(producer, kafka.dlqTopic, letters),
    open: (read = readRange) => closing(new KnownLetters(kafka, read), (one) => one.close()),
  };
}

const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

test('dead letters are read once for all partitions, and then only new ones', async () => {
  const { letterOf, publish, open } = await setUp();
  const ranges: number[][] = [];
  const refused = open((kafka, partition, from, to, ...rest) => {
    ranges.push([from, to]);
    return readRange(kafka, partition, from, to, ...rest);
  });
  await publish(all.map((partition) => letterOf(partition, 7)));
  await publish([letterOf(3, 9, 'another-topic')]);
  const asked = await Promise.all(all.map((partition) => refused.of(partition)));
  for (const is of asked) {
    expect(is({ offset: 7, timestamp: TIME + 7 })).toMatchObject({ reason: 'unknown_site' });
    expect(is({ offset: 9, timestamp: TIME + 9 })).toBeUndefined();
    // The letter was there before the topic was recreated.
    expect(is({ offset: 7, timestamp: TIME + 8 })).toBeUndefined();
  }
  await publish([letterOf(5, 8)]);
  expect((await refused.of(5))({ offset: 8, timestamp: TIME + 8 })).toBeDefined();
  expect((await refused.of(6))({ offset: 7, timestamp: TIME + 7 })).toBeDefined();
  expect(ranges).toEqual([
    [0, 17],
    [17, 18],
  ]);
});

test('a failed read continues where it was', async () => {
  const { letterOf, publish, open } = await setUp();
  const starts: number[] = [];
  const refused = open((kafka, partition, from, to, apply, topic) => {
    starts.push(from);
    const half = async (records: Parameters<typeof apply>[0]) => {
      await apply(records.slice(0, 4));
      throw new Error('Kafka is away');
    };
    return readRange(kafka, partition, from, to, starts.length === 1 ? half : apply, topic);
  });
  await publish(all.slice(0, 10).map((partition) => letterOf(partition, 7)));
  await expect(refused.of(0)).rejects.toThrow('Kafka is away');
  for (const partition of all.slice(0, 10))
    expect((await refused.of(partition))({ offset: 7, timestamp: TIME + 7 })).toBeDefined();
  expect(starts).toEqual([0, 4]);
});
