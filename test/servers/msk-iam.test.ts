import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { startKafka } from '../../local/services/kafka.ts';
import { footfallDir } from '../../local/services/services.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { FencedProducer } from '../../shared/platform/kafka/fenced-producer.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { makeCertificates } from '../support/certificates.ts';
import { closing } from '../support/closing.ts';
import { type Identity, startMsk } from '../support/msk.ts';
import { waitFor } from '../support/wait-for.ts';

/** Kafka as Amazon MSK with IAM shows it: TLS, and a sign-in with a token that the AWS credentials of the process sign. */

const identity: Identity = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret-of-this-test/+=',
  sessionToken: 'session/of+this=test',
  region: 'eu-west-1',
};
process.env.AWS_ACCESS_KEY_ID = identity.accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = identity.secretAccessKey;
process.env.AWS_SESSION_TOKEN = identity.sessionToken;
process.env.AWS_REGION = identity.region;

const folder = await mkdtemp(join(tmpdir(), 'footfall-msk-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const certificate = await makeCertificates(folder);
const [key, cert] = await Promise.all(
  [certificate.files.key, certificate.files.cert].map((file) => readFile(file, 'utf8')),
);
const msk = closing(
  await startMsk({ certificate: { key: key!, cert: cert! }, identity, sessionMs: 900_000 }),
  (one) => one.stop(),
);
const [broker] = await startKafka({
  folder: join(folder, 'kafka'),
  fresh: true,
  cacheDir: join(footfallDir, 'cache'),
  port: undefined,
  env: process.env,
  log: console.log,
  advertise: async ({ port }) => {
    msk.options.upstream = port;
    return `127.0.0.1:${msk.port}`;
  },
});
closing(broker!, (one) => one.stop());

const { kafka } = readConfig({
  KAFKA_BROKERS: `127.0.0.1:${msk.port}`,
  KAFKA_SSL: 'true',
  KAFKA_CA: certificate.ca,
  KAFKA_SASL_MECHANISM: 'aws-msk-iam',
  EVENTS_PARTITIONS: '1',
  REDIS_URL: 'redis://localhost',
});
/** Tokens have whole seconds. */
const started = Math.floor(Date.now() / 1_000) * 1_000;
const secondOf = (date: string) =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
const event = (value: string) => ({ key: 'a', value });

test('a record is written and read, alone and in a transaction', async () => {
  await ensureTopics(kafka);
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  await producer.send('events', [event('one')]);
  const fenced = await FencedProducer.open(kafka, 'signals-sweep', 10_000);
  await fenced.commit((transaction) => transaction.send({ topic: 'events', messages: [event('two')] }));

  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  // Two records, and the mark of the transaction's end, which brokers write after they have confirmed it.
  await waitFor('the end of the transaction', async () => (await offsets.fetch())[0]!.high === 3);
  const read: string[] = [];
  await readRange(kafka, 0, 0, 3, async (records) => {
    for (const { value } of records) read.push(Buffer.from(value!, 'base64').toString());
  });
  expect(read).toEqual(['one', 'two']);
});

test('the token is a request to connect, signed for 15 minutes', () => {
  expect(msk.tokens.length).toBe(msk.connections());
  for (const { host, parameters } of msk.tokens) {
    expect(host).toBe('kafka.eu-west-1.amazonaws.com');
    expect(parameters).toEqual({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': expect.stringMatching(
        /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/,
      ),
      'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': identity.sessionToken,
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
      'X-Amz-SignedHeaders': 'host',
      'User-Agent': expect.stringMatching(/^aws-msk-iam-sasl-signer-js\//),
    });
    expect(secondOf(parameters['X-Amz-Date']!)).toBeGreaterThanOrEqual(started);
    expect(secondOf(parameters['X-Amz-Date']!)).toBeLessThanOrEqual(Date.now());
  }
});

test('a connection signs in again before its session ends, with another token', async () => {
  // kafkajs signs in again when less than ten seconds are left.
  msk.options.sessionMs = 11_000;
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const before = msk.tokens.length;
  await producer.send('events', [event('three')]);
  const [connections, tokens] = [msk.connections(), msk.tokens.length];
  expect(tokens).toBeGreaterThan(before);
  await sleep(2_000);
  await producer.send('events', [event('four')]);
  expect(msk.connections()).toBe(connections);
  expect(msk.tokens.length).toBeGreaterThan(tokens);
  const signatures = msk.tokens.slice(-2).map(({ parameters }) => parameters['X-Amz-Signature']);
  expect(new Set(signatures).size).toBe(2);
});

test('a broker that does not know the credentials refuses them, and the error names no secret', async () => {
  msk.options.identity = { ...identity, secretAccessKey: 'of another account' };
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const error = await producer.send('events', [event('five')]).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  msk.options.identity = identity;
  const said = inspect(error, { depth: 20, showHidden: true });
  expect(said).toMatch(/SASL OAUTHBEARER authentication failed: Access denied/);
  expect(said).not.toContain(identity.secretAccessKey);
  expect(said).not.toContain(identity.sessionToken);
});
