import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../local/services/redis.ts';
import { footfallDir } from '../../local/services/services.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { closing } from '../support/closing.ts';
import { generationOf } from '../support/generation.ts';
import { relay } from '../support/tcp.ts';
import { waitFor } from '../support/wait-for.ts';

/** A planned failover closes no connection: what was the primary goes on answering, as a replica. */

test('a commit that a replica refuses is made by the primary that the name leads to by then', async () => {
  const folder = closing(await mkdtemp(join(tmpdir(), 'footfall-failover-')), (one) =>
    rm(one, { recursive: true, force: true }),
  );
  const server = closing(
    await startRedis({
      folder,
      fresh: false,
      cacheDir: join(footfallDir, 'cache'),
      port: undefined,
      env: process.env,
      log: () => {},
    }),
    (one) => one.kill(),
  );
  const name = await relay({ host: '127.0.0.1', port: server.port });
  const redis = closing(connectRedis({ url: `redis://127.0.0.1:${name.port}` }), (one) => one.disconnect());
  const operator = closing(connectRedis({ url: `redis://127.0.0.1:${server.port}` }), (one) =>
    one.disconnect(),
  );
  const store = new ShardStore(redis, generationOf(1));
  const skip = async (to: number) => store.skip(0, (await store.read(0, [])).head, to, { lost: false });
  expect(await skip(1)).toBe(true);
  expect(name.connections).toBe(1);

  // A replica, even of a primary that does not exist.
  await operator.call('REPLICAOF', '127.0.0.1', '1');
  const committed = skip(2);
  await waitFor('another connection', () => name.connections > 1);
  await operator.call('REPLICAOF', 'NO', 'ONE');
  expect(await committed).toBe(true);
});
