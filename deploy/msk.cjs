'use strict';

/**
 * With IAM, lets Lambda's poller read from the MSK cluster by its ARN (KAFKA_CLUSTER_ARN): it then takes part as
 * aggregate's role, without a secret. Other logins use the mapping of a self-managed Kafka, as serverless.yml has it.
 */
module.exports = class Msk {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        const { custom, functions } = serverless.service;
        const { msk } = custom.settings;
        if (!msk) return;
        const { events } = functions.aggregate;
        const at = events.findIndex(({ kafka }) => kafka);
        const { topic, consumerGroupId, batchSize, startingPosition } = events[at].kafka;
        events[at] = { msk: { arn: msk.arn, topic, consumerGroupId, batchSize, startingPosition } };
      },
    };
  }
};
