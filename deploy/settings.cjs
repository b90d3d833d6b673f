'use strict';

const { createHash } = require('node:crypto');
const { IAM } = require('../shared/platform/config.ts');
const { CORS } = require('../shared/platform/http/cors.ts');

/** SHA-256, hex, of `footfall-admin-key`, the installation's admin key on a laptop. */
const LAPTOP_ADMIN_KEY_HASH = createHash('sha256').update('footfall-admin-key').digest('hex');

/** The type of the secret in an event source mapping, by SASL mechanism. */
const POLLER_AUTH = {
  plain: 'saslPlainAuth',
  'scram-sha-256': 'saslScram256Auth',
  'scram-sha-512': 'saslScram512Auth',
};

/** Variables passed to the functions only when they are set. shared/platform/config.ts has their defaults. */
const OPTIONAL = [
  'EVENTS_TOPIC',
  'DLQ_TOPIC',
  'SIGNALS_TOPIC',
  'SITES_TOPIC',
  'CART_ABANDONED_MINUTES',
  'ALARM_SILENCE_MINUTES',
  'EVENTS_PARTITIONS',
  'ANSWER_MAX_AGE_MS',
  'RATE_LIMIT_KEY_PER_SECOND',
  'RATE_LIMIT_KEY_BURST',
  'RATE_LIMIT_IP_PER_SECOND',
  'RATE_LIMIT_IP_BURST',
  'COUNTRY_HEADER',
  'REDIS_CLUSTER',
  'REDIS_KEY_PREFIX',
  'REDIS_CA',
  'REDIS_SECRET_ARN',
  'KAFKA_SSL',
  'KAFKA_CA',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_SASL_SECRET_ARN',
  'KAFKA_CA_SECRET_ARN',
  'KAFKA_TLS_SECRET_ARN',
];

/** Stages that get the function simulate unless DEPLOY_SIMULATE says otherwise. Any other may be in production. */
const TRIAL_STAGES = ['dev', 'local', 'test'];

/** What the gateway takes a second unless API_THROTTLE says otherwise: rate and burst. */
const THROTTLE = '2000-4000';

/** Days that logs are kept unless LOG_RETENTION_DAYS says otherwise. */
const LOG_DAYS = 14;

const isOn = (text) => /^(true|1|yes|on|y|enabled)$/i.test(text ?? '');

/** Thresholds of the alarms in deploy/alarms.cjs: variable and default. */
const THRESHOLDS = {
  lagSeconds: ['ALARM_LAG_SECONDS', 300],
  pollerLag: ['ALARM_POLLER_LAG', 100_000],
  deadLetters: ['ALARM_DEAD_LETTERS', 100],
  healingMinutes: ['ALARM_HEALING_MINUTES', 30],
  redisMemoryPercent: ['ALARM_REDIS_MEMORY_PERCENT', 80],
  errorPercent: ['ALARM_5XX_PERCENT', 1],
  refusedPercent: ['ALARM_REFUSED_PERCENT', 5],
};

