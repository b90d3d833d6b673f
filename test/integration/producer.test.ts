import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Services, startServices } from '../../local/services/services.ts';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { readTopic } from '../support/read-topic.ts';
import { relay } from '../support/tcp.ts';
import { waitFor } from '../support/wait-for.ts';

type Kafka = Config['kafka'];
const producerOf = (kafka: Kafka) => closing(new EventProducer(kafka), (producer) => producer.close());
/** readTopic reads values as JSON; here they are any. A group's coordinator that has just started says so a while. */
const values = (kafka: Kafka): Promise<unknown[]> =>
  waitFor('the topic to be read', async () => (await readTopic(kafka)).map(({ event }) => event), {
    timeoutMs: 30_000,
  });
const records = (...all: unknown[]) => all.map((value) => ({ key: 'key', value: JSON.stringify(value) }));

describe('with Kafka there', () => {
  let kafka: Kafka;
  beforeAll(async () => {
    ({ kafka } = await freshConfig({ partitions: 2 }));
  });

  test('two who send at once while it is cold share one connection', async () => {
    const [host, port] = kafka.brokers[0]!.split(':') as [string, string];
    const counted = await relay({ host, port: Number(port) });
    // Only the first connection goes to this address: Kafka then names its own.
    const producer = producerOf({ ...kafka, brokers: [`127.0.0.1:${counted.port}`] });
    await Promise.all(Array.from({ length: 10 }, (_, i) => producer.send(kafka.eventsTopic, records(i))));
    expect(counted.connections).toBe(1);
    expect((await values(kafka)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('sends of one key keep their order', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const all = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(all.map((i) => producer.send(kafka.eventsTopic, records(i))));
    expect(await values(kafka)).toEqual(all);
  });

  test('more than a broker takes in one batch goes in several', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const large = Array.from({ length: 30 }, (_, i) => `${i}${'x'.repeat(100_000)}`);
    await producer.send(kafka.eventsTopic, records(...large));
    expect(await values(kafka)).toEqual(large);
    await producer.send(kafka.eventsTopic, []);
  });

  test('a topic that is not there is an error, and the next send works', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    await expect(producer.send('not-there', records(1))).rejects.toThrow();
    await producer.send(kafka.eventsTopic, records(2));
    expect(await values(kafka)).toEqual([2]);
  });

  test('what waits behind a failed send is not lost with it', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const sends = [
      producer.send(kafka.eventsTopic, records('a')),
      producer.send('not-there', records('b')),
      producer.send(kafka.eventsTopic, records('c')),
    ];
    expect((await Promise.allSettled(sends)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await values(kafka)).toEqual(['a', 'c']);
  });

  test('beyond what may wait it refuses at once, and what it took is stored', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = closing(new EventProducer(kafka, { sends: 5, bytes: 100_000 }), (one) => one.close());
    const sends = Array.from({ length: 20 }, (_, i) => producer.send(kafka.eventsTopic, records(i)));
    expect(producer.isFull).toBe(true);
    const results = await Promise.allSettled(sends);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(sends.map((_, i) => i < 5));
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'overloaded', status: 503 });
    }
    expect(producer.isFull).toBe(false);
    expect(await values(kafka)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a record that no broker takes is refused for itself', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const sends = ['a', 'x'.repeat(1_200_000), 'c'].map((value) =>
      producer.send(kafka.eventsTopic, records(value)),
    );
    const results = await Promise.allSettled(sends);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await values(kafka)).toEqual(['a', 'c']);
  });

  test('closed, it connects again for the next send', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    await producer.send(kafka.eventsTopic, records(1));
    await producer.close();
    await producer.send(kafka.eventsTopic, records(2));
    expect(await values(kafka)).toEqual([1, 2]);
  });
});

describe('with a Kafka that comes and goes', () => {
  let services: Services;
  let kafka: Kafka;
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'footfall-producer-'));
    closing(dataDir, () => rm(dataDir, { recursive: true, force: true }));
    const { KAFKA_BROKERS: _, ...env } = process.env;
    services = await startServices({ dataDir, mode: 'embedded', env });
    closing(services, () => services.stop());
    kafka = {
      brokers: services.kafkaBrokers,
      ssl: false,
      sasl: undefined,
      eventsTopic: 'events',
      dlqTopic: 'events.dlq',
      signalsTopic: 'signals',
      sitesTopic: 'sites',
      partitions: 1,
    };
    await ensureTopics(kafka);
  });

  test('stopped and started again: the same producer goes on', async () => {
    const producer = producerOf(kafka);
    await producer.send('events', records('before'));
    await services.kafka!.stop();
    await expect(producer.send('events', records('while'))).rejects.toThrow();
    await services.kafka!.start();
    await producer.send('events', records('after'));
    expect(await values(kafka)).toEqual(['before', 'after']);
  });

  /**
   * The broker stores a request whose sender has given up. Were its sequence numbers given to the next one, the
   * broker would take that for a repetition, acknowledge it, and drop it.
   */
  test('what is acknowledged after a lost acknowledgement is really there', async () => {
    const producer = producerOf(kafka);
    await producer.send('events', records('x'));
    const pid = services.kafka!.pid!;
    process.kill(pid, 'SIGSTOP');
    const lost = producer.send('events', records('lost'));
    const behind = producer.send('events', records('behind'));
    await expect(lost).rejects.toThrow();
    // Until kafkajs has given up its retries as well: one of them could still repair the sequence.
    await sleep(6_000);
    process.kill(pid, 'SIGCONT');
    const outcome = await behind.then(
      () => 'stored',
      () => 'failed',
    );
    await producer.send('events', records('next'));
    const stored = await values(kafka);
    expect(stored.filter((value) => value === 'next')).toEqual(['next']);
    if (outcome === 'stored') expect(stored).toContain('behind');
  });
});
