import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { LAPTOP_ADMIN_KEY } from '../../local/laptop-admin-key.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { Sites } from '../../shared/sites/site.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { deadLettersRoutes } from '../support/routes.ts';
import { execute, launcher, run } from '../support/run-footfall.ts';
import { gatewayTo, listen } from '../support/serve.ts';
import { relay } from '../support/tcp.ts';

/** The tools say which installation they change, ask no longer than they must, and end with a sentence. */
const config = await freshConfig({ oneServer: true });
await addSites(config, config.sites);
const env = envOf(config);
const hanging = await relay();
const hangingUrl = `redis://127.0.0.1:${hanging.port}`;
const folder = closing(mkdtempSync(join(tmpdir(), 'footfall-tools-')), (path) =>
  rmSync(path, { recursive: true }),
);

async function timed<T>(work: () => Promise<T>): Promise<T & { seconds: number }> {
  const began = performance.now();
  const done = await work();
  return { ...done, seconds: (performance.now() - began) / 1_000 };
}

describe('with a Redis that accepts connections and never answers', () => {
  test('dead-letters counts ends within 20 seconds', async () => {
    const { kafka } = config;
    const redis = connectRedis({ url: hangingUrl }, { enableAutoPipelining: true, commandTimeout: 5_000 });
    closing(redis, (one) => one.disconnect());
    const sites = fixedSites(new Sites(config.sites));
    const letters = closing(openDeadLetters(kafka, redis, sites), (one) => one.close());
    const context = { ...letters, sites, adminKeyHash: keyHash(LAPTOP_ADMIN_KEY), timeMs: 22_000 };
    const port = await listen(gatewayTo(httpStack(routerOf(deadLettersRoutes(context)))));
    const counts = ['dead-letters', 'counts', '--url', `http://127.0.0.1:${port}`];
    const ended = await timed(() => execute(process.execPath, [launcher, ...counts]));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    // An answer that takes these 5 s itself is not asked for again.
    expect(ended.stderr).toMatch(
      /^(Waiting up to 5 s for the API: Redis does not answer now. Try again. \(redis_unavailable\)\n)?Redis does not answer now. Try again. \(redis_unavailable\)\n$/,
    );
    expect(ended.seconds).toBeLessThan(20);
  }, 120_000);

  test('rebuild status ends within 15 seconds', async () => {
    const ended = await timed(() => run('rebuild status', { ...env, REDIS_URL: hangingUrl }));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toBe(
      `Redis at ${hangingUrl} did not answer within 5 s. Start it with npm start, or set REDIS_URL.\n`,
    );
    expect(ended.seconds).toBeLessThan(15);
  }, 60_000);
});

test('an API that never answers is given up on', async () => {
  const ended = await timed(() => run(`sites list --url http://127.0.0.1:${hanging.port}`));
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toBe(
    `The API at http://127.0.0.1:${hanging.port} did not answer within 12 s. Ask it what is wrong: npx footfall doctor\n`,
  );
  expect(ended.seconds).toBeLessThan(20);
}, 60_000);

test('a wrong password is one sentence without it', async () => {
  const url = new URL(config.redis.url);
  const redis = new Redis(config.redis.url);
  closing(redis, () => redis.call('ACL', 'DELUSER', 'tools').then(() => redis.disconnect()));
  await redis.call('ACL', 'SETUSER', 'tools', 'on', '>right', '~*', '+@all');
  url.username = 'tools';
  url.password = 'not-the-right-one';
  const { code, stdout, stderr } = await run('rebuild status', { ...env, REDIS_URL: url.href });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^Redis at redis:\/\/127\.0\.0\.1:\d+\/\d+ refused the user or the password \(.+\)\. Check .+\.\n$/,
  );
  expect(stderr).not.toContain('not-the-right-one');
});

test('a missing topic is one sentence, and nothing is created', async () => {
  const given = { ...env, SITES_TOPIC: 'sites-of-nobody' };
  for (const command of ['simulate', 'rebuild status', 'simulate']) {
    expect(await run(command, given)).toEqual({
      code: 1,
      stdout: '',
      stderr: `Kafka at ${config.kafka.brokers.join(', ')} has no topic sites-of-nobody. Create the topics with: npx footfall topics create\n`,
    });
  }
});

test.each([
  ['a folder', () => join(folder, 'folder.csv'), /^\S+folder\.csv cannot be read: EISDIR/],
  [
    'a damaged archive',
    () => join(folder, 'a.csv.gz'),
    /^\S+a\.csv\.gz cannot be read: unexpected end of file\.\n$/,
  ],
  ['no file', () => join(folder, 'none.csv'), /^There is no file \S+\.\n$/],
])('an import of %s is one sentence', async (_, path, problem) => {
  mkdirSync(join(folder, 'folder.csv'), { recursive: true });
  writeFileSync(join(folder, 'a.csv.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]));
  const { code, stdout, stderr } = await run(['import', path(), '--site', 'demo', '--preset', 'rees46'], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(problem);
  expect(stderr).not.toMatch(/ at .*\.ts:|node:internal/);
});
