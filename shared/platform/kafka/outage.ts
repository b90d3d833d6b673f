/** Whether kafkajs, or what waits for it, gave up on Kafka: it is away, starting, or too slow. */
export const isKafkaOutage = (error: unknown): boolean =>
  error instanceof Error && (/^KafkaJS/.test(error.name) || /^Kafka /.test(error.message));
