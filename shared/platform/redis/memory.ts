import { type RedisClient, serversOf } from './connection.ts';

/**
 * How full Redis is: the memory that it uses, of what it may use (`maxmemory`), in percent; of the fullest server
 * of a cluster. 0 where there is no limit: then it can be told by nobody but the machine.
 * @throws what Redis throws; some hosted ones refuse INFO.
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
