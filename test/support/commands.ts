import type { Redis } from 'ioredis';

/** How often the server has been sent a command, in scripts or not, since its counts were reset. */
export async function commandsOf(redis: Redis, command: string): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}
