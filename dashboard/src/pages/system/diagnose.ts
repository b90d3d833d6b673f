import { formatCount, formatDuration, formatRate } from '../../format/numbers.ts';
import type { PartitionFlow } from './flow.ts';
import type { SystemState } from './use-flow.ts';

/** What is the matter, in sentences, with the runbook's page: the worst first. */
export interface Finding {
  id: string;
  tone: 'bad' | 'late';
  /** What is wrong. */
  title: string;
  /** What it means for the numbers, and what to look at. */
  text: string;
  /** A heading of docs/runbook.md. */
  page: string;
}

/** Nothing came for this long, ms: worth a sentence. */
const QUIET_MS = 15 * 60_000;
/** A share of Redis' memory limit from which it is said. */
const FULL = 0.8;

/** Why the numbers stand still, are late, or lack something. Empty: nothing is wrong. */
export const diagnose = (state: SystemState, now: number): Finding[] => [
  ...serversAway(state),
  ...wrongForGood(state),
  // Before what follows from it.
  ...memoryOf(state),
  ...standingStill(state),
  ...late(state),
  ...setAside(state),
  ...quiet(state, now),
];

function* serversAway({ health, system }: SystemState): Generator<Finding> {
  if (health.data?.redis === 'down' || system.data?.redis.status === 'down') {
    yield {
      id: 'redis_down',
      tone: 'bad',
      title: 'Redis does not answer.',
      text: 'No number can be read, and none is counted. Events are still accepted and wait in Kafka. Nothing is lost: counting goes on by itself when Redis is back. Check its server, its failover, and its memory.',
      page: 'API fails',
    };
  }
  if (health.data?.kafka === 'down' || system.data?.kafka.status === 'down') {
    yield {
      id: 'kafka_down',
      tone: 'bad',
      title: 'Kafka does not answer.',
      text: 'Events are refused with 503 until it is back. Browsers keep theirs and send them again; servers must do so, too. Numbers stand still, but are right for what was counted. Check the brokers and their access lists.',
      page: 'API fails',
    };
  }
}

function* wrongForGood({ health, ledger }: SystemState): Generator<Finding> {
  const { ahead = 0, lost = 0 } = health.data ?? {};
  if (ahead > 0) {
    yield {
      id: 'ahead',
      tone: 'bad',
      title: `Redis has counted ${formatCount(ahead)} records that Kafka does not have.`,
      text: 'The events topic was deleted and made again. New events are skipped until it is as long as before, so the numbers lack them. Waiting does not help: Redis must be emptied.',
      page: 'Topic was made again',
    };
  }
  if (lost > 0) {
    yield {
      id: 'lost',
      tone: 'bad',
      title: `${formatCount(lost)} records are lost.`,
      text: 'Kafka deleted them before they were counted. The numbers are too low by these, for good. The ledger below names their offsets.',
      page: 'Records are lost',
    };
  }
  if (ledger.data && !ledger.data.balanced) {
    yield {
      id: 'unbalanced',
      tone: 'bad',
      title: 'The ledger does not balance.',
      text: 'Some applied record has no outcome, or has two. Either a program wrote into Redis, or Footfall has a fault. Do not trust the numbers before they are counted again from Kafka.',
      page: 'Records are lost',
    };
  }
}

function* standingStill({ flow, health }: SystemState): Generator<Finding> {
  if (health.data?.redis !== 'up' || health.data.kafka !== 'up') return;
  const stuck = flow?.partitions.filter(({ isStuck }) => isStuck) ?? [];
  if (stuck.length === 0) return;
  const waiting = stuck.reduce((sum, { lagEvents }) => sum + (lagEvents ?? 0), 0);
  const since = formatDuration(Math.max(...stuck.map(({ stillMs }) => stillMs)));
  const others = flow!.partitions.filter(({ rate }) => (rate ?? 0) > 0);
  yield others.length === 0
    ? {
        id: 'still',
        tone: 'bad',
        title: 'Nothing is counted.',
        text: `${formatCount(waiting)} records wait, and none was applied for ${since}. The numbers stand still; they are late, not wrong. aggregate is not called, or fails: its log says which.`,
        page: 'Nothing is counted',
      }
    : {
        id: 'stuck',
        tone: 'bad',
        title: `${nameThem(stuck)} ${stuck.length === 1 ? 'stands' : 'stand'} still.`,
        text: `${formatCount(waiting)} records wait there, and none was applied for ${since}, while other partitions go on. A batch fails and comes again. Look for “A batch failed” in the log of aggregate, with this partition.`,
        page: 'Batches fail',
      };
}

