import { type SignalContext, signalAbandonedCarts } from '../carts/signal-carts.ts';
import { MINUTE_MS } from '../platform/time.ts';
import type { Trimmer } from '../shard/trimmer.ts';
import type { Site } from '../sites/site.ts';

export interface SweepContext
  extends Pick<SignalContext, 'claims' | 'openWriter' | 'partitions' | 'takeOver'> {
  trimmer: Trimmer;
  sites: readonly Site[];
  cartAbandonedMinutes: number;
}

export interface Swept {
  signalled: number;
  trimmed: number;
  /** Errors of Redis or Kafka; the work before them is done. */
  failures: unknown[];
}

/** A page that has begun ends or fails within this time. */
const PAGE_MS = 25_000;

/**
 * One sweep over all shards. Signals and trims in parallel: trimming goes on without Kafka.
 * @param remainingMs the time until Lambda ends the run; no page begins in its last 25 s.
 */
export async function sweep(context: SweepContext, remainingMs = Infinity): Promise<Swept> {
  const { sites, partitions, trimmer } = context;
  const now = Date.now();
  const deadline = performance.now() + remainingMs - PAGE_MS;
  const goOn = () => performance.now() < deadline;
  const swept: Swept = { signalled: 0, trimmed: 0, failures: [] };
  const trimAll = async () => {
    for (let shard = 0; shard < partitions && goOn(); shard++) {
      const trimmed = await Promise.all(sites.map((site) => trimmer.trim(shard, site, now, goOn)));
      for (const count of trimmed) swept.trimmed += count;
    }
  };
  const signals = signalAbandonedCarts(
    {
      ...context,
      sites: sites.map(({ id }) => id),
      onSignalled: (count) => {
        swept.signalled += count;
      },
    },
    { before: now - context.cartAbandonedMinutes * MINUTE_MS, goOn },
  );
  for (const result of await Promise.allSettled([signals, trimAll()])) {
    if (result.status === 'rejected') swept.failures.push(result.reason);
  }
  return swept;
}
