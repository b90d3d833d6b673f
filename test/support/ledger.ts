import { type Counters, increase } from '../../shared/platform/counters.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';

/** `site:outcome` → records, `lost:from-to` → records, and `skipped`, over all shards. */
export async function ledgerOf(reader: StoreReader): Promise<Counters> {
  const total: Counters = new Map();
  for (const { sums } of await reader.ledgers()) {
    for (const [field, count] of sums) increase(total, field, count);
  }
  return total;
}
