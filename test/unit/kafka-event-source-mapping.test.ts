import { readMapping } from '../../local/kafka-event-source/mapping.ts';

const event = {
  accessConfigurations: { vpcSubnet: ['subnet-1'], vpcSecurityGroup: ['sg-1'] },
  bootstrapServers: ['kafka.example.com:9092'],
  topic: 'orders',
};
const source = { functionKey: 'aggregate', functionName: 'shop-dev-aggregate', region: 'eu-west-1', event };
const provisioned = { provisionedPollerConfig: { minimumPollers: 1 } };

test('fills in what AWS takes when nothing is said', () => {
  expect(readMapping(source)).toEqual({
    warnings: [],
    mapping: {
      functionName: 'shop-dev-aggregate',
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-aggregate:$LATEST',
      topic: 'orders',
      bootstrapServers: ['kafka.example.com:9092'],
      consumerGroupId: 'shop-dev-aggregate-orders',
      batchSize: 100,
      batchingWindowMs: 500,
      startingPosition: { at: 'TRIM_HORIZON' },
      reportBatchItemFailures: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      bisectBatchOnFunctionError: false,
      retryBackoff: { initialMs: 250, maxMs: 10_000 },
    },
  });
});

test('reads all that the event says', () => {
  const { mapping } = readMapping({
    ...source,
    event: {
      ...event,
      consumerGroupId: 'counters',
      batchSize: 10_000,
      maximumBatchingWindow: 3,
      startingPosition: 'AT_TIMESTAMP',
      startingPositionTimestamp: 1_700_000_000.5,
    },
  });
  expect(mapping).toMatchObject({
    consumerGroupId: 'counters',
    batchSize: 10_000,
    batchingWindowMs: 3000,
    startingPosition: { at: 'AT_TIMESTAMP', timestampMs: 1_700_000_000_500 },
  });
});

test("reads error handling from the mapping's extension", () => {
  const { mapping } = readMapping({
    ...source,
    event: { ...event, ...provisioned },
    extension: {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 3600,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: { Destination: 'kafka://orders.failed' } },
    },
  });
  expect(mapping).toMatchObject({
    reportBatchItemFailures: true,
    maximumRetryAttempts: 3,
    maximumRecordAgeSeconds: 3600,
    bisectBatchOnFunctionError: true,
    onFailureTopic: 'orders.failed',
  });
});

test('a destination without a number of retries means ten', () => {
  const { mapping } = readMapping({
    ...source,
    event: { ...event, ...provisioned, onFailureDestination: 'kafka://orders.failed' },
  });
  expect(mapping).toMatchObject({ onFailureTopic: 'orders.failed', maximumRetryAttempts: 10 });
});

test('this machine reaches Kafka elsewhere', () => {
  const { mapping } = readMapping({
    ...source,
    local: { bootstrapServers: 'localhost:9092, localhost:9093' },
  });
  expect(mapping?.bootstrapServers).toEqual(['localhost:9092', 'localhost:9093']);
});

test('a disabled event has no mapping', () => {
  expect(readMapping({ ...source, event: { ...event, enabled: false } }).mapping).toBeUndefined();
});

test('says what is not done locally', () => {
  const { warnings } = readMapping({
    ...source,
    event: {
      ...event,
      filterPatterns: [{ value: [1] }],
      onFailureDestination: 'arn:aws:sqs:eu-west-1:1:failed',
    },
  });
  expect(warnings).toEqual([
    expect.stringContaining('filterPatterns are not supported locally'),
    expect.stringContaining('Only kafka://topic is supported'),
  ]);
});

test.each([
  ['batchSize', { event: { ...event, batchSize: 10_001 } }, 'batchSize'],
  ['an unknown key', { event: { ...event, batchsize: 5 } }, 'batchsize'],
  ['an address', { event: { ...event, bootstrapServers: ['kafka'] } }, 'host:port'],
  [
    'a start without a time',
    { event: { ...event, startingPosition: 'AT_TIMESTAMP' } },
    'startingPositionTimestamp',
  ],
  ['retries in on-demand mode', { extension: { MaximumRetryAttempts: 1 } }, 'add provisionedPollerConfig'],
  [
    'a Kafka destination in on-demand mode',
    { event: { ...event, onFailureDestination: 'kafka://failed' } },
    'add provisionedPollerConfig',
  ],
  [
    'a destination that is the source',
    { event: { ...event, ...provisioned, onFailureDestination: 'kafka://orders' } },
    'name another',
  ],
  [
    'too young an age',
    { event: { ...event, ...provisioned }, extension: { MaximumRecordAgeInSeconds: 5 } },
    'MaximumRecordAgeInSeconds',
  ],
  ['a local option', { local: { sasl: { mechanism: 'oauth' } } }, 'sasl.mechanism'],
  ['an authority that is none', { local: { ssl: true, ca: 'a file' } }, 'ca'],
])('refuses %s', (_, changes, words) => {
  expect(() => readMapping({ ...source, ...changes })).toThrow(words);
});
