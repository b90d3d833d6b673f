import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import { record } from '../platform/observe/observe.ts';
import { readSystemStatus, type StatusSources } from './system-status.ts';

/**
 * Measures how far the numbers are behind, what Redis has lost, and how full it is. The lag comes from Kafka's ends and
 * the shards' heads, so it shows also when aggregate is dead.
 * @returns false when Kafka or Redis did not answer: then some measures are missing.
 */
export async function measureLag(sources: StatusSources): Promise<boolean> {
  const status = await readSystemStatus(sources);
  const gauges: [Metric, number | null | undefined][] = [
    [METRICS.lagEvents, status.freshness?.lag_events],
    [METRICS.lagMs, status.freshness?.lag_ms],
    [METRICS.healingRecords, status.healing?.recordsLeft],
    [METRICS.lost, status.lost],
    [METRICS.ahead, status.ahead],
    [METRICS.openDeadLetters, status.deadLetters],
    [METRICS.redisMemory, status.memory],
  ];
  for (const [metric, value] of gauges) if (value != null) record(metric, value);
  return status.kafka && status.redis;
}
