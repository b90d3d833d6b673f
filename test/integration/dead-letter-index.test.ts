import { DeadLetterIndex, openLetters } from '../../shared/dead-letters/letter-index.ts';
import { type ActionKind, letterKeyOf } from '../../shared/dead-letters/letter-record.ts';
import { LetterTopic } from '../../shared/dead-letters/letter-topic.ts';
import { LetterWriter, publishDeadLetters } from '../../shared/dead-letters/letter-writer.ts';
import type { DeadLetter } from '../../shared/event/decode.ts';
import { DEAD_LETTER_REASONS } from '../../shared/event/outcome.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { makeTopicLike } from '../../shared/platform/kafka/topics.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { closing } from '../support/closing.ts';
import { callsByCommand, resetCalls } from '../support/commands.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openReader } from '../support/reader.ts';
import { loseAll } from '../support/redis-data.ts';

const START = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;

async function openIndex(maxLetters?: number) {
  const { kafka, redis: where } = await freshConfig();
  const { redis } = openReader({ kafka, redis: where });
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const index = new DeadLetterIndex(redis, maxLetters);
  const topic = closing(new LetterTopic(kafka, index), (one) => one.close());
  const publish = (letters: DeadLetter[]) => publishDeadLetters(producer, kafka.dlqTopic, letters);
  /** What administrators do with letters, in one transaction. */
  const settle = async (letters: readonly DeadLetter[], action: ActionKind = 'discard') => {
    const writer = await LetterWriter.open(kafka);
    await writer.write(
      letters.map(({ record, reason }) => ({
        action: {
          ...{ letter: letterKeyOf(record), action, at: START, by: 'installation' },
          ...{ reason, timestamp: record.timestamp },
        },
      })),
    );
    await writer.close();
    // Once another one is open, readers see what this one has committed.
    await (await LetterWriter.open(kafka)).close();
  };
  return { index, topic, redis, publish, settle };
}

/** One letter a minute over ten days, of three sites and of none, with all reasons. */
const letterOf = (i: number): DeadLetter => {
  const site = ['a', 'b', 'c|c', undefined][i % 4];
  const value = site === undefined ? 'no json' : JSON.stringify({ site, name: 'purchase', received: START });
  const record: KafkaRecord = {
    ...{ topic: 'events', partition: i % 3, offset: i, timestamp: START + i * MINUTE },
    value: Buffer.from(value).toString('base64'),
  };
  return { record, reason: DEAD_LETTER_REASONS[i % 7]!, detail: 'It is so.' };
};

const COUNT = 10_000;

test('ten thousand letters are listed once each, also after repeats, and every page costs the same', async () => {
  const { index, topic, redis, publish } = await openIndex();
  const all = Array.from({ length: COUNT }, (_, i) => letterOf(i));
  const costs = async () => {
    await resetCalls(redis);
    const page = await index.page({}, { order: 'newest', limit: 100 });
    const of = await index.page({ site: 'c|c', reason: 'too_late' }, { order: 'newest', limit: 100 });
    await index.counts({});
    await openLetters(redis);
    const { info: _, config: __, ...calls } = await callsByCommand(redis);
    return { page, of, calls };
  };
  await publish(all.slice(0, 100));
  await topic.catchUp();
  const few = await costs();
  // Published once more, as after a crash before the commit or a refill.
  await publish(all.slice(50, 100));
  await publish(all.slice(100));
  await publish(all.slice(0, 2_000));
  await topic.catchUp();
  const many = await costs();
  expect(many.calls).toEqual(few.calls);
  expect(many.page.map(({ at }) => (at - START) / MINUTE)).toEqual(
    Array.from({ length: 100 }, (_, i) => COUNT - 1 - i),
  );
  expect(many.of.every(({ site, reason }) => site === 'c|c' && reason === 'too_late')).toBe(true);
  expect(await index.count({})).toBe(COUNT);
  const counts = await index.counts({});
  expect(counts.reduce((sum, { letters }) => sum + letters, 0)).toBe(COUNT);
  expect(counts[0]).toMatchObject({ day: '2026-11-07', status: 'open' });
  expect(counts.filter(({ site }) => site === 'a').reduce((sum, { letters }) => sum + letters, 0)).toBe(
    COUNT / 4,
  );
  expect(await openLetters(redis)).toEqual({ open: COUNT, oldest: START });

  // Pages in both directions have each letter once.
  for (const order of ['newest', 'oldest'] as const) {
    const seen: number[] = [];
    const from = START + 1_000 * MINUTE;
    for (let after: readonly [number, string] | undefined; ; ) {
      const page = await index.page({ from, site: 'b' }, { order, after, limit: 700 });
      if (page.length === 0) break;
      seen.push(...page.map(({ at }) => at));
      after = [page.at(-1)!.at, page.at(-1)!.letter];
    }
    expect(seen).toHaveLength(2_250);
    expect(seen).toEqual([...seen].sort((one, other) => (order === 'oldest' ? one - other : other - one)));
  }

  // With nothing to read: one command to Redis.
  await resetCalls(redis);
  await topic.catchUp();
  const { info: _, config: __, ...idle } = await callsByCommand(redis);
  expect(idle).toEqual({ hmget: 1 });

  // Lost and filled again.
  const before = await index.counts({});
  await loseAll(redis);
  await topic.catchUp();
  expect(await index.counts({})).toEqual(before);
});

