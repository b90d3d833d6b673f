import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import { readSystemStatus, type StatusSources } from './system-status.ts';

/** With older numbers it cannot be said what has not come, ms. */
const FRESH_MS = 60_000;

/**
 * Measures how far the numbers are behind, what Redis has lost, and how full it is. The lag comes from Kafka's ends and
 * the shards' heads, so it shows also when aggregate is dead.
 * @param ifFresh measures what only new numbers tell; its failure is logged, and the rest is measured.
 * @returns false when Kafka or Redis did not answer: then some measures are missing.
 */
export async function measureLag(sources: StatusSources, ifFresh?: () => Promise<void>): Promise<boolean> {
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
  const age = status.freshness?.lag_ms;
  if (ifFresh && age != null && age <= FRESH_MS && !status.healing?.recordsLeft) {
    await ifFresh().catch((error: unknown) =>
      logger.warn('Cannot measure which sites are silent', error as Error),
    );
  }
  return status.kafka && status.redis;
}
