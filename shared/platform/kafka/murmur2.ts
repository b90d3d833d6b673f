/**
 * Kafka's murmur2 (org.apache.kafka.common.utils.Utils.murmur2, seed 0x9747b28c), which every Java client and
 * every compatible one uses for keyed records. Returns an unsigned 31-bit number (Utils.toPositive).
 */
export function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  let length = data.length;
  let h = 0x9747b28c ^ length;
  let i = 0;
  for (; length >= 4; i += 4, length -= 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  if (length >= 3) h ^= data[i + 2]! << 16;
  if (length >= 2) h ^= data[i + 1]! << 8;
  if (length >= 1) {
    h ^= data[i]!;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h & 0x7fffffff;
}
