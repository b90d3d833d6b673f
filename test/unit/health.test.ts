import { firstGeneration, PerGeneration, wrongPartitions } from '../../shared/generations/generation.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { logger } from '../../shared/platform/observe/observe.ts';
import { healthOf } from '../../shared/status/health.ts';
import { healingOf, readSystemStatus, type SystemStatus } from '../../shared/status/system-status.ts';
import { analyticsRoutes } from '../support/routes.ts';

beforeAll(() => logger.setLogLevel('SILENT'));
afterAll(() => logger.setLogLevel('INFO'));

const freshness = { as_of: '', applied: 9, lag_events: 0, lag_ms: 0, complete: true };
const well: SystemStatus = {
  kafka: true,
  redis: true,
  freshness,
  lost: 0,
  ahead: 0,
  healing: { partitions: 0, recordsLeft: 0, shareDone: 1 },
  deadLetters: 0,
  memory: 41.72,
};

test.each<[string, Partial<SystemStatus>, string, string[]]>([
  ['all is well', {}, 'ok', []],
  ['a batch is on its way', { freshness: { ...freshness, lag_events: 5, lag_ms: 2_000 } }, 'ok', []],
  ['a minute late', { freshness: { ...freshness, lag_events: 5, lag_ms: 61_000 } }, 'degraded', ['behind']],
  [
    'late by an unknown time',
    { freshness: { ...freshness, lag_events: 5, lag_ms: null } },
    'degraded',
    ['behind'],
  ],
  ['something is lost', { lost: 3 }, 'degraded', ['lost']],
  ['healing', { healing: { partitions: 1, recordsLeft: 4, shareDone: 0.5 } }, 'degraded', ['healing']],
  ['the topic was made again', { ahead: 2, lost: 1 }, 'unavailable', ['ahead', 'lost']],
  ['Redis is full', { memory: 100 }, 'degraded', ['redis_full']],
  ['Redis is nearly full', { memory: 99.9 }, 'ok', []],
  ['Redis does not say how full it is', { memory: undefined }, 'ok', []],
  ['Redis is down', { redis: false, freshness: undefined, lost: undefined }, 'unavailable', ['redis_down']],
  ['Kafka is down', { kafka: false, ahead: undefined }, 'unavailable', ['kafka_down']],
  [
    'dead letters are not counted, and the group is unknown',
    { deadLetters: undefined, healing: undefined },
    'ok',
    [],
  ],
])('%s', (_, condition, status, reasons) => {
  expect(healthOf({ ...well, ...condition })).toMatchObject({ status, reasons });
});

test('the share of its memory that Redis uses is told to a tenth, where it has a limit', () => {
  const told = (memory: number | undefined) => healthOf({ ...well, memory }).redis_memory_percent;
  expect([41.72, 0, undefined].map(told)).toEqual([41.7, undefined, undefined]);
});

const shard = (partition: number, next: number) => ({
  ...{ partition, next, version: 1, timestamp: 0, arrived: {}, sent: {} },
});
const log = (partition: number, low: number, high: number) => ({ partition, low, high });

test('what Redis has lost is what its group had committed, as far as Kafka has it', () => {
  const offsets = [log(0, 0, 100), log(1, 50, 100), log(2, 0, 100), log(3, 0, 100)];
  const committed = new Map([
    [0, 100],
    [1, 90],
    [2, 80],
  ]);
  // Nothing of 0 and 1 is left, 2 is ahead of its group, and of 3 nothing was committed.
  const healing = healingOf([shard(0, 0), shard(1, 0), shard(2, 90), shard(3, 10)], offsets, committed);
  expect(healing).toEqual({ partitions: 2, recordsLeft: 140, shareDone: 80 / 220 });
  const half = healingOf([shard(0, 75), shard(1, 90), shard(2, 90), shard(3, 10)], offsets, committed);
  expect(half).toEqual({ partitions: 1, recordsLeft: 25, shareDone: 195 / 220 });
  const none = healingOf([shard(0, 100), shard(1, 90), shard(2, 80), shard(3, 0)], offsets, committed);
  expect(none).toEqual({ partitions: 0, recordsLeft: 0, shareDone: 1 });
});

test('a configuration with another number of partitions is an error, not an outage', async () => {
  const place = { eventsTopic: 'events', partitions: 8 };
  const other = firstGeneration({ ...place, partitions: 16 });
  const store = {
    heads: async () => Promise.reject(wrongPartitions(other, place)),
    lostRecords: async () => 0,
  };
  const asked = readSystemStatus({ store, fetchOffsets: async () => [] });
  await expect(asked).rejects.toMatchObject({ code: 'wrong_partitions', status: 500 });

  const ready = (error: FootfallError) => {
    const sources = { generations: () => Promise.reject(error) };
    const contexts = new PerGeneration(sources, place, () => ({ store }) as never);
    return analyticsRoutes(contexts)
      .find(({ path }) => path === '/v1/health/ready')!
      .handler({} as never);
  };
  const bad = new FootfallError('bad_generations', 500, 'The record of generations cannot be read.');
  await expect(ready(bad)).rejects.toBe(bad);
});

test('it is told in time although Kafka never answers', async () => {
  const never = () => new Promise<never>(() => {});
  const store = { heads: async () => [shard(0, 5)], lostRecords: async () => 0 };
  const condition = await readSystemStatus({
    store,
    fetchOffsets: never,
    fetchCommitted: never,
    countDeadLetters: never,
  });
  expect(condition).toMatchObject({ kafka: false, redis: true, lost: 0 });
  expect([condition.ahead, condition.healing, condition.deadLetters]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