test('two processes that fill the index at once, with a loss of Redis in between, list each letter once', async () => {
  const { index, topic, redis, publish } = await openIndex();
  await publish(Array.from({ length: 3_000 }, (_, i) => letterOf(i)));
  await Promise.all([topic.catchUp(), topic.catchUp(), loseAll(redis)]);
  await topic.catchUp();
  expect(await index.count({})).toBe(3_000);
  expect((await index.counts({})).reduce((sum, { letters }) => sum + letters, 0)).toBe(3_000);
});

/** Letters of one site, a minute apart. */
const lettersOf = (site: string, count: number, first = 0, reason: DeadLetter['reason'] = 'too_late') =>
  Array.from({ length: count }, (_, i): DeadLetter => {
    const offset = first + i;
    const value = Buffer.from(JSON.stringify({ site, name: 'purchase' })).toString('base64');
    const record = { topic: 'events', partition: 0, offset, timestamp: START + offset * MINUTE, value };
    return { record, reason, detail: 'It is so.' };
  });

const sumOf = (counts: readonly { letters: number; dropped: number }[], name: 'letters' | 'dropped') =>
  counts.reduce((sum, one) => sum + one[name], 0);

describe('a site with more letters than the index keeps', () => {
  test('pushes out only its own, the oldest first, and what went is counted', async () => {
    const { index, topic, redis, publish } = await openIndex(1_000);
    await publish(lettersOf('small', 10));
    await publish(lettersOf('large', 2_500, 100));
    await topic.catchUp();
    expect(await index.count({ site: 'small' })).toBe(10);
    const kept = await index.page({ site: 'large' }, { order: 'oldest', limit: 5_000 });
    expect(kept.map(({ letter }) => letter)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => `events-0-${1_600 + i}`),
    );
    expect(await redis.hlen(keys.letters)).toBe(1_010);
    expect(await redis.zcard(keys.letterLists)).toBe(4 * 1_010);
    const counts = await index.counts({ site: 'large' });
    expect([sumOf(counts, 'letters'), sumOf(counts, 'dropped')]).toEqual([1_000, 1_500]);
    expect(sumOf(await index.counts({ site: 'small' }), 'dropped')).toBe(0);
    const fields = await redis.hlen(keys.letterCounts);
    await topic.trim();
    expect(await redis.hlen(keys.letterCounts)).toBeLessThan(fields);
    expect(await index.counts({ site: 'large' })).toEqual(counts);
  });

  test('loses settled letters before open ones', async () => {
    const { index, topic, settle, publish } = await openIndex(1_000);
    await publish(lettersOf('shop', 1_000));
    // The newest ones are settled.
    await settle(lettersOf('shop', 300, 700));
    await publish(lettersOf('shop', 400, 1_000));
    await topic.catchUp();
    expect(await index.count({ statuses: ['open'] })).toBe(1_000);
    const open = await index.page({}, { order: 'oldest', limit: 1 });
    expect(open[0]!.letter).toBe('events-0-100');
    const counts = await index.counts({});
    const droppedAs = (status: string) =>
      sumOf(
        counts.filter((one) => one.status === status),
        'dropped',
      );
    expect([droppedAs('discarded'), droppedAs('open')]).toEqual([300, 100]);
  });

  test('is the same after Redis has lost the index', async () => {
    const { index, topic, redis, settle, publish } = await openIndex(500);
    await publish(lettersOf('shop', 700));
    await settle(lettersOf('shop', 100, 600));
    await publish(lettersOf('shop', 50, 700));
    await topic.catchUp();
    const before = await index.page({}, { order: 'oldest', limit: 1_000 });
    const counts = await index.counts({});
    await loseAll(redis);
    await topic.catchUp();
    expect(await index.page({}, { order: 'oldest', limit: 1_000 })).toEqual(before);
    expect(await index.counts({})).toEqual(counts);
  });
});

