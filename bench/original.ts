import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Config } from '../shared/platform/config.ts';
import { kafkaClient } from '../shared/platform/kafka/client.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { connectRedis } from '../shared/platform/redis/connection.ts';

/** A system that takes events over HTTP and answers how many there are of a name. */
export interface Counting {
  /** @throws Error when it does not take them. */
  send(events: readonly object[]): Promise<void>;
  /** How many events there are, by name. */
  count(): Promise<Readonly<Record<string, number>>>;
}

/**
 * The program that Footfall grew out of, as far as it can be compared: a server that hands bodies to Kafka, and a consumer
 * with four awaited commands for each event. Nothing is checked, atomic or deduplicated.
 */
export async function startOriginal(config: Config): Promise<Counting & { stop(): Promise<void> }> {
  const kafka = { ...config.kafka, eventsTopic: `original-${randomUUID()}` };
  await ensureTopics(kafka);
  const server = fork(join(import.meta.dirname, 'collect-child.ts'), ['original'], {
    env: {
      ...process.env,
      KAFKA_BROKERS: kafka.brokers.join(','),
      REDIS_URL: config.redis.url,
      EVENTS_TOPIC: kafka.eventsTopic,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [port] = (await once(server, 'message')) as [number];
  const redis = connectRedis(config.redis);
  const consumer = kafkaClient(kafka, 'original').consumer({ groupId: `original-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: kafka.eventsTopic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: kafka.partitions,
    eachMessage: async ({ message }) => {
      const text = String(message.value);
      const event = JSON.parse(text) as { name: string; user_id?: string; items?: { item_id: string }[] };
      await redis.hincrby('original:engagement', event.user_id ?? '-', 1);
      await redis.hincrby('original:frequency', event.name, 1);
      await redis.zincrby('original:popular', 1, event.items?.[0]?.item_id ?? '-');
      await redis.rpush(`original:user:${event.user_id ?? '-'}`, text);
    },
  });
  return {
    send: async (events) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
      });
      if (!response.ok) throw new Error(`The original answered ${response.status}.`);
      await response.arrayBuffer();
    },
    count: async () => {
      const counts = await redis.hgetall('original:frequency');
      return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
    },
    stop: async () => {
      server.disconnect();
      await consumer.disconnect();
      redis.disconnect();
    },
  };
}
