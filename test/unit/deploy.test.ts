import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

interface Settings {
  environment: Record<string, string>;
  brokers: string[];
  topic: string;
  access: Record<string, string[]>;
  vpc: { subnetIds: string[]; securityGroupIds: string[] } | null;
  extensions: Record<string, { Properties: unknown }>;
  localPoller: unknown;
}
type Env = Record<string, string>;

const { settings } = require('../../deploy/settings.cjs') as { settings: (env: Env) => Settings };
const { refusals } = require('../../deploy/guard.cjs') as {
  refusals: (
    environment: Env,
    kafka: { bootstrapServers: string[]; accessConfigurations: Settings['access'] },
    env: Env,
  ) => string[];
};
const { readConfig } = await import('../../shared/platform/config.ts');

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const production = {
  KAFKA_BROKERS: 'kafka-1.example.com:9093, kafka-2.example.com:9093',
  REDIS_URL: 'rediss://redis.example.com:6379',
  FOOTFALL_ADMIN_KEY_HASH: hashOf('a-key-of-its-own'),
  VPC_SUBNET_IDS: 'subnet-0a,subnet-0b',
  VPC_SECURITY_GROUP_IDS: 'sg-0a',
};
const refused = (env: Env) => {
  const { environment, brokers, access } = settings(env);
  return refusals(environment, { bootstrapServers: brokers, accessConfigurations: access }, env);
};

test('without settings it is a laptop: default addresses and the public admin key', () => {
  const { environment, brokers, topic, vpc, extensions } = settings({});
  expect({ brokers, topic, vpc, extensions }).toEqual({
    brokers: ['localhost:9092'],
    topic: 'events',
    vpc: null,
    extensions: {
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 0 } },
    },
  });
  const config = readConfig(environment);
  expect(config.redis.url).toBe('redis://localhost:6379');
  expect(config.adminKeyHash).toBe(hashOf('footfall-admin-key'));
});

test('a deployment with the settings of a laptop is refused, with each setting to change', () => {
  const said = refused({}).join('\n');
  for (const name of ['FOOTFALL_ADMIN_KEY_HASH', 'KAFKA_BROKERS', 'REDIS_URL', 'VPC_SUBNET_IDS']) {
    expect(said).toContain(name);
  }
});

test('production settings deploy, with their brokers and network', () => {
  expect(refused(production)).toEqual([]);
  const { brokers, access, vpc, environment } = settings(production);
  expect(brokers).toEqual(['kafka-1.example.com:9093', 'kafka-2.example.com:9093']);
  expect(access).toEqual({ vpcSubnet: ['subnet-0a', 'subnet-0b'], vpcSecurityGroup: ['sg-0a'] });
  expect(vpc).toEqual({ subnetIds: ['subnet-0a', 'subnet-0b'], securityGroupIds: ['sg-0a'] });
  expect(readConfig(environment).kafka.brokers).toEqual(brokers);
});

test('the number of pollers is a range or one number', () => {
  const pollers = (min: number, max: number) => ({
    Properties: {
      MaximumBatchingWindowInSeconds: 0,
      ProvisionedPollerConfig: { MinimumPollers: min, MaximumPollers: max },
    },
  });
  expect(settings({ AGGREGATE_POLLERS: '2-10' }).extensions).toEqual({
    AggregateEventSourceMappingKafkaEvents: pollers(2, 10),
  });
  expect(settings({ AGGREGATE_POLLERS: '3', EVENTS_TOPIC: 'shop.events' }).extensions).toEqual({
    AggregateEventSourceMappingKafkaShopevents: pollers(3, 3),
  });
});

describe('AGGREGATE_WINDOW_SECONDS', () => {
  const windowOf = (seconds?: string) =>
    settings({ ...(seconds !== undefined && { AGGREGATE_WINDOW_SECONDS: seconds }) }).extensions;

  test('is 0 by default, and reaches AWS as such: without a value AWS would wait for 500 ms', () => {
    expect(windowOf()).toEqual({
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 0 } },
    });
  });

  test('is whole seconds', () => {
    expect(windowOf('5')).toEqual({
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 5 } },
    });
  });

  test.each(['0.5', '301', '-1', 'soon'])('refuses %s, as AWS would', (seconds) => {
    expect(() => windowOf(seconds)).toThrow(/AGGREGATE_WINDOW_SECONDS must be a whole number from 0 to 300/);
  });
});

