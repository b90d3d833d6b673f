import { murmur2 } from '../platform/kafka/murmur2.ts';

/** The partition, hence the shard, of a Kafka key (see userKey). */
export function partitionOf(key: string, partitions: number): number {
  return murmur2(Buffer.from(key)) % partitions;
}
