import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { inspect } from 'node:util';
import { startKafka } from '../../local/services/kafka.ts';
import { startRedis } from '../../local/services/redis.ts';
import { footfallDir } from '../../local/services/services.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { makeCertificates } from '../support/certificates.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { openConsumer } from '../support/consumer.ts';
import { ask } from '../support/http.ts';
import { openReader } from '../support/reader.ts';
import { analyticsRoutes } from '../support/routes.ts';
import { siteOf } from '../support/shop.ts';

/** Kafka with TLS and SCRAM, and Redis with TLS and users, whose certificates are from an authority of their own. */

const KAFKA_PASSWORD = 'kafka-secret-of-this-test';
/** What has a meaning in a URL is in it, too. */
const REDIS_PASSWORD = 'redis/secret:of@this-test%';
const site = siteOf('shop');

const folder = await mkdtemp(join(tmpdir(), 'footfall-secured-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const [own, other] = (await Promise.all(
  ['own', 'other'].map(async (name) => {
    await mkdir(join(folder, name));
    return makeCertificates(join(folder, name));
  }),
)) as [Awaited<ReturnType<typeof makeCertificates>>, Awaited<ReturnType<typeof makeCertificates>>];
await writeFile(
  join(folder, 'users.acl'),
  `user default off\nuser footfall on >${REDIS_PASSWORD} ~* &* +@all\n`,
);

const common = {
  fresh: true,
  cacheDir: join(footfallDir, 'cache'),
  port: undefined,
  env: process.env,
  log: console.log,
};
/** Whether there is a TLS server at a port. */
const greets = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ca: own.ca }, () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
const [[kafkaServer], redisServer] = await Promise.all([
  startKafka({
    ...common,
    folder: join(folder, 'kafka'),
    protocol: 'SASL_SSL',
    user: { name: 'footfall', password: KAFKA_PASSWORD },
    settings: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': own.files.both,
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.clients.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    },
  }),
  startRedis({
    ...common,
    folder: join(folder, 'redis'),
    settings: (port) => ({
      port: '0',
      'tls-port': String(port),
      'tls-cert-file': own.files.cert,
      'tls-key-file': own.files.key,
      'tls-ca-cert-file': own.files.ca,
      'tls-auth-clients': 'no',
      aclfile: join(folder, 'users.acl'),
    }),
    ready: greets,
  }),
]);
closing(kafkaServer!, (one) => one.stop());
closing(redisServer, (one) => one.stop());

const env = {
  KAFKA_BROKERS: `127.0.0.1:${kafkaServer!.port}`,
  KAFKA_SSL: 'true',
  KAFKA_CA: Buffer.from(own.ca).toString('base64'),
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'footfall',
  KAFKA_SASL_PASSWORD: KAFKA_PASSWORD,
  EVENTS_PARTITIONS: '2',
  REDIS_URL: `rediss://footfall:${encodeURIComponent(REDIS_PASSWORD)}@127.0.0.1:${redisServer.port}`,
  REDIS_CA: own.ca,
};

test('an event goes its whole way', async () => {
  const config = { ...readConfig(env), sites: [site], answerMaxAgeMs: 0 };
  const { kafka } = config;
  await ensureTopics(kafka);
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const collect = collecting(new Sites([site]), (events) => producer.sendEvents(events));
  const sent = await ask(collect, 'POST', '/v1/events', {
    headers: { authorization: 'Bearer shop-write-key' },
    body: JSON.stringify({
      events: ['a', 'b', 'c'].map((id) => ({ id, name: 'view_item', user_id: `user-${id}` })),
    }),
  });
  expect(sent.status).toBe(202);

  const consumer = openConsumer(config);
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  for (const { partition, high } of await offsets.fetch()) {
    const apply = async (records: KafkaRecord[]) => void (await consumer.apply(records));
    if (high > 0) await readRange(kafka, partition, 0, high, apply);
  }
  const { redis } = openReader(config);
  const analytics = httpStack(
    routerOf(analyticsRoutes(analyticsContexts(config, redis, offsets, fixedSites(new Sites([site]))))),
  );
  const { status, body } = await ask<{ data: { total_events: number }; meta: { complete: boolean } }>(
    analytics,
    'GET',
    '/v1/overview',
    { headers: { authorization: 'Bearer shop-read-key' } },
  );
  expect([status, body.data.total_events, body.meta.complete]).toEqual([200, 3, true]);
});

const byName = (address: string) => address.replace('127.0.0.1', 'localhost');

/** Whoever is told of the failure sees why, and nothing that is secret. */
async function expectClear(failure: Promise<unknown>, why: RegExp): Promise<void> {
  const error = await failure.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  const text = inspect(error, { depth: 20, showHidden: true });
  expect(text).toMatch(why);
  for (const secret of [KAFKA_PASSWORD, REDIS_PASSWORD, 'wrong-secret', 'PRIVATE KEY']) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(encodeURIComponent(secret));
  }
}

test.each([
  ['a wrong password', { KAFKA_SASL_PASSWORD: 'wrong-secret' }, /SASL SCRAM SHA512 authentication failed/],
  ['a wrong authority', { KAFKA_CA: other.ca }, /unable to verify|self-signed|signature/],
  ['a name that the certificate does not have', { KAFKA_BROKERS: byName(env.KAFKA_BROKERS) }, /altnames/],
  ['no TLS', { KAFKA_SSL: 'false', KAFKA_CA: undefined }, /KafkaJS\w*Error/],
])('Kafka refuses %s, and says so', async (_, wrong, why) => {
  const producer = new EventProducer(readConfig({ ...env, ...wrong }).kafka);
  try {
    await expectClear(producer.send('events', [{ key: 'a', value: 'b' }]), why);
  } finally {
    await producer.close();
  }
});

test.each([
  [
    'a wrong password',
    { REDIS_URL: env.REDIS_URL.replace(/footfall:[^@]+/, 'footfall:wrong-secret') },
    /WRONGPASS/,
  ],
  ['a wrong authority', { REDIS_CA: other.ca }, /unable to verify|self-signed|signature/],
  ['a name that the certificate does not have', { REDIS_URL: byName(env.REDIS_URL) }, /altnames/],
  [
    'no TLS',
    { REDIS_URL: env.REDIS_URL.replace('rediss', 'redis'), REDIS_CA: undefined },
    /ECONNRESET|Connection is closed/,
  ],
])('Redis refuses %s, and the error says so', async (_, wrong, why) => {
  const redis = connectRedis(readConfig({ ...env, ...wrong }).redis, { commandTimeout: 3_000 });
  try {
    await expectClear(redis.get('a'), why);
  } finally {
    redis.disconnect();
  }
});
