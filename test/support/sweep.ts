import { CartClaims } from '../../shared/carts/cart-claims.ts';
import type { CartAbandoned } from '../../shared/carts/signal.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { type ConnectionOptions, connectRedis } from '../../shared/platform/redis/connection.ts';
import { MINUTE_MS } from '../../shared/platform/time.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { type SweepContext, type Swept, sweep } from '../../shared/sweep/sweep-shards.ts';
import { closing } from './closing.ts';
import { openConsumer } from './consumer.ts';
import { freshConfig, type TestConfig } from './fresh-config.ts';
import { openReader } from './reader.ts';
import { keyNames } from './redis-data.ts';

const shop = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 3 });
const outlet = siteSchema.parse({ id: 'outlet' });
export const PARTITIONS = 2;
/** When the tests of a file began, ms. */
export const now = Date.now();

type Writer = Awaited<ReturnType<SweepContext['openWriter']>>;

/** What a sweep works with, in a process of its own, through a proxy when a `redisUrl` is given. */
export function contextOf(
  config: TestConfig,
  options: ConnectionOptions = {},
  redisUrl = config.redis.url,
): SweepContext {
  const redis = closing(
    connectRedis({ ...config.redis, url: redisUrl }, { enableAutoPipelining: true, ...options }),
    (one) => one.disconnect(),
  );
  return {
    claims: new CartClaims(redis, firstGeneration(config.kafka)),
    trimmer: new Trimmer(redis, firstGeneration(config.kafka)),
    openWriter: () => SignalWriter.open(config.kafka),
    takeOver: async () => {},
    sites: config.sites,
    partitions: PARTITIONS,
    cartAbandonedMinutes: 60,
  };
}

/** The same context with a writer that does something else instead of publishing. */
export function publishing(
  context: SweepContext,
  publish: (publish: Writer['publish'], ...args: Parameters<Writer['publish']>) => Promise<void>,
): SweepContext {
  return {
    ...context,
    openWriter: async () => {
      const writer = await context.openWriter();
      return {
        placeOf: writer.placeOf.bind(writer),
        published: writer.published.bind(writer),
        close: writer.close.bind(writer),
        publish: (signals) => publish(writer.publish.bind(writer), signals),
      };
    },
  };
}

/**
 * The sites `shop` and `outlet` on topics and a database of their own.
 * @param oneServer for a test with a proxy before Redis
 */
export async function setUpSweep({ oneServer = false } = {}) {
  const config = await freshConfig({ partitions: PARTITIONS, sites: [shop, outlet], oneServer });
  const { redis, reader } = openReader(config);
  const consumer = openConsumer(config);
  const next = Array.from({ length: PARTITIONS }, () => 0);
  const { kafka } = config;
  const context = contextOf(config);

  /** Counts events in their order. */
  const apply = async (...events: FootfallEvent[]) => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = events
        .filter((event) => partitionOf(userKey(event), PARTITIONS) === partition)
        .map(
          (event): KafkaRecord => ({
            topic: kafka.eventsTopic,
            partition,
            offset: next[partition]!++,
            timestamp: event.received,
            key: Buffer.from(userKey(event)).toString('base64'),
            value: Buffer.from(JSON.stringify(event)).toString('base64'),
          }),
        );
      if (records.length > 0) await consumer.apply(records);
    }
  };

  /** All signals that a reader of committed records sees. */
  const signals = async (): Promise<CartAbandoned[]> => {
    // A commit is visible a moment later. A new writer opens only after that.
    await (await context.openWriter()).close();
    const offsets = new TopicOffsets({ ...kafka, eventsTopic: kafka.signalsTopic });
    const ends = await offsets.fetch().finally(() => offsets.close());
    const found: CartAbandoned[] = [];
    for (const { partition, high } of ends) {
      if (high === 0) continue;
      const take = async (records: KafkaRecord[]) => {
        for (const { key, value } of records) {
          const signal: CartAbandoned = JSON.parse(Buffer.from(value!, 'base64').toString());
          expect(Buffer.from(key!, 'base64').toString()).toBe(userKey(signal));
          expect(partition).toBe(partitionOf(userKey(signal), PARTITIONS));
          found.push(signal);
        }
      };
      await readRange(kafka, partition, 0, high, take, kafka.signalsTopic);
    }
    return found;
  };

  /** No sweep has left a claim. */
  const expectNoClaims = async () => expect(await keyNames(redis, '*:claim:*')).toEqual([]);
  return { config, redis, reader, apply, signals, expectNoClaims, context };
}

let ids = 0;

/** An event of some minutes ago; by default ana puts two teas of 12.50 into her cart. */
export const event = (minutesAgo: number, fields: Partial<FootfallEvent> = {}): FootfallEvent => ({
  v: EVENT_VERSION,
  id: `e${ids++}`,
  site: 'shop',
  user: 'ana',
  name: 'add_to_cart',
  ts: now - minutesAgo * MINUTE_MS,
  received: now,
  currency: 'EUR',
  items: [{ id: 'tea', quantity: 2, amount: 2_500 }],
  ...fields,
});

/** A user of `shop` in this shard. */
export function userOf(shard: number, name: string): string {
  const names = Array.from({ length: 100 }, (_, i) => `${name}-${i}`);
  return names.find((user) => partitionOf(userKey({ site: 'shop', user }), PARTITIONS) === shard)!;
}

export const usersOf = (signals: readonly CartAbandoned[]) => signals.map(({ user }) => user).sort();

/** Sweeps without a failure, and compares what the sweep says. */
export async function expectSwept(context: SweepContext, expected: Partial<Swept>): Promise<void> {
  expect(await sweep(context)).toMatchObject({ failures: [], ...expected });
}

export class Crash extends Error {}
export const crash = () => Promise.reject(new Crash('crashed'));
