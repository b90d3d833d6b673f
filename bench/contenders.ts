import type { ApplyContext } from '../shared/aggregate/apply-context.ts';
import { applyRecords } from '../shared/aggregate/apply-records.ts';
import { CommitWindow } from '../shared/aggregate/commit-window.ts';
import { TimeBudget } from '../shared/aggregate/time-budget.ts';
import type { FootfallEvent } from '../shared/event/event.ts';
import { firstGeneration } from '../shared/generations/generation.ts';
import type { KafkaRecord } from '../shared/platform/kafka/record.ts';
import type { RedisClient } from '../shared/platform/redis/connection.ts';
import { ShardStore } from '../shared/shard/shard-store.ts';
import { type Site, Sites } from '../shared/sites/site.ts';
import { fixedSites } from '../shared/sites/source.ts';

/** Processes all payloads, partition by partition, as fast as possible. */
export type Contender = (payloads: readonly string[][]) => Promise<void>;

const recordsOf = (payload: string) =>
  Object.values((JSON.parse(payload) as { records: Record<string, KafkaRecord[]> }).records)[0]!;

const eventOf = (record: KafkaRecord) =>
  JSON.parse(Buffer.from(record.value ?? '', 'base64').toString('utf8')) as FootfallEvent;

/**
 * Parses outer JSON, base64 and inner JSON, and nothing else: a lower bound for every program that reads the
 * events.
 */
export const decodeFloor: Contender = async (payloads) => {
  for (const payload of payloads.flat()) {
    for (const record of recordsOf(payload)) eventOf(record);
  }
};

/** Passes on the payloads one by one, as a Lambda container gets its invocations. */
async function eachInvocation(
  payloads: readonly string[][],
  apply: (records: KafkaRecord[]) => Promise<unknown>,
): Promise<void> {
  for (const payload of payloads.flat()) await apply(recordsOf(payload));
}

/** What the aggregate function does with an invocation. */
export function aggregate(redis: RedisClient, sites: Site[], partitions: number): Contender {
  const apply = applyBatches(redis, sites, partitions, 'events');
  return (payloads) => eachInvocation(payloads, apply);
}

/** The same with records that are decoded already. */
export function applyBatches(
  redis: RedisClient,
  sites: Site[],
  partitions: number,
  eventsTopic: string,
  forward: ApplyContext['forward'] = () => Promise.reject(new Error('The benchmark has no sign-ins.')),
): (records: KafkaRecord[]) => Promise<unknown> {
  const unexpected = (what: string) => () => Promise.reject(new Error(`The benchmark has no ${what}.`));
  const context: ApplyContext = {
    store: new ShardStore(redis, firstGeneration({ eventsTopic, partitions })),
    sites: fixedSites(new Sites(sites)),
    partitions,
    forward,
    publishDeadLetters: unexpected('dead letters'),
    restoreFunnels: async () => {},
    firstOffset: unexpected('gaps'),
    readRange: unexpected('gaps'),
    refusedBefore: unexpected('gaps'),
    onGap: () => {},
    onRefilled: () => {},
    budget: new TimeBudget(),
    commits: new CommitWindow(),
    remainingMs: () => Infinity,
  };
  return (records) => applyRecords(records, context);
}

/**
 * The program that Footfall grew out of: four awaited commands for each event, not atomic, without
 * deduplication.
 */
export function fourCommands(redis: RedisClient): Contender {
  return (payloads) =>
    eachInvocation(payloads, async (records) => {
      for (const record of records) {
        const event = eventOf(record);
        await redis.hincrby('original:engagement', event.user, 1);
        await redis.hincrby('original:frequency', event.name, 1);
        await redis.zincrby('original:popular', 1, event.items?.[0]?.id ?? '-');
        await redis.rpush(`original:user:${event.user}`, JSON.stringify(event));
      }
    });
}

/** KEYS: ids of the user, engagement, frequency, popular, timeline; ARGV: id, user, name, product, event. */
const ONE_EVENT = `
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
redis.call('ZINCRBY', KEYS[4], 1, ARGV[4])
redis.call('RPUSH', KEYS[5], ARGV[5])
return 1`;

/** One atomic script call for each event, with deduplication; the calls of an invocation share a pipeline. */
export function oneScript(redis: RedisClient): Contender {
  redis.defineCommand('applyOne', { lua: ONE_EVENT, numberOfKeys: 5 });
  return (payloads) =>
    eachInvocation(payloads, async (records) => {
      const pipeline = redis.pipeline() as ReturnType<RedisClient['pipeline']> & {
        applyOne(...args: string[]): unknown;
      };
      for (const record of records) {
        const event = eventOf(record);
        const { id, user, name } = event;
        const keys = [`script:ids:${user}`, 'script:engagement', 'script:frequency', 'script:popular'];
        pipeline.applyOne(
          ...keys,
          `script:user:${user}`,
          id,
          user,
          name,
          event.items?.[0]?.id ?? '-',
          JSON.stringify(event),
        );
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    });
}