test('cluster, key prefix and private authority go to the functions, and the secret to the poller', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:authority-AbCdEf';
  const pem = readFileSync(join(import.meta.dirname, '../fixtures/authority.pem'), 'utf8');
  const coded = Buffer.from(pem).toString('base64');
  const { environment, access, localPoller } = settings({
    ...production,
    REDIS_CLUSTER: 'true',
    REDIS_KEY_PREFIX: 'prod:',
    REDIS_CA: pem,
    KAFKA_SSL: 'true',
    KAFKA_CA: coded,
    KAFKA_CA_SECRET_ARN: secret,
  });
  expect(access).toMatchObject({ serverRootCaCertificate: [secret] });
  const { redis, kafka } = readConfig(environment);
  expect(redis).toEqual({ url: production.REDIS_URL, cluster: true, keyPrefix: 'prod:', ca: pem });
  expect([kafka.ssl, kafka.ca]).toEqual([true, pem.trim()]);
  expect(localPoller).toEqual({ ssl: true, ca: pem });
});

test.each([
  ['KAFKA_CA', { KAFKA_SSL: 'true', KAFKA_CA: 'no certificate' }],
  ['KAFKA_CA', { KAFKA_SSL: 'true', KAFKA_CA: '-----BEGIN PRIVATE KEY-----' }],
  ['KAFKA_CA', { KAFKA_CA: 'authority' }],
  ['REDIS_CA', { REDIS_URL: 'redis://redis.example.com', REDIS_CA: 'authority' }],
  ['REDIS_KEY_PREFIX', { REDIS_KEY_PREFIX: '{prod}' }],
  ['REDIS_URL', { REDIS_CLUSTER: 'true', REDIS_URL: 'rediss://redis.example.com/3' }],
])('an invalid %s stops the start with its name and without its value', (name, wrong) => {
  const pem = readFileSync(join(import.meta.dirname, '../fixtures/authority.pem'), 'utf8');
  const given = Object.entries({ ...production, ...wrong }).map(([key, value]) => [
    key,
    value === 'authority' ? pem : value,
  ]);
  const { environment } = settings(Object.fromEntries(given));
  const start = () => readConfig(environment);
  expect(start).toThrow(`${name}: `);
  expect(start).not.toThrow(/no certificate|BEGIN|example\.com/);
});

test('credentials go to the functions, and their secret to the pollers for the SASL mechanism', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka-AbCdEf';
  const { environment, access, vpc } = settings({
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_SASL_USERNAME: 'footfall',
    KAFKA_SASL_PASSWORD: 'secret',
    KAFKA_SASL_SECRET_ARN: secret,
  });
  expect(access).toEqual({ saslScram256Auth: [secret] });
  expect(vpc).toBeNull();
  expect(readConfig(environment).kafka.sasl).toEqual({
    mechanism: 'scram-sha-256',
    username: 'footfall',
    password: 'secret',
  });
});

test.each([
  ['FOOTFALL_ADMIN_KEY_HASH', hashOf('footfall-admin-key')],
  ['KAFKA_BROKERS', 'kafka-1.example.com:9093,127.0.0.1:9092'],
  ['REDIS_URL', 'redis://localhost:6379'],
])('one setting of a laptop is enough to refuse a deployment: %s', (name, value) => {
  const found = refused({ ...production, [name]: value });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`Set ${name}`);
});

test('the public admin key is allowed on a local emulator, and refused on AWS', () => {
  expect(refused({ AWS_ENDPOINT_URL: 'http://localhost:4566' })).toEqual([]);
  expect(refused({ AWS_ENDPOINT_URL: 'https://lambda.eu-west-1.amazonaws.com' })).not.toEqual([]);
});

test('a deployment needs the hash of an admin key', () => {
  const { FOOTFALL_ADMIN_KEY_HASH: _, ...environment } = settings(production).environment;
  const { brokers, access } = settings(production);
  const kafka = { bootstrapServers: brokers, accessConfigurations: access };
  expect(refusals(environment, kafka, production).join()).toContain('Set FOOTFALL_ADMIN_KEY_HASH');
});

test('a value that would stop the functions stops the deployment, with its name', () => {
  expect(refused({ ...production, EVENTS_PARTITIONS: 'many' }).join()).toContain('EVENTS_PARTITIONS');
  expect(refused({ ...production, FOOTFALL_ADMIN_KEY_HASH: 'my-key' }).join()).toContain(
    'FOOTFALL_ADMIN_KEY_HASH',
  );
  expect(refused({ ...production, REDIS_URL: 'redis.example.com' }).join()).toContain('REDIS_URL');
});
