'use strict';

const { IAM, readConfig } = require('../shared/platform/config.ts');
const { clusterOf, isOn, LAPTOP_ADMIN_KEY_HASH, rangeOf, TRIAL_STAGES } = require('./settings.cjs');

const HERE = /^(localhost|127\.0\.0\.1|\[?::1\]?|localhost\.localstack\.cloud)$/;

/** What CloudWatch takes (PutRetentionPolicy). */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731];
const LONG_LOG_DAYS = [1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Whether AWS is an emulator on this machine, where a laptop's settings are fine. */
function emulated(env) {
  return Boolean(env.AWS_ENDPOINT_URL) && HERE.test(new URL(env.AWS_ENDPOINT_URL).hostname);
}

/** What the URL says; undefined when it is none, which readConfig reports. */
const urlOf = (text) => (URL.canParse(text ?? '') ? new URL(text) : undefined);

/** Secrets in plain variables, which anyone sees who may read a function's configuration. */
function plainSecrets(env) {
  const found = [];
  if (env.KAFKA_SASL_USERNAME || env.KAFKA_SASL_PASSWORD) {
    found.push(
      'Set KAFKA_SASL_SECRET_ARN instead of KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: a function’s environment is no place for a password.',
    );
  }
  if (urlOf(env.REDIS_URL)?.password) {
    found.push(
      'Set REDIS_SECRET_ARN and leave the password out of REDIS_URL: a function’s environment is no place for a password.',
    );
  }
  if (env.KAFKA_CA) {
    found.push(
      'Set KAFKA_CA_SECRET_ARN instead of KAFKA_CA: Lambda’s poller and the functions then trust the same authority.',
    );
  }
  if (env.REDIS_CA) {
    found.push(
      'Set REDIS_SECRET_ARN instead of REDIS_CA, to a secret with the certificates under `certificate`.',
    );
  }
  return found;
}

/** Ways over the network that others could read, or that the poller and the functions would not share. */
function openWays(env) {
  const found = [];
  if (urlOf(env.REDIS_URL)?.protocol === 'redis:' && !HERE.test(urlOf(env.REDIS_URL).hostname)) {
    found.push(
      'Set REDIS_URL to a rediss:// address: with redis://, all data and the password cross the network unencrypted.',
    );
  }
  const usesTls = isOn(env.KAFKA_SSL);
  if (env.KAFKA_SASL_MECHANISM && !usesTls) {
    found.push('Set KAFKA_SSL=true: SASL without TLS exposes the login on the network.');
  }
  if ((env.KAFKA_CA_SECRET_ARN || env.KAFKA_TLS_SECRET_ARN) && !usesTls) {
    found.push('Set KAFKA_SSL=true: KAFKA_CA_SECRET_ARN and KAFKA_TLS_SECRET_ARN have no use without TLS.');
  }
  const isPlain = env.KAFKA_SASL_USERNAME || env.KAFKA_SASL_PASSWORD;
  const usesIam = env.KAFKA_SASL_MECHANISM === IAM;
  if (env.KAFKA_SASL_MECHANISM && !usesIam && !env.KAFKA_SASL_SECRET_ARN && !isPlain) {
    found.push(
      'Set KAFKA_SASL_SECRET_ARN: with KAFKA_SASL_MECHANISM, Lambda’s poller signs in with this secret, as the functions do.',
    );
  }
  if (env.KAFKA_SASL_SECRET_ARN && !env.KAFKA_SASL_MECHANISM) {
    found.push(
      'Set KAFKA_SASL_MECHANISM to the mechanism of KAFKA_SASL_SECRET_ARN: without it, Lambda’s poller signs in and the functions do not.',
    );
  }
  return [...found, ...(usesIam ? besideIam(env) : [])];
}

/** What does not go with a login by IAM. */
function besideIam(env) {
  const found = [];
  const secrets = ['KAFKA_SASL_SECRET_ARN', 'KAFKA_TLS_SECRET_ARN', 'KAFKA_CA_SECRET_ARN'].filter(
    (name) => env[name],
  );
  if (secrets.length > 0) {
    found.push(
      `Leave out ${secrets.join(' and ')}: with ${IAM}, the functions and Lambda’s poller sign in with their roles, and MSK’s certificates need no authority of yours.`,
    );
  }
  if (!env.KAFKA_CLUSTER_ARN) {
    found.push(
      `Set KAFKA_CLUSTER_ARN to the ARN of the MSK cluster: with ${IAM}, Lambda’s poller reads from it, and the functions’ roles name it.`,
    );
  }
  return found;
}

/** Two settings of which each needs the other. */
const PAIRS = [
  ['VPC_SUBNET_IDS', 'VPC_SECURITY_GROUP_IDS', 'a function in a VPC needs both'],
  ['API_DOMAIN', 'API_CERTIFICATE_ARN', 'a domain of your own needs both'],
];

/** What a setting of the deployment must look like: name, test, and what to set. */
const FORMS = [
  ['VPC_SUBNET_IDS', /^\s*subnet-\w+\s*(,\s*subnet-\w+\s*)*$/, 'ids such as subnet-0a1b,subnet-2c3d'],
  ['VPC_SECURITY_GROUP_IDS', /^\s*sg-\w+\s*(,\s*sg-\w+\s*)*$/, 'ids such as sg-0a1b'],
  ['API_THROTTLE', rangeOf, 'rate-burst in requests a second, such as 2000-4000'],
  ['AGGREGATE_POLLERS', isPollers, 'min-max, such as 2-8: 1 to 200, and that or more up to 2000'],
  ['KAFKA_CLUSTER_ARN', clusterOf, 'the ARN of an MSK cluster, arn:aws:kafka:…:cluster/name/id'],
  ['COLLECT_CONCURRENCY', /^[1-9]\d*$/, 'a whole number above 0'],
  [
    'AGGREGATE_CONCURRENCY',
    /^([2-9]|[1-9]\d+)$/,
    'a whole number from 2: one for the poller, one for the schedule that refills what Redis has lost',
  ],
  ['KMS_KEY_ARN', /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a key'],
  ['ALARM_TOPIC_ARN', /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:\S+$/, 'the ARN of an SNS topic'],
  ['ALARM_EMAIL', /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'one email address'],
  ['RUNBOOK_URL', /^https:\/\/[^\s#]+$/, 'the https:// address of a copy of docs/runbook.md, without #'],
  ['API_DOMAIN', /^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a host name such as events.example.com'],
  ['API_CERTIFICATE_ARN', /^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/\S+$/, 'the ARN of a certificate'],
  [
    'LOG_RETENTION_DAYS',
    (text) => [...LOG_DAYS, ...LONG_LOG_DAYS].includes(Number(text)),
    'a number of days that CloudWatch takes: 7, 14, 30, 90, 365, …',
  ],
  ['TAGS', /^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/, 'name=value,name=value'],
  ['INSTALLATION_ROUTES', /^(public|private)$/, 'public or private'],
];

/** AWS: "Provisioned mode", ProvisionedPollerConfig. */
function isPollers(text) {
  const range = rangeOf(text);
  return range !== undefined && range.from <= 200 && range.to <= 2_000;
}

function malformed(env) {
  const pairs = PAIRS.filter(([one, other]) => Boolean(env[one]) !== Boolean(env[other])).map(
    ([one, other, why]) => {
      const [missing, given] = env[one] ? [other, one] : [one, other];
      return `Set ${missing} as well as ${given}: ${why}.`;
    },
  );
  const forms = FORMS.filter(([name, form]) => {
    if (!env[name]) return false;
    return !(form instanceof RegExp ? form.test(env[name]) : form(env[name]));
  }).map(([name, , expected]) => `Set ${name} to ${expected}, not "${env[name]}".`);
  return [...pairs, ...forms];
}

/**
 * Lists the settings that contradict each other or put a secret where others see it, each as a sentence that says what
 * to set. `sls package` is refused with them, too.
 * @returns {string[]}
 */
function contradictions(env) {
  if (emulated(env)) return malformed(env);
  const both = env.ALARM_EMAIL && env.ALARM_TOPIC_ARN;
  return [
    ...plainSecrets(env),
    ...openWays(env),
    ...malformed(env),
    ...(env.KAFKA_CLUSTER_ARN && env.KAFKA_SASL_MECHANISM !== IAM
      ? [`Set KAFKA_SASL_MECHANISM=${IAM}, or leave out KAFKA_CLUSTER_ARN: only this login uses it.`]
      : []),
    ...(both
      ? [
          'Set either ALARM_EMAIL or ALARM_TOPIC_ARN: the address is for the topic that the stack makes without the other.',
        ]
      : []),
  ];
}

/** What only a laptop's configuration has, each as a sentence that says what to set. */
function laptopSettings(environment, kafka, env) {
  const found = [];
  const { FOOTFALL_ADMIN_KEY_HASH: hash } = environment;
  if (hash === undefined || hash === LAPTOP_ADMIN_KEY_HASH) {
    found.push(
      'Set FOOTFALL_ADMIN_KEY_HASH to the hash of your own admin key, made by `npx footfall sites hash`: the default key is public.',
    );
  }
  if (kafka.bootstrapServers.some((broker) => HERE.test(broker.replace(/:\d+$/, '')))) {
    found.push('Set KAFKA_BROKERS to the brokers that Lambda can reach, as host:port[,host:port…].');
  }
  if (HERE.test(urlOf(environment.REDIS_URL)?.hostname ?? '')) {
    found.push('Set REDIS_URL to the Redis that Lambda can reach, as rediss://host:6379.');
  }
  if (kafka.accessConfigurations.vpcSubnet?.includes('subnet-00000000') && !env.VPC_SUBNET_IDS) {
    found.push(
      'Set VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS, or KAFKA_SASL_SECRET_ARN, for Lambda to reach Kafka.',
    );
  }
  if (!env.ALARM_EMAIL && !env.ALARM_TOPIC_ARN) {
    found.push(
      'Set ALARM_EMAIL, or ALARM_TOPIC_ARN to a topic of yours: without them, no alarm reaches anyone.',
    );
  }
  return found;
}

/** What a stage that may be in production must not have. */
function openKafka(env) {
  if (env.KAFKA_SASL_MECHANISM || env.KAFKA_TLS_SECRET_ARN) return [];
  return [
    'Set KAFKA_SASL_MECHANISM, or KAFKA_TLS_SECRET_ARN: without a login, anyone in Kafka’s network reads and writes events.',
  ];
}

/** What the functions would not start with, in readConfig's words. */
function unreadable(environment) {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return [error.message];
  }
}

/**
 * Lists what must not be deployed to AWS in this configuration, each as a sentence that says what to set.
 * @param environment the functions' variables
 * @param kafka the event source mapping's settings, as in serverless.yml
 * @param stage of the deployment
 * @returns {string[]} empty when it may be deployed
 */
function refusals(environment, kafka, env, stage = 'prod') {
  const found = [...unreadable(environment), ...contradictions(env)];
  if (emulated(env)) return found;
  const open = TRIAL_STAGES.includes(stage) ? [] : openKafka(env);
  return [...found, ...laptopSettings(environment, kafka, env), ...open];
}

/**
 * Stops `sls deploy` and `sls package` when the configuration cannot work or is unsafe, and `sls deploy` when it is a
 * laptop's. In the constructor, since the framework checks its own schema before the first hook, in other words.
 */
module.exports = class Guard {
  constructor(serverless) {
    const [command] = serverless.processedInput.commands;
    if (command !== 'deploy' && command !== 'package') return;
    const { provider, functions } = serverless.configurationInput;
    const { kafka } = functions.aggregate.events.find((event) => event.kafka);
    const found =
      command === 'deploy'
        ? refusals(provider.environment, kafka, process.env, provider.stage)
        : contradictions(process.env);
    if (found.length === 0) return;
    const said = command === 'deploy' ? 'Not deployed.' : 'Not packaged.';
    throw new serverless.classes.Error([said, ...found].join('\n  '), 'REFUSED_CONFIGURATION');
  }
};
module.exports.refusals = refusals;
module.exports.contradictions = contradictions;
