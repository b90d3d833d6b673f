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
  secrets: string[];
  tags: Record<string, string>;
  leavesOut: { simulate: boolean; installationRoutes: boolean };
  domain: unknown;
  bucket: Record<string, unknown>;
}
type Env = Record<string, string>;

const { settings } = require('../../deploy/settings.cjs') as {
  settings: (env: Env, stage?: string) => Settings;
};
const { contradictions, refusals } = require('../../deploy/guard.cjs') as {
  contradictions: (env: Env) => string[];
  refusals: (
    environment: Env,
    kafka: { bootstrapServers: string[]; accessConfigurations: Settings['access'] },
    env: Env,
    stage?: string,
  ) => string[];
};
const { readConfig } = await import('../../shared/platform/config.ts');

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const production = {
  KAFKA_BROKERS: 'kafka-1.example.com:9093, kafka-2.example.com:9093',
  REDIS_URL: 'rediss://redis.example.com:6379',
  FOOTFALL_ADMIN_KEY_HASH: hashOf('a-key-of-its-own'),
  KAFKA_SSL: 'true',
  KAFKA_TLS_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:client-AbCdEf',
  VPC_SUBNET_IDS: 'subnet-0a,subnet-0b',
  VPC_SECURITY_GROUP_IDS: 'sg-0a',
  ALARM_EMAIL: 'ops@example.com',
};
const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;
const throttle = (rate: number, burst: number) => ({
  Properties: { DefaultRouteSettings: { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } },
});
const cluster = 'arn:aws:kafka:eu-west-1:123456789012:cluster/shop/0123abcd-4567-89ef-0123-456789abcdef-1';
const iam = { KAFKA_SASL_MECHANISM: 'aws-msk-iam', KAFKA_CLUSTER_ARN: cluster, KAFKA_TLS_SECRET_ARN: '' };
const refused = (env: Env, stage?: string) => {
  const { environment, brokers, access } = settings(env);
  return refusals(environment, { bootstrapServers: brokers, accessConfigurations: access }, env, stage);
};

test('without settings it is a laptop: default addresses and the public admin key', () => {
  const { environment, brokers, topic, vpc, extensions } = settings({});
  expect({ brokers, topic, vpc, extensions }).toEqual({
    brokers: ['localhost:9092'],
    topic: 'events',
    vpc: null,
    extensions: {
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 0 } },
      HttpApiStage: throttle(2000, 4000),
    },
  });
  const config = readConfig(environment);
  expect(config.redis.url).toBe('redis://localhost:6379');
  expect(config.adminKeyHash).toBe(hashOf('footfall-admin-key'));
});

test('a deployment with the settings of a laptop is refused, with each setting to change', () => {
  const said = refused({}).join('\n');
  for (const name of [
    'FOOTFALL_ADMIN_KEY_HASH',
    'KAFKA_BROKERS',
    'REDIS_URL',
    'VPC_SUBNET_IDS',
    'ALARM_EMAIL',
  ]) {
    expect(said).toContain(name);
  }
});

test('production settings deploy, with their brokers and network', () => {
  expect(refused(production)).toEqual([]);
  const { brokers, access, vpc, environment } = settings(production);
  expect(brokers).toEqual(['kafka-1.example.com:9093', 'kafka-2.example.com:9093']);
  expect(access).toEqual({
    vpcSubnet: ['subnet-0a', 'subnet-0b'],
    vpcSecurityGroup: ['sg-0a'],
    clientCertificateTlsAuth: [secretArn('client')],
  });
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
  expect(settings({ AGGREGATE_POLLERS: '2-10' }).extensions).toMatchObject({
    AggregateEventSourceMappingKafkaEvents: pollers(2, 10),
  });
  expect(settings({ AGGREGATE_POLLERS: '3', EVENTS_TOPIC: 'shop.events' }).extensions).toMatchObject({
    AggregateEventSourceMappingKafkaShopevents: pollers(3, 3),
  });
});

test('collect and aggregate have containers of their own where that is set', () => {
  const reserved = (containers: number) => ({ Properties: { ReservedConcurrentExecutions: containers } });
  const env = { ...production, COLLECT_CONCURRENCY: '40', AGGREGATE_CONCURRENCY: '17' };
  expect(refused(env)).toEqual([]);
  expect(settings(env).extensions).toMatchObject({
    CollectLambdaFunction: reserved(40),
    AggregateLambdaFunction: reserved(17),
  });
  expect(settings(production).extensions).not.toHaveProperty('AggregateLambdaFunction');
});

