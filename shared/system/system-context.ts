import type { PerGeneration } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import type { TopicCatalog } from '../platform/kafka/topic-catalog.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { AccessContext } from '../sites/access.ts';

/** Dependencies of the endpoints that show what Kafka and Redis hold. */
export interface SystemContext extends AccessContext {
  kafka: Config['kafka'];
  redis: RedisClient;
  catalog: TopicCatalog;
  stores: Pick<PerGeneration<Pick<StoreReader, 'heads'>>, 'of'>;
  /** Of the events topic, with earlier ends. */
  fetchOffsets(): Promise<PartitionOffsets[]>;
}
