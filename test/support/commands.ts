import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { serversOf } from '../../shared/platform/redis/connection.ts';

/** One of INFO's sections, of each server. */
const infosOf = (redis: RedisClient, section: string) =>
  Promise.all(serversOf(redis).map((server) => server.info(section)));

/** Forgets what {@link callsByCommand} counts. */
export const resetCalls = (redis: RedisClient) =>
  Promise.all(serversOf(redis).map((server) => server.config('RESETSTAT')));

/** What a cluster's nodes send each other at any time. */
const BETWEEN_NODES = ['replconf', 'ping'];

/** How often the servers have been sent each command, in scripts or not, since its counts were reset. */
export async function callsByCommand(redis: RedisClient): Promise<Record<string, number>> {
  const infos = await infosOf(redis, 'commandstats');
  const calls: Record<string, number> = {};
  for (const [, name, count] of infos.join('\n').matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g)) {
    if (!BETWEEN_NODES.includes(name!)) calls[name!] = (calls[name!] ?? 0) + Number(count);
  }
  return calls;
}

/** The same of one command. */
export const commandsOf = async (redis: RedisClient, command: string): Promise<number> =>
  (await callsByCommand(redis))[command] ?? 0;

/** How long the servers have worked on one command since its counts were reset, µs. */
export async function timeOfCommand(redis: RedisClient, command: string): Promise<number> {
  const infos = await infosOf(redis, 'commandstats');
  const times = infos.map((info) =>
    Number(new RegExp(`cmdstat_${command}:calls=\\d+,usec=(\\d+)`).exec(info)?.[1] ?? 0),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

/** A number out of one of INFO's sections, added up over the servers. */
export async function infoNumber(redis: RedisClient, section: string, name: string): Promise<number> {
  const infos = await infosOf(redis, section);
  const numbers = infos.map((info) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)![1]));
  return numbers.reduce((sum, number) => sum + number, 0);
}
