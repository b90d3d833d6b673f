import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendPatiently } from '../../cli/import/send-patiently.ts';
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
  waitFor('the topic to be read', async () => (await readTopic(kafka)).map(({ event }) => event));
const records = (...all: unknown[]) => all.map((value) => ({ key: 'key', value: JSON.stringify(value) }));

describe('a producer with Kafka running', () => {
  let kafka: Kafka;
  beforeAll(async () => {
    ({ kafka } = await freshConfig({ partitions: 2 }));
  });

  test('opens one connection for two sends at once', async () => {
    const [host, port] = kafka.brokers[0]!.split(':') as [string, string];
    const counted = await relay({ host, port: Number(port) });
    // Only the first connection goes to this address; then Kafka gives its own.
    const producer = producerOf({ ...kafka, brokers: [`127.0.0.1:${counted.port}`] });
    await Promise.all(Array.from({ length: 10 }, (_, i) => producer.send(kafka.eventsTopic, records(i))));
    expect(counted.connections).toBe(1);
    expect((await values(kafka)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('keeps the order of sends with one key', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const all = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(all.map((i) => producer.send(kafka.eventsTopic, records(i))));
    expect(await values(kafka)).toEqual(all);
  });

  test('splits what is too large for one batch', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const large = Array.from({ length: 30 }, (_, i) => `${i}${'x'.repeat(100_000)}`);
    await producer.send(kafka.eventsTopic, records(...large));
    expect(await values(kafka)).toEqual(large);
    await producer.send(kafka.eventsTopic, []);
  });

  test('fails for a missing topic, and works for the next send', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    await expect(producer.send('not-there', records(1))).rejects.toThrow();
    await producer.send(kafka.eventsTopic, records(2));
    expect(await values(kafka)).toEqual([2]);
  });

  test('keeps sends that wait behind a failed one', async () => {
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

  test('refuses at once above its queue limit, and stores what it accepted', async () => {
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

  test('refuses only the record that is too large for a broker', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    const sends = ['a', 'x'.repeat(1_200_000), 'c'].map((value) =>
      producer.send(kafka.eventsTopic, records(value)),
    );
    const results = await Promise.allSettled(sends);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await values(kafka)).toEqual(['a', 'c']);
  });

  test('connects again for a send after it was closed', async () => {
    const { kafka } = await freshConfig({ partitions: 2 });
    const producer = producerOf(kafka);
    await producer.send(kafka.eventsTopic, records(1));
    await producer.close();
    await producer.send(kafka.eventsTopic, records(2));
    expect(await values(kafka)).toEqual([1, 2]);
  });
});

describe('a producer whose Kafka goes away', () => {
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

  test('goes on when Kafka is started again', async () => {
    const producer = producerOf(kafka);
    await producer.send('events', records('before'));
    await services.kafka!.stop();
    await expect(producer.send('events', records('while'))).rejects.toThrow();
    await services.kafka!.start();
    await producer.send('events', records('after'));
    expect(await values(kafka)).toEqual(['before', 'after']);
  });

  test('an import waits for Kafka that is started again', async () => {
    const producer = producerOf(kafka);
    const earlier = await values(kafka);
    await services.kafka!.stop();
    const sent = sendPatiently(() => producer.send('events', records('patient')));
    await sleep(1_000);
    await services.kafka!.start();
    await sent;
    expect((await values(kafka)).slice(earlier.length)).toEqual(['patient']);
  });

  /**
   * The broker stores a request after its sender gave up. If the next request had the same sequence numbers, the
   * broker would take it for a repetition, acknowledge it, and drop it.
   */
  test('has stored what is acknowledged after a lost acknowledgement', async () => {
    const producer = producerOf(kafka);
    await producer.send('events', records('x'));
    const pid = services.kafka!.pid!;
    process.kill(pid, 'SIGSTOP');
    const lost = producer.send('events', records('lost'));
    const behind = producer.send('events', records('behind'));
    await expect(lost).rejects.toThrow();
    // Until kafkajs has also given up its retries, since one of them could still repair the sequence.
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