test('records of sites that do not exist share the limit of one', async () => {
  const { index, topic, publish } = await openIndex(100);
  await publish(lettersOf('shop', 100));
  for (let i = 0; i < 30; i++) await publish(lettersOf(`made-up-${i}`, 10, 1_000 + i * 10, 'unknown_site'));
  await topic.catchUp();
  expect(await index.count({ reason: 'unknown_site' })).toBe(100);
  expect(await index.count({ site: 'shop' })).toBe(100);
  const counts = (await index.counts({ reason: 'unknown_site' })).filter(({ dropped }) => dropped > 0);
  expect(counts.map(({ site }) => site)).toEqual([undefined]);
  expect(sumOf(counts, 'dropped')).toBe(200);
});

test('a replay in progress is not pushed out', async () => {
  const { index, topic, settle, publish } = await openIndex(10);
  await publish(lettersOf('shop', 10));
  await settle(lettersOf('shop', 1), 'replay');
  await publish(lettersOf('shop', 20, 10));
  await topic.catchUp();
  expect(await index.page({ statuses: ['replaying'] }, { order: 'oldest', limit: 9 })).toHaveLength(1);
  expect(await index.count({})).toBe(10);
});

test('an index of an earlier version, which knows no owners, is filled again', async () => {
  const { index, topic, redis, publish } = await openIndex();
  await publish(lettersOf('shop', 5));
  await topic.catchUp();
  await redis.zremrangebylex(keys.letterLists, '[b|', '(b|~');
  await topic.trim();
  await topic.catchUp();
  expect(await index.count({ site: 'shop' })).toBe(5);
  expect(await redis.zcard(keys.letterLists)).toBe(4 * 5);
});

test('a recreated topic is read from its beginning, and foreign records are skipped', async () => {
  const { index, topic, redis, publish } = await openIndex();
  await publish([letterOf(0), letterOf(1)]);
  await topic.catchUp();
  await redis.hset(keys.letterHead(0), 'next', 1_000);
  await redis.hset(keys.letters, 'events-9-9', '{}');
  await topic.catchUp();
  expect(await index.count({})).toBe(2);
  expect(await redis.hlen(keys.letters)).toBe(2);
  // The same offset in another events topic is another record.
  const { record, ...rest } = letterOf(0);
  await publish([{ ...rest, record: { ...record, timestamp: record.timestamp + 1 } }]);
  await topic.catchUp();
  expect(await index.count({})).toBe(2);
  expect((await index.entries(['events-0-0'])).get('events-0-0')).toMatchObject({
    at: START + 1,
    status: 'open',
  });
});

test('a topic with several partitions is refused with advice', async () => {
  const config = await freshConfig();
  const kafka = { ...config.kafka, dlqTopic: `${config.kafka.dlqTopic}-2` };
  await makeTopicLike(kafka, { topic: kafka.dlqTopic, partitions: 2 });
  const { redis } = openReader(config);
  const topic = closing(new LetterTopic(kafka, new DeadLetterIndex(redis)), (one) => one.close());
  await expect(topic.catchUp()).rejects.toMatchObject({
    code: 'bad_dead_letters_topic',
    message: expect.stringContaining(`${kafka.dlqTopic} has 2 partitions but must have exactly one`),
  });
});
