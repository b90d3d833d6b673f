import { type RedisClient, serversOf } from './connection.ts';

/**
 * How full Redis is: the memory that it uses, in percent of `maxmemory`; in a cluster that of the fullest server.
 * 0 without a limit, since Redis does not know the machine's.
 * @throws what Redis throws; some hosted servers refuse INFO.
 */
export async function memoryUsed(redis: RedisClient): Promise<number> {
  const shares = await Promise.all(
    serversOf(redis).map(async (server) => shareOf(await server.info('memory'))),
  );
  return Math.max(0, ...shares);
}

function shareOf(info: string): number {
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const most = field('maxmemory');
  return most > 0 ? (100 * field('used_memory')) / most : 0;
}
