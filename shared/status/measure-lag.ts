import { METRICS, type Metric } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import { type ConditionSources, readCondition } from './system-status.ts';

/**
 * Measures how far the numbers are behind, what Redis has lost, and how full it is. It asks Kafka's ends and the
 * shards' heads, so that a lag shows when aggregate is dead as well.
 * @param memoryUsed percent; 0 where Redis has no limit.
 * @returns false when something did not answer: then not all is measured.
 */
export async function measure(
  sources: ConditionSources,
  memoryUsed: () => Promise<number>,
): Promise<boolean> {
  const [condition, memory] = await Promise.all([
    readCondition(sources),
    // Hosted Redis may refuse INFO, and nothing else depends on it.
    memoryUsed().catch((error: Error) => {
      logger.warn('Redis did not say how full it is', error);
      return undefined;
    }),
  ]);
  const gauges: [Metric, number | null | undefined][] = [
    [METRICS.lagEvents, condition.freshness?.lag_events],
    [METRICS.lagMs, condition.freshness?.lag_ms],
    [METRICS.healingRecords, condition.healing?.recordsLeft],
    [METRICS.lost, condition.lost],
    [METRICS.ahead, condition.ahead],
    [METRICS.openDeadLetters, condition.deadLetters],
    [METRICS.redisMemory, memory],
  ];
  for (const [metric, value] of gauges) if (value != null) record(metric, value);
  return condition.kafka && condition.redis;
}
