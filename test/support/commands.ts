import type { Redis } from 'ioredis';

/** How often the server has been sent each command, in scripts or not, since its counts were reset. */
export async function callsByCommand(redis: Redis): Promise<Record<string, number>> {
  const lines = (await redis.info('commandstats')).matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g);
  const calls: Record<string, number> = {};
  for (const [, name, count] of lines) calls[name!] = (calls[name!] ?? 0) + Number(count);
  return calls;
}

/** The same of one command. */
export const commandsOf = async (redis: Redis, command: string): Promise<number> =>
  (await callsByCommand(redis))[command] ?? 0;

/** A number out of one of INFO's sections. */
export async function infoNumber(redis: Redis, section: string, name: string): Promise<number> {
  const info = await redis.info(section);
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)![1]);
}
