import type { RedisClient } from '../platform/redis/connection.ts';

/** About how many fields or entries one step of a scan returns. */
const ENTRIES_A_PAGE = 5_000;

/**
 * The fields of a hash. One of many fields, such as those of a day with very many event names, comes in pages: a commit
 * in between may be in some of them.
 */
export async function fieldsInPages(redis: RedisClient, key: string): Promise<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null);
  let cursor = '0';
  do {
    const [next, flat] = await redis.hscan(key, cursor, 'COUNT', ENTRIES_A_PAGE);
    for (let i = 0; i < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!;
    cursor = next;
  } while (cursor !== '0');
  return fields;
}

/** The members of a sorted set with their scores, in pages. */
export async function scoresInPages(redis: RedisClient, key: string): Promise<Map<string, number>> {
  // An entry may come twice.
  const scores = new Map<string, number>();
  let cursor = '0';
  do {
    const [next, flat] = await redis.zscan(key, cursor, 'COUNT', ENTRIES_A_PAGE);
    for (let i = 0; i < flat.length; i += 2) scores.set(flat[i]!, Number(flat[i + 1]));
    cursor = next;
  } while (cursor !== '0');
  return scores;
}
