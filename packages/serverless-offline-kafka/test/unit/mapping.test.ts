import { readLocalOptions } from '../../src/local-options.ts';
import { readMapping } from '../../src/mapping.ts';

const event = {
  accessConfigurations: { vpcSubnet: ['subnet-1'], vpcSecurityGroup: ['sg-1'] },
  bootstrapServers: ['kafka.example.com:9092'],
  topic: 'orders',
};
const source = {
  functionKey: 'aggregate',
  functionName: 'shop-dev-aggregate',
  region: 'eu-west-1',
  event,
  local: readLocalOptions(undefined),
};
const provisioned = { provisionedPollerConfig: { minimumPollers: 1 } };

test('fills in the defaults of AWS', () => {
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

test('reads every setting of the event', () => {
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

describe('The batching window', () => {
  const windowOf = (own: object, extension: object = {}) =>
    readMapping({ ...source, event: { ...event, ...own }, extension }).mapping?.batchingWindowMs;

  test('is 500 ms where the template has none: the framework leaves a 0 out', () => {
    expect(windowOf({ maximumBatchingWindow: 0 })).toBe(500);
  });

  test("is none with a 0 in the mapping's extension, which AWS gets", () => {
    expect(windowOf({}, { MaximumBatchingWindowInSeconds: 0 })).toBe(0);
    expect(windowOf({ maximumBatchingWindow: 5 }, { MaximumBatchingWindowInSeconds: 0 })).toBe(0);
  });

  test('is whole seconds, 300 at most', () => {
    expect(windowOf({}, { MaximumBatchingWindowInSeconds: 2 })).toBe(2000);
    expect(() => windowOf({}, { MaximumBatchingWindowInSeconds: 0.1 })).toThrow(/whole number|int/);
    expect(() => windowOf({}, { MaximumBatchingWindowInSeconds: 301 })).toThrow(/300/);
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

test('with a destination, the number of retries is ten by default', () => {
  const { mapping } = readMapping({
    ...source,
    event: { ...event, ...provisioned, onFailureDestination: 'kafka://orders.failed' },
  });
  expect(mapping).toMatchObject({ onFailureTopic: 'orders.failed', maximumRetryAttempts: 10 });
});

test("a developer's machine may have Kafka at other addresses", () => {
  const local = readLocalOptions({ bootstrapServers: 'localhost:9092, localhost:9093' });
  const { mapping } = readMapping({ ...source, local });
  expect(mapping?.bootstrapServers).toEqual(['localhost:9092', 'localhost:9093']);
});

test('a disabled event has no mapping', () => {
  expect(readMapping({ ...source, event: { ...event, enabled: false } }).mapping).toBeUndefined();
});

test('warns about what has no effect locally', () => {
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
    expect.stringContaining('discarded records are only logged'),
  ]);
});

test.each([
  ['a batch size above 10,000', { event: { ...event, batchSize: 10_001 } }, 'batchSize'],
  ['an unknown key', { event: { ...event, batchsize: 5 } }, 'batchsize'],
  ['a broker address without a port', { event: { ...event, bootstrapServers: ['kafka'] } }, 'host:port'],
  [
    'AT_TIMESTAMP without a timestamp',
    { event: { ...event, startingPosition: 'AT_TIMESTAMP' } },
    'startingPositionTimestamp',
  ],
  [
    'a number of retries without provisioned mode',
    { extension: { MaximumRetryAttempts: 1 } },
    'add provisionedPollerConfig',
  ],
  [
    'a Kafka destination without provisioned mode',
    { event: { ...event, onFailureDestination: 'kafka://failed' } },
    'add provisionedPollerConfig',
  ],
  [
    'the source as its own destination',
    { event: { ...event, ...provisioned, onFailureDestination: 'kafka://orders' } },
    'name another topic',
  ],
  [
    'a maximum age below one minute',
    { event: { ...event, ...provisioned }, extension: { MaximumRecordAgeInSeconds: 5 } },
    'MaximumRecordAgeInSeconds',
  ],
])('rejects %s', (_, changes, words) => {
  expect(() => readMapping({ ...source, ...changes })).toThrow(words);
});
