import type { Mapping } from '../../src/mapping.ts';

/** A mapping of the topic to a function, with short pauses. Unless told otherwise it uses Kafka at KAFKA_BROKERS. */
export function mappingOf(topic: string, changes: Partial<Mapping> = {}): Mapping {
  return {
    functionName: 'test-function',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:test-function:$LATEST',
    topic,
    bootstrapServers: changes.bootstrapServers ?? process.env.KAFKA_BROKERS!.split(','),
    consumerGroupId: `${topic}-group`,
    batchSize: 100,
    batchingWindowMs: 100,
    startingPosition: { at: 'TRIM_HORIZON' },
    reportBatchItemFailures: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    bisectBatchOnFunctionError: false,
    retryBackoff: { initialMs: 10, maxMs: 50 },
    ...changes,
  };
}
