import type { Config } from '../../shared/platform/config.ts';

/** The environment that gives a child process the servers, topics and partitions of a configuration. */
export const envOf = ({ kafka, redis }: Pick<Config, 'kafka' | 'redis'>) => ({
  KAFKA_BROKERS: kafka.brokers.join(','),
  EVENTS_TOPIC: kafka.eventsTopic,
  DLQ_TOPIC: kafka.dlqTopic,
  SIGNALS_TOPIC: kafka.signalsTopic,
  SITES_TOPIC: kafka.sitesTopic,
  EVENTS_PARTITIONS: String(kafka.partitions),
  REDIS_URL: redis.url,
  REDIS_CLUSTER: String(redis.cluster),
  REDIS_KEY_PREFIX: redis.keyPrefix,
});
