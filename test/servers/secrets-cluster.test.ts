import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedisCluster } from '../../local/services/redis-cluster.ts';
import { footfallDir } from '../../local/services/services.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { closing } from '../support/closing.ts';
import { listen } from '../support/serve.ts';

/** A cluster with a password, which stands in a secret. The store is one answer; secrets.test.ts has a real one. */

const folder = await mkdtemp(join(tmpdir(), 'footfall-secrets-cluster-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const cluster = closing(
  await startRedisCluster({
    folder,
    cacheDir: join(footfallDir, 'cache'),
    env: process.env,
    log: console.log,
  }),
  (one) => one.stop(),
);

let password = 'first';
const port = await listen((_, response) => {
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.end(JSON.stringify({ SecretString: JSON.stringify({ password }) }));
});
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
});
const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:redis-AbCdEf';
const open = () =>
  closing(connectRedis({ url: cluster.url, cluster: true, secret }), (one) => one.disconnect());

/** Changes the password of all nodes, and ends all connections but those among the nodes. */
async function change(from: string | undefined, to: string): Promise<void> {
  for (const node of cluster.nodes) {
    const operator = new Redis(node.port, '127.0.0.1', { ...(from !== undefined && { password: from }) });
    await operator.config('SET', 'masterauth', to);
    await operator.config('SET', 'requirepass', to);
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    operator.disconnect();
  }
}

const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);

test('commands to all nodes are done, also after the password was changed', async () => {
  await change(undefined, 'first');
  const redis = open();
  await Promise.all(keys.map((key) => redis.set(key, key)));
  expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys);

  password = 'second';
  await change('first', 'second');
  // One client whose connections were ended, and one that only knows the old password.
  const late = open();
  const answers = await Promise.all([redis, late].map((one) => Promise.all(keys.map((key) => one.get(key)))));
  expect(answers).toEqual([keys, keys]);
});
