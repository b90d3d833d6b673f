'use strict';

const { readConfig } = require('../shared/platform/config.ts');
const { LAPTOP_ADMIN_KEY_HASH } = require('./settings.cjs');

const HERE = /^(localhost|127\.0\.0\.1|\[?::1\]?|localhost\.localstack\.cloud)$/;

/** Whether AWS is an emulator on this machine, where a laptop's settings are fine. */
function emulated(env) {
  return Boolean(env.AWS_ENDPOINT_URL) && HERE.test(new URL(env.AWS_ENDPOINT_URL).hostname);
}

/**
 * Lists what must not be deployed to AWS in this configuration, each as a sentence that says what to set.
 * @param environment the functions' variables
 * @param kafka the event source mapping's settings, as in serverless.yml
 * @returns {string[]} empty when it may be deployed
 */
function refusals(environment, kafka, env) {
  const found = [];
  try {
    readConfig(environment);
  } catch (error) {
    return [error.message];
  }
  if (emulated(env)) return found;
  const { FOOTFALL_ADMIN_KEY_HASH: hash } = environment;
  if (hash === undefined || hash === LAPTOP_ADMIN_KEY_HASH) {
    found.push(
      'Set FOOTFALL_ADMIN_KEY_HASH to the hash of your own admin key, made by `npx footfall sites hash`: the default key is public.',
    );
  }
  if (kafka.bootstrapServers.some((broker) => HERE.test(broker.replace(/:\d+$/, '')))) {
    found.push('Set KAFKA_BROKERS to the brokers that Lambda can reach, as host:port[,host:port…].');
  }
  if (HERE.test(new URL(environment.REDIS_URL).hostname)) {
    found.push('Set REDIS_URL to the Redis that Lambda can reach, as rediss://host:6379.');
  }
  if (kafka.accessConfigurations.vpcSubnet?.includes('subnet-00000000')) {
    found.push(
      'Set VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS, or KAFKA_SASL_SECRET_ARN, for Lambda to reach Kafka.',
    );
  }
  return found;
}

/** Stops `sls deploy` before the build when the configuration is a laptop's or cannot work. */
module.exports = class Guard {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        if (serverless.processedInput.commands[0] !== 'deploy') return;
        const { provider, functions } = serverless.service;
        const { kafka } = functions.aggregate.events.find((event) => event.kafka);
        const found = refusals(provider.environment, kafka, process.env);
        if (found.length === 0) return;
        throw new serverless.classes.Error(['Not deployed.', ...found].join('\n  '), 'REFUSED_CONFIGURATION');
      },
    };
  }
};
module.exports.refusals = refusals;
