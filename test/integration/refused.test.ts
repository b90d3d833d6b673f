import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import { LetterWindow, type OffsetRange } from '../../shared/dead-letters/letter-window.ts';
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
    open: (options?: ConstructorParameters<typeof KnownLetters>[1]) => {
      const known = closing(new KnownLetters(kafka, options), (one) => one.close());
      const of = async (partition: number, range: OffsetRange = { from: 0, to: 100 }) => {
        await known.catchUp();
        return known.of(partition, range);
      };
      return { known, of };
    },
  };
}

const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

test('dead letters are read once for all partitions, and then only new ones', async () => {
  const { letterOf, publish, open } = await setUp();
  const ranges: number[][] = [];
  const refused = open({
    read: (kafka, partition, from, to, ...rest) => {
      ranges.push([from, to]);
      return readRange(kafka, partition, from, to, ...rest);
    },
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
  const refused = open({
    read: (kafka, partition, from, to, apply, topic) => {
      starts.push(from);
      const half = async (records: Parameters<typeof apply>[0]) => {
        await apply(records.slice(0, 4));
        throw new Error('Kafka is away');
      };
      return readRange(kafka, partition, from, to, starts.length === 1 ? half : apply, topic);
    },
  });
  await publish(all.slice(0, 10).map((partition) => letterOf(partition, 7)));
  await expect(refused.of(0)).rejects.toThrow('Kafka is away');
  for (const partition of all.slice(0, 10))
    expect((await refused.of(partition))({ offset: 7, timestamp: TIME + 7 })).toBeDefined();
  expect(starts).toEqual([0, 4]);
});

describe('with more letters than fit into memory', () => {
  const COUNT = 300;
  const MOST = 100;
  const STEP = 10;

  /** Reads the letters of partitions in steps, as a refill does. */
  async function expectAll(
    { known, of }: ReturnType<Awaited<ReturnType<typeof setUp>>['open']>,
    partitions: readonly number[],
  ) {
    for (const partition of partitions) {
      for (let from = 0; from < COUNT; from += STEP) {
        const is = await of(partition, { from, to: from + STEP });
        for (let offset = from; offset < from + STEP; offset++) {
          expect(is({ offset, timestamp: TIME + offset })).toMatchObject({ reason: 'unknown_site' });
        }
        expect(is({ offset: COUNT, timestamp: TIME + COUNT })).toBeUndefined();
        expect(known.size).toBeLessThanOrEqual(MOST);
      }
    }
  }

  test('all are found, also by several readers, and memory stays below the limit', async () => {
    const { letterOf, publish, open } = await setUp();
    // Some twice, as after a crash, and not in the order of their offsets.
    const offsets = Array.from({ length: COUNT }, (_, i) => i);
    const letters = [...offsets, ...offsets.slice(50, 90)].flatMap((offset) =>
      [1, 2, 3].map((partition) => letterOf(partition, (offset * 7) % COUNT)),
    );
    await publish(letters);
    const refused = open({ most: MOST });
    await expectAll(refused, [1, 2]);
    await Promise.all([expectAll(refused, [3]), expectAll(refused, [1]), expectAll(refused, [2])]);
    // What is added meanwhile is found, too.
    await publish([letterOf(1, COUNT)]);
    const is = await refused.of(1, { from: COUNT, to: COUNT + 1 });
    expect(is({ offset: COUNT, timestamp: TIME + COUNT })).toBeDefined();
  });

  test('a reading that fails continues where it was', async () => {
    const { letterOf, publish, open } = await setUp();
    await publish(Array.from({ length: COUNT }, (_, offset) => letterOf(1, offset)));
    const starts: number[] = [];
    const refused = open({
      most: MOST,
      read: (kafka, partition, from, to, apply, topic) => {
        starts.push(from);
        const half = async (records: Parameters<typeof apply>[0]) => {
          await apply(records.slice(0, 40));
          throw new Error('Kafka is away');
        };
        return readRange(kafka, partition, from, to, starts.length === 2 ? half : apply, topic);
      },
    });
    const range = { from: 200, to: 210 };
    await expect(refused.of(1, range)).rejects.toThrow('Kafka is away');
    const is = await refused.of(1, range);
    expect(is({ offset: 205, timestamp: TIME + 205 })).toBeDefined();
    expect(starts).toEqual([0, 0, 40]);
  });
});

test('a million letters take less than 60 MB', () => {
  const window = new LetterWindow();
  const before = process.memoryUsage();
  for (let offset = 0; offset < 1_000_000; offset++)
    window.add({ offset, timestamp: TIME, reason: 'too_late' });
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - before.arrayBuffers + (after.heapUsed - before.heapUsed);
  expect(grown).toBeLessThan(60e6);
  expect(window.slice({ from: 999_999, to: 1_000_000 })(999_999)).toMatchObject({ timestamp: TIME });
});