describe('AGGREGATE_WINDOW_SECONDS', () => {
  const windowOf = (seconds?: string) =>
    settings({ ...(seconds !== undefined && { AGGREGATE_WINDOW_SECONDS: seconds }) }).extensions;

  test('is 0 by default, and reaches AWS as such: without a value AWS would wait for 500 ms', () => {
    expect(windowOf()).toMatchObject({
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 0 } },
    });
  });

  test('is whole seconds', () => {
    expect(windowOf('5')).toMatchObject({
      AggregateEventSourceMappingKafkaEvents: { Properties: { MaximumBatchingWindowInSeconds: 5 } },
    });
  });

  test.each(['0.5', '301', '-1', 'soon'])('refuses %s, as AWS would', (seconds) => {
    expect(() => windowOf(seconds)).toThrow(/AGGREGATE_WINDOW_SECONDS must be a whole number from 0 to 300/);
  });
});

test('cluster, key prefix and a laptop’s private authority go to the functions', () => {
  const pem = readFileSync(join(import.meta.dirname, '../fixtures/authority.pem'), 'utf8');
  const coded = Buffer.from(pem).toString('base64');
  const { environment, localPoller } = settings({
    ...production,
    REDIS_CLUSTER: 'true',
    REDIS_KEY_PREFIX: 'prod:',
    REDIS_CA: pem,
    KAFKA_SSL: 'true',
    KAFKA_CA: coded,
  });
  const { redis, kafka } = readConfig(environment);
  expect(redis).toEqual({ url: production.REDIS_URL, cluster: true, keyPrefix: 'prod:', ca: pem });
  expect([kafka.ssl, kafka.ca]).toEqual([true, pem.trim()]);
  expect(localPoller).toEqual({ ssl: true, ca: pem });
});

test('the ARNs of secrets go to the functions, their roles and the poller', () => {
  const env = {
    ...production,
    KAFKA_SSL: 'true',
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_SASL_SECRET_ARN: secretArn('kafka'),
    KAFKA_CA_SECRET_ARN: secretArn('kafka'),
    KAFKA_TLS_SECRET_ARN: secretArn('client'),
    REDIS_SECRET_ARN: secretArn('redis'),
  };
  expect(refused(env)).toEqual([]);
  const { environment, access, secrets } = settings(env);
  expect(access).toMatchObject({
    saslScram256Auth: [secretArn('kafka')],
    serverRootCaCertificate: [secretArn('kafka')],
    clientCertificateTlsAuth: [secretArn('client')],
  });
  expect(secrets).toEqual([secretArn('redis'), secretArn('kafka'), secretArn('client')]);
  const { kafka, redis } = readConfig(environment);
  expect(redis.secret).toBe(secretArn('redis'));
  expect(kafka.secrets).toEqual({
    sasl: secretArn('kafka'),
    ca: secretArn('kafka'),
    certificate: secretArn('client'),
  });
});

