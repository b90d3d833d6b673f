import { createHash } from 'node:crypto';
import { readScript } from '../../shared/platform/redis/script.ts';
import type { Connection } from './link.ts';
import type { World } from './world.ts';

/** Found in the bytes of every call of a script but the first one of a server. */
const digestOf = (path: string) => createHash('sha1').update(readScript(path)).digest('hex');

const SCRIPTS = {
  commit: digestOf('shard/commit.lua'),
  pack: digestOf('shard/packing/pack-day.lua'),
};

/** Calls `act` when the next call of a script is on its way; the call waits for it. */
export async function atScript(
  script: keyof typeof SCRIPTS,
  { environment: { redis } }: World,
  act: (connection: Connection) => Promise<void>,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  let isFirst = true;
  redis.front.intercept = (chunk, connection) => {
    if (!isFirst || !chunk.includes(SCRIPTS[script])) return undefined;
    isFirst = false;
    return act(connection).then(done.resolve, done.reject);
  };
  try {
    await done.promise;
  } finally {
    redis.front.intercept = undefined;
  }
}
