/** What a metric counts or measures, and where it comes from. */
export interface Metric {
  name: string;
  /** A CloudWatch unit (AWS: "MetricDatum"). */
  unit: 'Count' | 'Milliseconds' | 'Bytes' | 'Percent';
  /** Counters are added up, gauges are as of the last time, distributions are looked at by percentiles. */
  kind: 'counter' | 'gauge' | 'distribution';
  /** The functions that give it. */
  from: string;
  /** What else it is counted by, besides the sum of all; each has few values. */
  by?: readonly string[];
  /** One sentence, for who reads a graph. */
  meaning: string;
}

type Definitions = Record<string, Omit<Metric, 'name'>>;

const named = <T extends Definitions>(definitions: T) =>
  Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, { name, ...one }])) as {
    readonly [Name in keyof T]: Metric;
  };

/** In CloudWatch, where all metrics lie; their dimension `service` is `footfall-<stage>`. */
export const NAMESPACE = 'Footfall';

/** All metrics: code, alarms, `/metrics` of the local run and RUNBOOK.md take them from here. */
export const METRICS = named({
  requests: {
    unit: 'Count',
    kind: 'counter',
    from: 'all that answer over HTTP',
    by: ['function', 'status'],
    meaning: 'Requests by function and class of status: 2xx, 4xx, …',
  },
  problems: {
    unit: 'Count',
    kind: 'counter',
    from: 'all that answer over HTTP',
    by: ['code'],
    meaning: 'Requests that were answered with an error, by its code.',
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
    meaning: 'Events that Kafka has stored, those that will be dead-lettered included.',
  },
  refusedEvents: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    by: ['code'],
    meaning: 'Events that were not taken, by the first thing that was wrong with each.',
  },
  rateLimited: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    meaning: 'Requests that were refused since their key or address had sent too much.',
  },
  limitUnavailable: {
    unit: 'Count',
    kind: 'counter',
    from: 'collect',
    meaning: 'Requests that nobody could judge, Redis being away; they were let through.',
  },
  cacheHit: {
    unit: 'Count',
    kind: 'counter',
    from: 'analytics',
    meaning: 'Answers that had been computed before.',
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
    meaning: 'Requests and batches that were judged by sites read more than ten seconds ago.',
  },
  applied: { unit: 'Count', kind: 'counter', from: 'aggregate', meaning: 'Records that were counted.' },
  duplicates: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning:
      'Records whose event id was counted before: clients that sent something again. Counts anew what is read anew.',
  },
  forwarded: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records of a visitor who is known to be a user, sent on to the user’s shard.',
  },
  bots: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records that no person caused; counted apart.',
  },
  joined: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records with what another shard knew of a visitor who turned out to be a user.',
  },
  otherGeneration: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records that shards of another generation sent to each other; passed over.',
  },
  erasures: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records by which somebody was forgotten.',
  },
  erased: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records of somebody who was forgotten, from before that; not counted.',
  },
  deadLettered: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    by: ['reason'],
    meaning: 'Records that can not be counted as they are, by reason; kept in the dead-letter topic.',
  },
  batches: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Batches of one partition that were applied.',
  },
  failedBatches: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Batches of one partition that could not be applied and come again.',
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
    meaning: 'Keys and values of a batch of one partition.',
  },
  batchMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Time that an invocation took, all of its partitions together.',
  },
  commitMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'Of that, the time in which Redis committed the chunks of one partition.',
  },
  oldestRecordMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'How old the oldest record of a batch was when it was applied.',
  },
  newestRecordMs: {
    unit: 'Milliseconds',
    kind: 'distribution',
    from: 'aggregate',
    meaning: 'How old the newest record of a batch was when it was applied.',
  },
  refilled: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Offsets that Redis had lost and that were read from Kafka again.',
  },
  recordsLost: {
    unit: 'Count',
    kind: 'counter',
    from: 'aggregate',
    meaning: 'Records found missing in Redis that Kafka no longer had either.',
  },
  sweeps: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Runs of the sweep that did all they had to do.',
  },
  signalled: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Carts left behind that were published.',
  },
  trimmed: {
    unit: 'Count',
    kind: 'counter',
    from: 'sweep',
    meaning: 'Expired members of lists that were removed.',
  },
  lagEvents: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that are accepted and not applied, by Kafka’s ends and the shards’ heads.',
  },
  lagMs: {
    unit: 'Milliseconds',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'How old the oldest of them is, at the most; absent while nothing tells.',
  },
  healingRecords: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that were applied once, that Redis has lost, and that are still to be read again.',
  },
  lost: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that are in no number and never will be: Kafka deleted them before they were applied.',
  },
  ahead: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Records that Redis has applied and Kafka does not have: the topic was made anew.',
  },
  openDeadLetters: {
    unit: 'Count',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Dead letters that nobody has replayed or dismissed.',
  },
  redisMemory: {
    unit: 'Percent',
    kind: 'gauge',
    from: 'sweep',
    meaning: 'Memory that Redis uses, of what it may use; of the fullest server; 0 where nothing limits it.',
  },
});
