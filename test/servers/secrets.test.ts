import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { startAws } from '../../local/aws/emulator.ts';
import { changePassword, startKafka } from '../../local/services/kafka.ts';
import { startRedis } from '../../local/services/redis.ts';
import { footfallDir } from '../../local/services/services.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { makeCertificates } from '../support/certificates.ts';
import { closing } from '../support/closing.ts';

/** Kafka with TLS and SCRAM, Redis with TLS and users, and all that they trust in Secrets Manager (moto's). */

const folder = await mkdtemp(join(tmpdir(), 'footfall-secrets-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const own = await makeCertificates(folder);
await writeFile(join(folder, 'users.acl'), 'user default off\nuser footfall on >first ~* &* +@all\n');
const common = {
  fresh: true,
  cacheDir: join(footfallDir, 'cache'),
  port: undefined,
  env: process.env,
  log: console.log,
};
const kafkaFolder = { ...common, folder: join(folder, 'kafka') };
const greets = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ca: own.ca }, () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
const [aws, [kafkaServer], redisServer] = await Promise.all([
  startAws({ log: () => {} }),
  startKafka({
    ...kafkaFolder,
    protocol: 'SASL_SSL',
    user: { name: 'footfall', password: 'first' },
    settings: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': own.files.both,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': own.files.ca,
      'listener.name.clients.ssl.client.auth': 'required',
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
closing(aws, (one) => one.stop());
closing(kafkaServer!, (one) => one.stop());
closing(redisServer, (one) => one.stop());
Object.assign(process.env, aws.env);

const manager = closing(new SecretsManagerClient({}), (one) => one.destroy());
const create = async (name: string, fields: object) => {
  const { ARN } = await manager.send(
    new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(fields) }),
  );
  return ARN!;
};
const put = (arn: string, fields: object) =>
  manager.send(new PutSecretValueCommand({ SecretId: arn, SecretString: JSON.stringify(fields) }));

const redisFields = { username: 'footfall', password: 'first', certificate: own.ca, port: 6379 };
const arns = {
  KAFKA_SASL_SECRET_ARN: await create('kafka-login', { username: 'footfall', password: 'first' }),
  KAFKA_CA_SECRET_ARN: await create('kafka-authority', { certificate: own.ca }),
  KAFKA_TLS_SECRET_ARN: await create('kafka-client', own.client),
  REDIS_SECRET_ARN: await create('redis', redisFields),
};
const config = readConfig({
  KAFKA_BROKERS: `127.0.0.1:${kafkaServer!.port}`,
  KAFKA_SSL: 'true',
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  EVENTS_PARTITIONS: '2',
  REDIS_URL: `rediss://127.0.0.1:${redisServer.port}/1`,
  ...arns,
});

test('Kafka takes the login, the authority and the client certificate of the secrets', async () => {
  await ensureTopics(config.kafka);
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  await producer.send('events', [{ key: 'a', value: 'b' }]);
  expect((await offsets.fetch()).reduce((sum, { high }) => sum + high, 0)).toBe(1);
});

test('after the password in Kafka was changed, a function goes on with the new secret', async () => {
  await changePassword(kafkaFolder, { name: 'footfall', password: 'second' });
  await put(arns.KAFKA_SASL_SECRET_ARN, { username: 'footfall', password: 'second' });
  // Its connection is new, and what the process knows is the old password.
  const producer = closing(new EventProducer(config.kafka), (one) => one.close());
  await producer.send('events', [{ key: 'a', value: 'c' }]);
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  const ends = await offsets.fetch();
  expect(ends.reduce((sum, { high }) => sum + high, 0)).toBe(2);
});

test('after the password in Redis was changed, commands wait for the new secret and are done', async () => {
  const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  await redis.set('key', 'value');
  await redis.acl('SETUSER', 'footfall', 'resetpass', '>second');
  await put(arns.REDIS_SECRET_ARN, { ...redisFields, password: 'second' });
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => {});
  const answers = await Promise.all([redis.get('key'), redis.set('other', '1'), redis.get('other')]);
  expect(answers).toEqual(['value', 'OK', '1']);
  // The database of the URL, on the connection after the refused one, too.
  const fresh = closing(connectRedis({ ...config.redis }), (one) => one.disconnect());
  expect(await fresh.dbsize()).toBe(2);
});

test('a password that stays wrong is an error that says so', async () => {
  const wrong = await create('redis-wrong', { ...redisFields, password: 'wrong-secret' });
  const redis = closing(connectRedis({ ...config.redis, secret: wrong }), (one) => one.disconnect());
  await expect(redis.get('key')).rejects.toThrow('WRONGPASS');
});

test('a secret that is not there fails commands in time, with the reason', async () => {
  const missing = arns.REDIS_SECRET_ARN.replace('secret:redis', 'secret:none');
  const redis = closing(
    connectRedis({ ...config.redis, secret: missing }, { commandTimeout: 1_000 }),
    (one) => one.disconnect(),
  );
  await expect(redis.get('key')).rejects.toMatchObject({
    name: 'RedisUnavailable',
    cause: { code: 'secret_unreadable', message: expect.stringContaining('secret:none') },
  });
});
