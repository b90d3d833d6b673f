import type { Context, EventBridgeEvent, SelfManagedKafkaEvent } from 'aws-lambda';
import { type ApplyContext, contextOf } from '../../shared/aggregate/apply-context.ts';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { CommitWindow } from '../../shared/aggregate/commit-window.ts';
import { heal } from '../../shared/aggregate/heal.ts';
import { observeBatch } from '../../shared/aggregate/observe-batch.ts';
import { TimeBudget } from '../../shared/aggregate/time-budget.ts';
import { KnownLetters } from '../../shared/dead-letters/known-letters.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { logger, observed, record } from '../../shared/platform/observe/observe.ts';
import { inLambdasTime } from '../../shared/platform/time-limit.ts';
import { openRuntime } from '../../shared/runtime/runtime.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';

const { settings, redis, sites, offsets, producer, perGeneration } = openRuntime();
const { kafka, aggregateGroup: group } = settings;
const services = {
  producer: producer(),
  offsets: offsets(),
  sites: sites(),
  refused: new KnownLetters(kafka),
  budget: new TimeBudget(),
  commits: new CommitWindow(),
};

const contexts = perGeneration((generation) =>
  contextOf(
    { kafka },
    {
      ...services,
      store: new ShardStore(redis(), generation),
      funnels: new FunnelStore(redis(), generation),
    },
    {
      onGap: (gap) => {
        if (gap.lost) record(METRICS.recordsLost, gap.to - gap.from);
        logger.warn(gap.lost ? 'Records lost by Redis and Kafka' : 'Refilling from Kafka', gap);
      },
      onRefilled: (count) => record(METRICS.refilled, count),
    },
  ),
);

type Event = SelfManagedKafkaEvent | EventBridgeEvent<'Scheduled Event', unknown>;

/**
 * Folds a batch of events into Redis. Every minute it also refills, from Kafka, what Redis has lost of partitions that
 * receive no events. Throws when Redis or Kafka is away or the time is over: Lambda then sends the whole batch again,
 * and aggregate skips the records that are already applied.
 */
export function handler(event: Event, lambda?: Context): Promise<void> {
  return observed(lambda, {}, () =>
    inLambdasTime(lambda, async () => {
      const context = {
        ...(await contexts.current()),
        remainingMs: () => lambda?.getRemainingTimeInMillis?.() ?? Infinity,
      };
      if ('records' in event) return applyBatches(event, context);
      if (group === undefined) return;
      await heal(context, {
        fetchCommitted: () => offsets().fetchCommitted(group),
        fetchOffsets: () => offsets().fetch(),
      });
    }),
  );
}

/** Partitions that are applied at the same time. Each may hold some 25 MB of states and commits. */
const AT_ONCE = 16;

/** Partitions in parallel, each on its own shard. */
async function applyBatches({ records }: SelfManagedKafkaEvent, context: ApplyContext): Promise<void> {
  const waiting = Object.values(records).filter((some) => some.length > 0);
  const started = performance.now();
  const failures: unknown[] = [];
  const work = async () => {
    for (let some = waiting.shift(); some; some = waiting.shift()) {
      const batch = some;
      await observeBatch(batch, () => applyRecords(batch, context)).catch((error: unknown) => {
        failures.push(error);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  record(METRICS.batchMs, performance.now() - started);
  if (failures.length > 0) throw failures[0];
}
