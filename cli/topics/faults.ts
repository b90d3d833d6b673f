import type { KafkaAdmin } from '../../shared/platform/kafka/client.ts';
import { TOPIC, type TopicPlan } from '../../shared/platform/kafka/topics.ts';
import { DAY_MS } from '../../shared/platform/time.ts';

/** What is wrong with a topic, in a sentence. */
export interface TopicFault {
  topic: string;
  message: string;
}

/** A topic as Kafka describes it. */
export interface FoundTopic {
  partitions: { leader: number; replicas: number; inSync: number }[];
  /** In effect: of the topic, else of the broker. */
  settings: ReadonlyMap<string, string>;
}

/** Where dead letters and events are kept for less, a repair may come too late, ms. */
const MIN_RETENTION_MS = 7 * DAY_MS;
/** Enough for the loss of one broker while another restarts. */
export const COPIES = 3;
/** What a broker accepts by default (Kafka's documentation, `message.max.bytes`). A request of collect is smaller. */
const MIN_MESSAGE_BYTES = 1_048_588;

/**
 * Describes topics.
 * @returns undefined for a topic that does not exist
 * @throws what kafkajs throws, also when the user may not describe them
 */
export async function describeTopics(
  admin: KafkaAdmin,
  names: readonly string[],
): Promise<Map<string, FoundTopic | undefined>> {
  const existing = new Set(await admin.listTopics());
  const there = names.filter((name) => existing.has(name));
  const found = new Map<string, FoundTopic | undefined>(names.map((name) => [name, undefined]));
  if (there.length === 0) return found;
  const [{ topics }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: there }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: there.map((name) => ({ type: TOPIC, name })),
    }),
  ]);
  for (const { name, partitions } of topics) {
    const entries = resources.find((one) => one.resourceName === name)?.configEntries ?? [];
    found.set(name, {
      partitions: partitions.map(({ leader, replicas, isr }) => ({
        leader,
        replicas: replicas.length,
        inSync: isr.length,
      })),
      settings: new Map(entries.map(({ configName, configValue }) => [configName, configValue])),
    });
  }
  return found;
}

/**
 * Says what is wrong with topics.
 * @param brokers how many the cluster has: a cluster of one cannot keep three copies
 */
export function topicFaults(
  plans: readonly TopicPlan[],
  found: ReadonlyMap<string, FoundTopic | undefined>,
  brokers: number,
): TopicFault[] {
  const events = plans.find(({ setting }) => setting === 'EVENTS_TOPIC')!;
  const eventsRetention = retentionOf(found.get(events.topic));
  return plans.flatMap((plan) => {
    const one = found.get(plan.topic);
    const sentences = one
      ? [
          ...partitionFaults(plan, one),
          ...copyFaults(one, brokers),
          ...settingFaults(plan, one),
          ...retentionFaults(plan, one, eventsRetention),
        ]
      : [`does not exist. Make it with: npx footfall topics create`];
    return sentences.map((rest) => ({ topic: plan.topic, message: `Topic ${plan.topic} ${rest}` }));
  });
}

function* partitionFaults(plan: TopicPlan, { partitions }: FoundTopic): Generator<string> {
  const { length } = partitions;
  if (plan.isExact && length !== plan.partitions) {
    yield plan.setting === 'EVENTS_TOPIC'
      ? `has ${length} partitions, but EVENTS_PARTITIONS is ${plan.partitions}. Set EVENTS_PARTITIONS=${length}, or see docs/rebuild.md for another number.`
      : `has ${length} partitions instead of ${plan.partitions}. Its order would be lost: make a new one with one partition, and set ${plan.setting}.`;
  }
  const orphans = partitions.filter(({ leader }) => leader < 0).length;
  if (orphans > 0) yield `has ${orphans} of ${length} partitions without a leader. A broker is down.`;
}

function* copyFaults({ partitions, settings }: FoundTopic, brokers: number): Generator<string> {
  const copies = Math.min(...partitions.map(({ replicas }) => replicas));
  const wanted = Math.min(COPIES, brokers);
  if (copies < wanted)
    yield `keeps ${copies} ${copies === 1 ? 'copy' : 'copies'} of each record instead of ${wanted}. Raise its replication with kafka-reassign-partitions.`;
  const behind = partitions.filter(({ replicas, inSync }) => inSync < replicas).length;
  if (behind > 0)
    yield `has ${behind} of ${partitions.length} partitions whose copies are behind. A broker is down or slow.`;
  const least = Number(settings.get('min.insync.replicas') ?? 1);
  if (least >= copies && copies > 1)
    yield `has min.insync.replicas=${least} with ${copies} copies: it takes no record when one broker is away. Set min.insync.replicas=${copies - 1}.`;
  if (copies >= COPIES && least < 2)
    yield `has min.insync.replicas=${least}: a record that was acknowledged is lost with one broker. Set min.insync.replicas=2.`;
}

function* settingFaults(plan: TopicPlan, { settings }: FoundTopic): Generator<string> {
  for (const [name, wanted] of Object.entries(plan.settings)) {
    const value = settings.get(name);
    if (value === undefined) continue;
    const isRight = name === 'max.message.bytes' ? Number(value) >= Number(wanted) : value === wanted;
    if (!isRight) yield `has ${name}=${value}. Set ${name}=${wanted}.`;
  }
  const bytes = Number(settings.get('max.message.bytes') ?? MIN_MESSAGE_BYTES);
  if (!('max.message.bytes' in plan.settings) && bytes < MIN_MESSAGE_BYTES)
    yield `has max.message.bytes=${bytes}. Set max.message.bytes=${MIN_MESSAGE_BYTES}.`;
  if (settings.get('unclean.leader.election.enable') === 'true')
    yield 'has unclean.leader.election.enable=true: acknowledged records may be lost. Set it to false.';
}

function* retentionFaults(
  plan: TopicPlan,
  one: FoundTopic,
  eventsRetention: number | undefined,
): Generator<string> {
  // A compacted topic keeps the newest record of each key for ever.
  if (plan.settings['cleanup.policy'] === 'compact' || plan.setting === 'SIGNALS_TOPIC') return;
  const kept = retentionOf(one);
  if (kept !== undefined && kept < MIN_RETENTION_MS) {
    yield `keeps records for ${daysText(kept)}. Keep them for a week at least: retention.ms=${MIN_RETENTION_MS}.`;
  } else if (plan.setting === 'DLQ_TOPIC' && kept !== undefined && kept < (eventsRetention ?? kept)) {
    yield `keeps records for ${daysText(kept)}, less than the events (${daysText(eventsRetention!)}). Set retention.ms=${eventsRetention === Infinity ? -1 : eventsRetention}.`;
  }
  const bytes = Number(one.settings.get('retention.bytes') ?? -1);
  if (bytes >= 0)
    yield `has retention.bytes=${bytes}: records may go before their time. Set retention.bytes=-1, or make sure that it holds a week.`;
}

/** ms; Infinity when records are kept for ever, undefined when the topic does not tell. */
function retentionOf(one: FoundTopic | undefined): number | undefined {
  const value = one?.settings.get('retention.ms');
  if (value === undefined) return undefined;
  return Number(value) < 0 ? Infinity : Number(value);
}

function daysText(ms: number): string {
  if (ms === Infinity) return 'ever';
  const days = Math.round((10 * ms) / DAY_MS) / 10;
  return days >= 1 ? `${days} ${days === 1 ? 'day' : 'days'}` : `${Math.round(ms / 1_000)} s`;
}