test.each([
  ['KAFKA_CA', { KAFKA_SSL: 'true', KAFKA_CA: 'no certificate' }],
  ['KAFKA_CA', { KAFKA_SSL: 'true', KAFKA_CA: '-----BEGIN PRIVATE KEY-----' }],
  ['KAFKA_CA', { KAFKA_SSL: '', KAFKA_CA: 'authority' }],
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

test('with IAM, the cluster’s mapping and the functions’ mechanism are set, and no secret', () => {
  const env = { ...production, ...iam };
  expect(refused(env)).toEqual([]);
  const { environment, secrets, extensions, localPoller } = settings(env);
  expect(readConfig(environment).kafka).toMatchObject({ ssl: true, sasl: { mechanism: 'aws-msk-iam' } });
  expect([secrets, localPoller]).toEqual([[], { ssl: true }]);
  expect(extensions).toHaveProperty('AggregateEventSourceMappingMSKShopEvents');
});

test('a laptop’s credentials go to the functions and its own poller', () => {
  const { environment, localPoller } = settings({
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_SASL_USERNAME: 'footfall',
    KAFKA_SASL_PASSWORD: 'secret',
  });
  const sasl = { mechanism: 'scram-sha-256', username: 'footfall', password: 'secret' };
  expect(readConfig(environment).kafka.sasl).toEqual(sasl);
  expect(localPoller).toEqual({ ssl: false, sasl });
});

describe('what contradicts itself or exposes a secret', () => {
  const sasl = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_SECRET_ARN: secretArn('kafka') };
  const pem = readFileSync(join(import.meta.dirname, '../fixtures/authority.pem'), 'utf8');
  const cases: [string, Env, RegExp][] = [
    [
      'a password of Kafka',
      { ...sasl, KAFKA_SASL_SECRET_ARN: '', KAFKA_SSL: 'true', KAFKA_SASL_PASSWORD: 'hunter2' },
      /^Set KAFKA_SASL_SECRET_ARN instead of/,
    ],
    [
      'a password of Redis',
      { REDIS_URL: 'rediss://footfall:hunter2@redis.example.com' },
      /^Set REDIS_SECRET_ARN and leave/,
    ],
    ['an authority of Kafka', { KAFKA_SSL: 'true', KAFKA_CA: pem }, /^Set KAFKA_CA_SECRET_ARN instead of/],
    ['an authority of Redis', { REDIS_CA: pem }, /^Set REDIS_SECRET_ARN instead of REDIS_CA/],
    ['Redis without TLS', { REDIS_URL: 'redis://redis.example.com' }, /^Set REDIS_URL to a rediss:/],
    [
      'SASL without TLS',
      { ...sasl, KAFKA_SSL: '', KAFKA_TLS_SECRET_ARN: '' },
      /^Set KAFKA_SSL=true: SASL without TLS/,
    ],
    [
      'an authority without TLS',
      { KAFKA_SSL: '', KAFKA_CA_SECRET_ARN: secretArn('ca') },
      /^Set KAFKA_SSL=true: KAFKA_CA_SECRET_ARN/,
    ],
    [
      'functions with a login that the poller lacks',
      { KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'plain' },
      /^Set KAFKA_SASL_SECRET_ARN: .*poller/,
    ],
    [
      'a poller with a login that the functions lack',
      { KAFKA_SSL: 'true', KAFKA_SASL_SECRET_ARN: secretArn('kafka') },
      /^Set KAFKA_SASL_MECHANISM to .*functions/,
    ],
    [
      'subnets without security groups',
      { VPC_SECURITY_GROUP_IDS: '' },
      /^Set VPC_SECURITY_GROUP_IDS as well as VPC_SUBNET_IDS/,
    ],
    [
      'security groups without subnets',
      { VPC_SUBNET_IDS: '', KAFKA_SSL: 'true', ...sasl },
      /^Set VPC_SUBNET_IDS as well as VPC_SECURITY_GROUP_IDS/,
    ],
    ['subnets that are none', { VPC_SUBNET_IDS: 'vpc-1' }, /^Set VPC_SUBNET_IDS to ids/],
    ['a throttle that is no number', { API_THROTTLE: 'abc' }, /^Set API_THROTTLE to .*, not "abc"\.$/],
    ['a burst below the rate', { API_THROTTLE: '4000-2000' }, /^Set API_THROTTLE/],
    [
      'fewer pollers at most than at least',
      { AGGREGATE_POLLERS: '8-2' },
      /^Set AGGREGATE_POLLERS to min-max/,
    ],
    ['more pollers than there are', { AGGREGATE_POLLERS: '2-3000' }, /^Set AGGREGATE_POLLERS/],
    ['a concurrency that is no number', { COLLECT_CONCURRENCY: 'many' }, /^Set COLLECT_CONCURRENCY/],
    ['aggregate without room for its schedule', { AGGREGATE_CONCURRENCY: '1' }, /^Set AGGREGATE_CONCURRENCY/],
    [
      'a runbook that is no link',
      { RUNBOOK_URL: 'docs/runbook.md' },
      /^Set RUNBOOK_URL to the https:\/\/ address/,
    ],
    ['a time that CloudWatch does not take', { LOG_RETENTION_DAYS: '10' }, /^Set LOG_RETENTION_DAYS/],
    [
      'a domain without a certificate',
      { API_DOMAIN: 'events.example.com' },
      /^Set API_CERTIFICATE_ARN as well/,
    ],
    [
      'two receivers of alarms',
      { ALARM_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:alarms' },
      /^Set either ALARM_EMAIL or ALARM_TOPIC_ARN/,
    ],
    ['an address that is none', { ALARM_EMAIL: 'ops' }, /^Set ALARM_EMAIL to one email address/],
    [
      'IAM without the cluster',
      { KAFKA_SASL_MECHANISM: 'aws-msk-iam', KAFKA_TLS_SECRET_ARN: '' },
      /^Set KAFKA_CLUSTER_ARN to the ARN of the MSK cluster: /,
    ],
    [
      'IAM with a secret',
      {
        KAFKA_SASL_MECHANISM: 'aws-msk-iam',
        KAFKA_CLUSTER_ARN: cluster,
        KAFKA_SASL_SECRET_ARN: secretArn('a'),
      },
      /^Leave out KAFKA_SASL_SECRET_ARN and KAFKA_TLS_SECRET_ARN: /,
    ],
    ['IAM without TLS', { ...iam, KAFKA_SSL: '' }, /^Set KAFKA_SSL=true: SASL without TLS/],
    [
      'a cluster for another login',
      { KAFKA_CLUSTER_ARN: cluster },
      /^Set KAFKA_SASL_MECHANISM=aws-msk-iam, or/,
    ],
    [
      'a cluster that is none',
      { ...iam, KAFKA_CLUSTER_ARN: 'my-cluster' },
      /^Set KAFKA_CLUSTER_ARN to the ARN of an MSK cluster/,
    ],
    ['tags without values', { TAGS: 'team' }, /^Set TAGS to name=value/],
  ];

  test.each(cases)('%s: one sentence, when packaging too', (_, wrong, sentence) => {
    const env = { ...production, ...wrong };
    const found = contradictions(env);
    expect(found).toEqual([expect.stringMatching(sentence)]);
    expect(found.join()).not.toContain('hunter2');
    expect(refused(env)).toEqual(expect.arrayContaining(found));
  });

  test('a Kafka that takes anyone stops a deployment to a stage that may be in production', () => {
    const open = { ...production, KAFKA_TLS_SECRET_ARN: '' };
    expect(refused(open)).toEqual([
      expect.stringMatching(/^Set KAFKA_SASL_MECHANISM, or KAFKA_TLS_SECRET_ARN/),
    ]);
    expect(refused(open, 'dev')).toEqual([]);
  });

  test('alarms that reach no one stop a deployment', () => {
    expect(refused({ ...production, ALARM_EMAIL: '' })).toEqual([
      expect.stringMatching(/^Set ALARM_EMAIL, or/),
    ]);
  });

  test('an emulator on this machine takes a laptop’s secrets', () => {
    const env = { ...production, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', REDIS_URL: 'redis://a:b@redis' };
    expect(contradictions(env)).toEqual([]);
  });
});

test.each([
  ['dev', {}, true],
  ['prod', {}, false],
  ['eu-shop', {}, false],
  ['prod', { DEPLOY_SIMULATE: 'true' }, true],
  ['dev', { DEPLOY_SIMULATE: 'false' }, false],
])('stage %s with %j has simulate: %s', (stage, env, has) => {
  expect(settings(env as Env, stage).leavesOut.simulate).toBe(!has);
});

test('tags, throttle, key and domain come from the environment', () => {
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/1';
  const { tags, extensions, bucket, domain } = settings(
    {
      TAGS: 'team=shop, cost=42',
      API_THROTTLE: '50-100',
      KMS_KEY_ARN: key,
      API_DOMAIN: 'events.example.com',
      API_CERTIFICATE_ARN: 'arn:aws:acm:…',
    },
    'prod',
  );
  expect(tags).toEqual({ service: 'footfall', stage: 'prod', team: 'shop', cost: '42' });
  expect(extensions.HttpApiStage).toEqual(throttle(50, 100));
  expect(bucket).toMatchObject({ serverSideEncryption: 'aws:kms', sseKMSKeyId: key });
  expect(domain).toEqual({ name: 'events.example.com', certificate: 'arn:aws:acm:…', zone: undefined });
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
