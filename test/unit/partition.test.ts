import fc from 'fast-check';
import { Partitioners, type PartitionMetadata } from 'kafkajs';
import { partitionOf } from '../../shared/event/partition.ts';
import { userKey } from '../../shared/platform/user-key.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);

/** The partitioner of every producer: kafkajs' default since 2.0, as Java's. */
function partitionOfProducer(key: string, partitions: number): number {
  const partitionMetadata = Array.from(
    { length: partitions },
    (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata,
  );
  return Partitioners.DefaultPartitioner()({
    topic: 'events',
    partitionMetadata,
    message: { key, value: '' },
  });
}

test('a key goes to the partition that every producer chooses', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1_024 }), (key, partitions) => {
      expect(partitionOf(key, partitions)).toBe(partitionOfProducer(key, partitions));
    }),
    { numRuns: 10 * numRuns },
  );
});

// org.apache.kafka.common.utils.UtilsTest, testMurmur2: the hash of each text, here made positive.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the hash of %s equals that of the Java client', (text, hash) => {
  expect(partitionOf(text, 0x80000000)).toBe(hash & 0x7fffffff);
});

test('a key names the site and the user', () => {
  expect(userKey({ site: 'shop', user: 'a:b' })).toBe('shop:a:b');
});