/** @throws Error when a threshold is not a number above 0: an alarm that cannot fire is worse than none. */
function thresholdsOf(env) {
  const entries = Object.entries(THRESHOLDS).map(([name, [variable, fallback]]) => {
    const value = Number(env[variable] || fallback);
    if (!(value > 0)) throw new Error(`${variable} must be a number above 0, not "${env[variable]}".`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** The longest window that AWS takes, s. */
const MAX_WINDOW_S = 300;

/**
 * How long the poller waits for more records before it invokes aggregate, s. Without a value AWS waits for 500 ms.
 * @throws Error for what AWS would refuse.
 */
function windowOf(env) {
  const text = env.AGGREGATE_WINDOW_SECONDS || '0';
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > MAX_WINDOW_S) {
    throw new Error(
      `AGGREGATE_WINDOW_SECONDS must be a whole number from 0 to ${MAX_WINDOW_S}, not "${text}".`,
    );
  }
  return seconds;
}

const list = (text) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Reads `4` or `4-8`. @returns undefined when it is neither, or the second number is the smaller one. */
function rangeOf(text) {
  const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text ?? '');
  if (!match) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? from);
  return from > 0 && to >= from ? { from, to } : undefined;
}

/** Reads `name=value,name=value`. Pairs without a name or value are left out; deploy/guard.cjs refuses them. */
const pairsOf = (text) =>
  Object.fromEntries(
    list(text)
      .map((pair) => pair.split('=', 2))
      .filter(([a, b]) => a && b),
  );

/** Reads a certificate like shared/platform/config.ts: PEM, or PEM in base64. */
const pemOf = (text) => (text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1'));

/** The API's own name; undefined without one or its certificate. */
function domainOf({ API_DOMAIN: name, API_CERTIFICATE_ARN: certificate, API_HOSTED_ZONE_ID: zone }) {
  return name && certificate ? { name, certificate, zone: zone || undefined } : undefined;
}

/** A topic or a cluster as the framework writes it into the logical id of its mapping. */
const logicalId = (topic) => topic.replace(/[^0-9A-Za-z]/g, '').replace(/^./, (first) => first.toUpperCase());

/** AWS: "Resources that you can use in an authorization policy" of MSK. */
const CLUSTER_ARN = /^(arn:[a-z-]+:kafka:[a-z0-9-]+:\d{12}):cluster\/([A-Za-z0-9-]+)\/([a-z0-9-]+)$/;

/**
 * A cluster of MSK by its ARN.
 * @returns its name, and a function that makes the ARN of a thing in it, such as `topic` and `events`; undefined for
 * any other text.
 */
function clusterOf(arn) {
  const [, prefix, name, id] = CLUSTER_ARN.exec(arn ?? '') ?? [];
  return prefix && { arn, name, arnOf: (type, what) => `${prefix}:${type}/${name}/${id}/${what}` };
}

/**
 * What serverless.yml takes from the environment. With an empty environment, everything points to the
 * services of a laptop and to a publicly known admin key, so `sls offline` and `sls invoke local` work in a
 * fresh checkout. deploy/guard.cjs refuses to deploy that.
 * @param stage of the deployment: each stage in an account has its own metrics and consumer group.
 */
function settings(env, stage = 'dev') {
  const brokers = env.KAFKA_BROKERS || 'localhost:9092';
  const subnets = list(env.VPC_SUBNET_IDS);
  const securityGroups = list(env.VPC_SECURITY_GROUP_IDS);
  const environment = {
    KAFKA_BROKERS: brokers,
    REDIS_URL: env.REDIS_URL || 'redis://localhost:6379',
    FOOTFALL_ADMIN_KEY_HASH: env.FOOTFALL_ADMIN_KEY_HASH || LAPTOP_ADMIN_KEY_HASH,
    POWERTOOLS_LOG_LEVEL: env.POWERTOOLS_LOG_LEVEL || 'INFO',
    POWERTOOLS_SERVICE_NAME: `footfall-${stage}`,
    AGGREGATE_GROUP: `footfall-${stage}-aggregate`,
  };
  for (const name of OPTIONAL) if (env[name]) environment[name] = env[name];

  const access = {};
  // With one of them only, deploy/guard.cjs stops the deployment.
  const hasNetwork = subnets.length > 0 && securityGroups.length > 0;
  if (hasNetwork) {
    access.vpcSubnet = subnets;
    access.vpcSecurityGroup = securityGroups;
  }
  if (env.KAFKA_SASL_SECRET_ARN) {
    access[POLLER_AUTH[env.KAFKA_SASL_MECHANISM] ?? 'saslScram512Auth'] = [env.KAFKA_SASL_SECRET_ARN];
  }
  if (env.KAFKA_TLS_SECRET_ARN) access.clientCertificateTlsAuth = [env.KAFKA_TLS_SECRET_ARN];
  // The poller reads the CA from a secret (CreateEventSourceMapping, SERVER_ROOT_CA_CERTIFICATE), not from
  // here.
  if (env.KAFKA_CA_SECRET_ARN) access.serverRootCaCertificate = [env.KAFKA_CA_SECRET_ARN];
  // Lambda reaches a self-managed cluster through a VPC or with credentials, and the framework requires one
  // of them. A laptop has neither, so these ids are placeholders.
  if (Object.keys(access).length === 0) {
    access.vpcSubnet = ['subnet-00000000'];
    access.vpcSecurityGroup = ['sg-00000000'];
  }

  const topic = environment.EVENTS_TOPIC ?? 'events';
  const cluster = clusterOf(env.KAFKA_CLUSTER_ARN);
  const msk = env.KAFKA_SASL_MECHANISM === IAM ? cluster : undefined;
  const mapping = `AggregateEventSourceMapping${msk ? `MSK${logicalId(msk.name)}` : 'Kafka'}${logicalId(topic)}`;
  const pollers = rangeOf(env.AGGREGATE_POLLERS);
  const throttle = rangeOf(env.API_THROTTLE) ?? rangeOf(THROTTLE);
  const collectors = Number(env.COLLECT_CONCURRENCY ?? 0);
  const aggregators = Number(env.AGGREGATE_CONCURRENCY ?? 0);
  const kmsKey = env.KMS_KEY_ARN || undefined;

  // Lambda's poller reads these from secrets; the poller on a laptop reads them from here.
  const localPoller = {
    ssl: isOn(env.KAFKA_SSL),
    ...(env.KAFKA_CA && { ca: pemOf(env.KAFKA_CA) }),
    ...(env.KAFKA_SASL_MECHANISM &&
      env.KAFKA_SASL_MECHANISM !== IAM && {
        sasl: {
          mechanism: env.KAFKA_SASL_MECHANISM,
          username: env.KAFKA_SASL_USERNAME ?? '',
          password: env.KAFKA_SASL_PASSWORD ?? '',
        },
      }),
  };

  return {
    environment,
    localPoller,
    brokers: list(brokers),
    topic,
    topics: {
      events: topic,
      deadLetters: environment.DLQ_TOPIC ?? 'events.dlq',
      signals: environment.SIGNALS_TOPIC ?? 'signals',
      sites: environment.SITES_TOPIC ?? 'sites',
    },
    msk,
    access,
    alarms: {
      thresholds: thresholdsOf(env),
      topicArn: env.ALARM_TOPIC_ARN || undefined,
      email: env.ALARM_EMAIL || undefined,
      kmsKey,
      runbook: env.RUNBOOK_URL || undefined,
    },
    cors: CORS,
    kmsKey,
    secrets: [
      env.REDIS_SECRET_ARN,
      env.KAFKA_SASL_SECRET_ARN,
      env.KAFKA_CA_SECRET_ARN,
      env.KAFKA_TLS_SECRET_ARN,
    ].filter((arn, i, all) => arn && all.indexOf(arn) === i),
    tracing: isOn(env.TRACING),
    tags: { service: 'footfall', stage, ...pairsOf(env.TAGS) },
    logDays: Number(env.LOG_RETENTION_DAYS || LOG_DAYS),
    domain: domainOf(env),
    isTrial: TRIAL_STAGES.includes(stage),
    leavesOut: {
      simulate: env.DEPLOY_SIMULATE ? !isOn(env.DEPLOY_SIMULATE) : !TRIAL_STAGES.includes(stage),
      installationRoutes: env.INSTALLATION_ROUTES === 'private',
    },
    bucket: {
      blockPublicAccess: true,
      versioning: true,
      serverSideEncryption: kmsKey ? 'aws:kms' : 'AES256',
      ...(kmsKey && { sseKMSKeyId: kmsKey }),
    },
    vpc: hasNetwork ? { subnetIds: subnets, securityGroupIds: securityGroups } : null,
    // Not in the event or function, where the framework cannot omit a property.
    extensions: {
      [mapping]: {
        Properties: {
          // Here, since the framework leaves a 0 out of the template, and AWS then waits for 500 ms.
          MaximumBatchingWindowInSeconds: windowOf(env),
          ...(pollers && {
            ProvisionedPollerConfig: { MinimumPollers: pollers.from, MaximumPollers: pollers.to },
          }),
        },
      },
      HttpApiStage: {
        Properties: {
          DefaultRouteSettings: { ThrottlingRateLimit: throttle.from, ThrottlingBurstLimit: throttle.to },
        },
      },
      ...(collectors > 0 && {
        CollectLambdaFunction: { Properties: { ReservedConcurrentExecutions: collectors } },
      }),
      ...(aggregators > 0 && {
        AggregateLambdaFunction: { Properties: { ReservedConcurrentExecutions: aggregators } },
      }),
    },
  };
}

module.exports = async ({ resolveConfigurationProperty }) =>
  settings(process.env, await resolveConfigurationProperty(['provider', 'stage']));
module.exports.settings = settings;
module.exports.rangeOf = rangeOf;
module.exports.clusterOf = clusterOf;
module.exports.TRIAL_STAGES = TRIAL_STAGES;
module.exports.isOn = isOn;
module.exports.LAPTOP_ADMIN_KEY_HASH = LAPTOP_ADMIN_KEY_HASH;
