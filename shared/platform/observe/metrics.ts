/** What a metric counts or measures, and which functions write it. */
export interface Metric {
  name: string;
  /** A CloudWatch unit (AWS: "MetricDatum"). */
  unit: 'Count' | 'Milliseconds' | 'Bytes' | 'Percent';
  /** Counters are added up; of gauges the last value counts; distributions are read as percentiles. */
  kind: 'counter' | 'gauge' | 'distribution';
  /** The functions that write it. */
  from: string;
  /** Dimensions it is also counted by, besides the total; each has few values. */
  by?: readonly string[];
  /** One sentence for readers of a graph. */
  meaning: string;
}

type Definitions = Record<string, Omit<Metric, 'name'>>;

const named = <T extends Definitions>(definitions: T) =>
  Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, { name, ...one }])) as {
    readonly [Name in keyof T]: Metric;
  };

/** The CloudWatch namespace. The dimension `service` is `footfall-<stage>`. */
export const NAMESPACE = 'Footfall';

/** All metrics: code, alarms, `/metrics` of the local run and docs/runbook.md take them from here. */
export const METRICS = named({
  requests: {
    unit: 'Count',
    kind: 'counter',
    from: 'all HTTP functions',
    by: ['function', 'status'],
    meaning: 'Requests by function and status class: 2xx, 4xx, …',
  },
  problems: {
    unit: 'Count',
    kind: 'counter',
    from: 'all HTTP functions',
    by: ['code'],
    meaning: 'Requests answered with an error, by error code.',
  },
  coldStarts: {
    unit: 'Count',
    kind: 'counter',
    from: 'all',
    by: ['function'],
    meaning: 'Containers that handled their first invocation.',
  },
  acceptedEvents: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    meaning: 'Events that Kafka has stored, including those that become dead letters.',
  },
  refusedEvents: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    by: ['code'],
    meaning: 'Events that were refused, by the code of their first error.',
  },
  rateLimited: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    meaning: 'Requests refused because their key or address had sent too much.',
  },
  limitUnavailable: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    meaning: 'Requests that passed without a rate limit, because Redis did not answer.',
  },
  cacheHit: {
    unit: 'Count',
    kind: 'counter',
    from: 'analytics',
    meaning: 'Answers that came from the cache.',
  },
  cacheMiss: {
    unit: 'Count',
    kind: 'counter',
    from: 'analytics',
    meaning: 'Answers that were computed.',
  },
  answerMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'analytics',
    meaning: 'Time from a request to its answer, inside the function.',
  },
  sitesStale: {
    unit: 'Count',
    kind: 'counter',
    from: 'all',
    meaning: 'Requests and batches judged by sites that were read more than ten seconds ago.',
  },
  applied: { unit: 'Count', kind: 'counter', from: 'aggregate', meaning: 'Records that were counted.' },
  duplicates: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning:
      'Records whose event id was counted before, because a client sent the event again. A refill adds them again.',
  },
  forwarded: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records of a visitor known to be a user, forwarded to the user’s shard.',
  },
  bots: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records of bots; counted apart.',
  },
  joined: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'States of visitors who turned out to be users, sent by the visitors’ shards.',
  },
  orderNotes: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning:
      'What shards told each other of orders: about one record for each order or refund with a transaction id.',
  },
  otherGeneration: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records between shards of another generation; passed over.',
  },
  erasures: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records that erase a person.',
  },
  erased: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records of an erased person from before the erasure; not counted.',
  },
  deadLettered: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    by: ['reason'],
    meaning: 'Records that cannot be counted as they are, by reason; kept in the dead-letter topic.',
  },
  batches: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Batches of one partition that were applied.',
  },
  overLimit: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning:
      'Invalid events that were only counted, because their site had as many dead letters of the day as it may have.',
  },
  failedBatches: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Batches of one partition that could not be applied and are delivered again.',
  },
  batchRecords: {
    unit: 'Count',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Records of a batch of one partition.',
  },
  batchBytes: {
    unit: 'Bytes',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Bytes of the keys and values of a batch of one partition.',
  },
  batchMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Duration of an invocation, with all of its partitions.',
  },
  commitMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Part of it in which Redis committed the chunks of one partition.',
  },
  oldestRecordMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Age of the oldest record of a batch when it was applied.',
  },
  newestRecordMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Age of the newest record of a batch when it was applied.',
  },
  refilled: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Offsets that Redis had lost, read from Kafka again.',
  },
  recordsLost: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records missing in Redis that Kafka no longer had.',
  },
  sweeps: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Runs of sweep that completed.',
  },
  signalled: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Abandoned carts that were published.',
  },
  trimmed: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Expired list members that were removed.',
  },
  packed: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Settled days of shards that were packed.',
  },
  lagEvents: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records accepted and not yet applied, by Kafka’s ends and the shards’ heads.',
  },
  lagMs: {
    unit: 'Milliseconds',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Maximum age of the oldest of them; absent when unknown.',
  },
  healingRecords: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that Redis has lost and that are still to be read again.',
  },
  lost: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that will never be counted: Kafka deleted them before they were applied.',
  },
  ahead: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that Redis has applied and Kafka does not have: the topic was recreated.',
  },
  openDeadLetters: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Dead letters that are neither replayed nor discarded.',
  },
  silentSites: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning:
      'Sites that usually send, and have no event for ALARM_SILENCE_MINUTES; absent when numbers are late.',
  },
  redisMemory: {
    unit: 'Percent',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Share of its memory limit that Redis uses, of the fullest server; 0 without a limit.',
  },
});