const nameThem = (stuck: readonly PartitionFlow[]) =>
  `${stuck.length === 1 ? 'Partition' : 'Partitions'} ${stuck.map(({ partition }) => partition).join(', ')}`;

function* late({ health }: SystemState): Generator<Finding> {
  const { reasons = [], healing, freshness } = health.data ?? {};
  if (reasons.includes('healing') && healing) {
    yield {
      id: 'healing',
      tone: 'late',
      title: `Redis is being refilled: ${formatRate(healing.share_done)} done.`,
      text: `It lost memory. ${formatCount(healing.records_left)} records of ${formatCount(healing.partitions)} partitions are read from Kafka again. Numbers are too low until then, and right afterwards.`,
      page: 'Healing takes long',
    };
  }
  if (reasons.includes('behind')) {
    yield {
      id: 'behind',
      tone: 'late',
      title: `Counting is ${formatCount(freshness?.lag_events)} records behind.`,
      text: `${freshness?.lag_ms == null ? 'How long the oldest waits is not known' : `The oldest waits for up to ${formatDuration(freshness.lag_ms)}`}. Numbers are late, not wrong, and become right by themselves once counting is faster than what arrives.`,
      page: 'Numbers are late',
    };
  }
}

function* setAside({ health }: SystemState): Generator<Finding> {
  const open = health.data?.open_dead_letters ?? 0;
  if (open === 0) return;
  yield {
    id: 'letters',
    tone: 'late',
    title: `${formatCount(open)} ${open === 1 ? 'event is' : 'events are'} not counted.`,
    text: 'Footfall could not read them, or they came too late. They are kept as dead letters, with their reasons. Correct and replay them, or discard them.',
    page: 'Dead letters grow',
  };
}

const FULL_TEXT =
  'It refuses what aggregate counts as a whole, so nothing new is counted. Nothing is half done. Give it more memory; never set an eviction policy.';

function* memoryOf({ health, system }: SystemState): Generator<Finding> {
  // Only the installation's key sees the servers. Their own findings below name the full one.
  if (!system.data && health.data?.reasons.includes('redis_full')) {
    yield {
      id: 'memory',
      tone: 'bad',
      title: `Redis uses ${formatRate((health.data.redis_memory_percent ?? 100) / 100)} of its memory limit.`,
      text: FULL_TEXT,
      page: 'Redis is full',
    };
  }
  for (const { address, used_memory, maxmemory } of system.data?.redis.servers ?? []) {
    if (!maxmemory || used_memory === null || used_memory < FULL * maxmemory) continue;
    const isFull = used_memory >= maxmemory;
    yield {
      id: `memory ${address}`,
      tone: isFull ? 'bad' : 'late',
      title: `Redis at ${address} uses ${formatRate(used_memory / maxmemory)} of its memory limit.`,
      text: isFull
        ? FULL_TEXT
        : 'When it is full, nothing new is counted. Give it more memory in time; never set an eviction policy.',
      page: 'Redis is full',
    };
  }
  const evicting = system.data?.redis.servers?.find(
    ({ policy }) => policy !== null && policy !== 'noeviction',
  );
  if (evicting) {
    yield {
      id: 'policy',
      tone: 'bad',
      title: `Redis at ${evicting.address} may remove parts of numbers.`,
      text: `Its policy for a full memory is ${evicting.policy}. Set maxmemory-policy to noeviction.`,
      page: 'Redis is full',
    };
  }
}

/** Numbers also stand still when nothing comes. Only the installation's key sees when the last record came. */
function* quiet({ system, flow }: SystemState, now: number): Generator<Finding> {
  const { partitions = [] } = system.data ?? {};
  if (partitions.length === 0 || partitions.some(({ lag_events }) => lag_events !== 0)) return;
  const newest = Math.max(
    0,
    ...partitions.map(({ applied_at }) => (applied_at === null ? 0 : Date.parse(applied_at))),
  );
  if ((flow?.accepted ?? 0) > 0 || (newest > 0 && now - newest < QUIET_MS)) return;
  yield {
    id: 'quiet',
    tone: 'late',
    title: newest === 0 ? 'No event has come yet.' : `No event has come for ${formatDuration(now - newest)}.`,
    text: 'All that was accepted is counted, so Footfall is not behind: the clients send nothing, or do not get through. Check the shop’s pages, the write key, and the answers that its requests get.',
    page: 'Function fails',
  };
}
