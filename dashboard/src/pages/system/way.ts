import { formatBytes, formatCount, formatDuration, formatPerSecond } from '../../format/numbers.ts';
import { sumOf } from './flow.ts';
import type { SystemState } from './use-flow.ts';

/** The way of an event: its stations, and how much goes from one to the next. */

export type StationId = 'clients' | 'collect' | 'kafka' | 'aggregate' | 'redis' | 'analytics' | 'letters';

export interface Station {
  id: StationId;
  name: string;
  /** What it does now, in a few letters. */
  line: string;
  tone: 'good' | 'late' | 'bad';
}

export interface Leg {
  from: StationId;
  to: StationId;
  /** In a second; undefined: not measured. */
  rate?: string;
  isReplay?: true;
}

type Line = Pick<Station, 'line' | 'tone'>;

/** How late numbers may be before it is said, ms. */
const LATE_MS = 5_000;

export const stationsOf = (state: SystemState): Station[] => {
  const { health } = state;
  const isUp = { kafka: health.data?.kafka !== 'down', redis: health.data?.redis !== 'down' };
  return [
    { id: 'clients', name: 'Clients', line: 'pages, servers', tone: 'good' },
    {
      ...{ id: 'collect', name: 'collect' },
      ...(isUp.kafka ? { line: 'accepts', tone: 'good' } : { line: 'answers 503', tone: 'bad' }),
    },
    { id: 'kafka', name: 'Kafka: events', ...kafkaLine(state, isUp.kafka) },
    { id: 'aggregate', name: 'aggregate', ...aggregateLine(state, isUp.redis && isUp.kafka) },
    { id: 'redis', name: 'Redis', ...redisLine(state, isUp.redis) },
    { id: 'analytics', name: 'analytics', ...analyticsLine(state, isUp.redis) },
    { id: 'letters', name: 'Dead letters', ...lettersLine(state) },
  ];
};

export const legsOf = ({ flow }: SystemState): Leg[] => [
  { from: 'clients', to: 'collect' },
  { from: 'collect', to: 'kafka', rate: formatPerSecond(flow?.accepted) },
  { from: 'kafka', to: 'aggregate', rate: formatPerSecond(flow?.applied) },
  { from: 'aggregate', to: 'redis', rate: formatPerSecond(flow?.applied) },
  { from: 'redis', to: 'analytics' },
  { from: 'aggregate', to: 'letters', rate: formatPerSecond(flow?.letters) },
  { from: 'letters', to: 'kafka', isReplay: true },
];

/** The same in sentences, for a screen reader. */
export function describeWay(state: SystemState): string {
  const { flow } = state;
  const lines = stationsOf(state).map(({ name, line }) => `${name}: ${line}.`);
  const rates = `collect writes ${formatPerSecond(flow?.accepted)} to Kafka, aggregate applies ${formatPerSecond(flow?.applied)} to Redis, ${formatPerSecond(flow?.letters)} become dead letters.`;
  return `The path of an event. ${rates} ${lines.join(' ')}`;
}

function kafkaLine({ system, flow }: SystemState, isUp: boolean): Line {
  if (!isUp) return { line: 'does not answer', tone: 'bad' };
  const kept = system.data?.topics?.find(({ holds }) => holds === 'events')?.partitions;
  const records = kept
    ? kept.reduce((sum, { low, end }) => sum + end - low, 0)
    : sumOf(flow?.partitions.map(({ end }) => end) ?? [null]);
  return { line: records === null ? 'up' : `${formatCount(records)} offsets`, tone: 'good' };
}

function aggregateLine({ flow }: SystemState, isUp: boolean): Line {
  if (!isUp) return { line: 'waits', tone: 'bad' };
  const stuck = flow?.partitions.filter(({ isStuck }) => isStuck).length ?? 0;
  if (stuck > 0) return { line: `${stuck} of ${flow!.partitions.length} stuck`, tone: 'bad' };
  const waiting = sumOf(flow?.partitions.map(({ lagEvents }) => lagEvents) ?? [null]);
  return { line: waiting === null ? '–' : `${formatCount(waiting)} waiting`, tone: 'good' };
}

function redisLine({ system }: SystemState, isUp: boolean): Line {
  if (!isUp) return { line: 'does not answer', tone: 'bad' };
  const servers = system.data?.redis.servers ?? [];
  const used = sumOf(servers.map(({ used_memory }) => used_memory));
  if (servers.length === 0 || used === null) return { line: 'up', tone: 'good' };
  const isFull = servers.some(({ used_memory, maxmemory }) => maxmemory && (used_memory ?? 0) >= maxmemory);
  return isFull ? { line: 'is full', tone: 'bad' } : { line: `${formatBytes(used)} used`, tone: 'good' };
}

function analyticsLine({ health }: SystemState, isUp: boolean): Line {
  if (!isUp) return { line: 'answers 503', tone: 'bad' };
  const { lag_events, lag_ms } = health.data?.freshness ?? {};
  if (lag_events == null) return { line: 'lag not known', tone: 'late' };
  const isLate = lag_events > 0 && (lag_ms ?? Number.POSITIVE_INFINITY) > LATE_MS;
  if (!isLate) return { line: 'up to date', tone: 'good' };
  return { line: lag_ms == null ? 'behind' : `${formatDuration(lag_ms)} behind`, tone: 'late' };
}

function lettersLine({ health }: SystemState): Line {
  const open = health.data?.open_dead_letters;
  if (open === undefined) return { line: 'not counted now', tone: 'late' };
  return { line: `${formatCount(open)} open`, tone: open > 0 ? 'late' : 'good' };
}
