import { transactionOfKey } from '../event/order-note.ts';
import type { ShardKeys } from '../platform/redis/keys.ts';

/** The Redis key of an order in its home. @param key the order's, see order-note.ts */
export function orderKey(keys: ShardKeys, partition: number, site: string, key: string): string {
  const transaction = transactionOfKey(key);
  return transaction === undefined
    ? keys.loneOrder(partition, site, key.slice(1))
    : keys.order(partition, site, transaction);
}
