import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { addSites } from '../../local/sites/demo-sites.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { RateLimiter, type RateLimits } from '../../shared/intake/rate-limiter.ts';
import { limitOf } from '../../shared/intake/request-limits.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { Sites } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { closing } from '../support/closing.ts';
import { collecting } from '../support/collecting.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ask } from '../support/http.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { siteOf } from '../support/shop.ts';
import { relay } from '../support/tcp.ts';

/** The limits of keys and addresses, with buckets in a real Redis. */

const sites = [
  siteOf('shop', {
    keys: ['shop-write-key', 'shop-other-key'].map((text) => storedKey('write', text, 0)),
  }),
  siteOf('next'),
];
// For a proxy before one server, and for a server that is full.
const config = await freshConfig({ sites, oneServer: true });
const { kafka, redis } = config;
const admin = closing(connectRedis(redis), (one) => one.disconnect());
beforeEach(() => loseAll(admin));

const OFF = { perSecond: 0, burst: 1 };
/** So slow that no noticeable amount refills during a test. */
const still = (burst: number) => ({ perSecond: 0.001, burst });

function collector(
  limits: Partial<RateLimits>,
  { url = redis.url, pauseMs = 60_000, timeout = 10_000 } = {},
) {
  const published: FootfallEvent[] = [];
  const counted: string[] = [];
  const away: Error[] = [];
  const connection = closing(connectRedis({ ...redis, url }, { commandTimeout: timeout }), (one) =>
    one.disconnect(),
  );
  const limiter = new RateLimiter(
    connection,
    { key: OFF, address: OFF, ...limits },
    (error) => away.push(error),
    pauseMs,
  );
  const handler = collecting(
    new Sites(sites),
    async (events) => {
      published.push(...events);
    },
    limitOf(limiter, ({ name }) => counted.push(name)),
  );
  const send = async (
    count: number,
    { key = 'shop-write-key', from = '203.0.113.7', body = undefined as string | undefined } = {},
  ) => {
    const events = Array.from({ length: count }, () => ({ name: 'view_item', user_id: 'ada' }));
    const {
      status,
      headers,
      body: answer,
    } = await ask<{ code?: string }>(handler, 'POST', '/v1/events', {
      headers: { authorization: `Bearer ${key}` },
      body: body ?? JSON.stringify({ events }),
      sourceIp: from,
    });
    return { status, code: answer.code, retryAfter: headers['retry-after'] };
  };
  return { send, limiter, published, counted, away };
}

/** The server's clock in µs, which the buckets use. */
const serverTime = async () => {
  const [seconds, micros] = await admin.time();
  return Number(seconds) * 1e6 + Number(micros);
};

test('a key above its limit gets 429 with the seconds to wait, and nothing is published', async () => {
  const { send, published, counted } = collector({ key: { perSecond: 0.01, burst: 10 } });
  expect((await send(7)).status).toBe(202);
  const one = await send(4);
  expect(one).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(one.retryAfter).toMatch(/^(100|9\d)$/);
  expect(published).toHaveLength(7);
  // A refused request costs no tokens.
  expect((await send(3)).status).toBe(202);
  expect((await send(10)).retryAfter).toMatch(/^(1000|99\d)$/);
  expect(counted).toEqual(['rateLimited', 'rateLimited']);
  // Another key of the same site, and another site, have buckets of their own.
  expect((await send(10, { key: 'shop-other-key' })).status).toBe(202);
  expect((await send(10, { key: 'next-write-key' })).status).toBe(202);
});

test('tokens refill with time, and suffice after the seconds to wait', async () => {
  const { send } = collector({ key: { perSecond: 20, burst: 20 } });
  expect((await send(20)).status).toBe(202);
  const { status, retryAfter } = await send(20);
  expect([status, retryAfter]).toEqual([429, '1']);
  await sleep(Number(retryAfter) * 1_000);
  expect((await send(20)).status).toBe(202);
});

test('a request above the bucket size is accepted when the bucket is full', async () => {
  const { send } = collector({ key: still(10) });
  expect((await send(500)).status).toBe(202);
  expect((await send(1)).status).toBe(429);
});

test('an IPv4 address or an IPv6 network has one limit for all keys', async () => {
  const { send } = collector({ address: still(5) });
  expect((await send(5, { from: '203.0.113.7' })).status).toBe(202);
  expect((await send(1, { from: '203.0.113.7', key: 'next-write-key' })).status).toBe(429);
  expect((await send(1, { from: '::ffff:203.0.113.7' })).status).toBe(429);
  expect((await send(5, { from: '203.0.113.8' })).status).toBe(202);
  expect((await send(5, { from: '2001:db8:1:2::1' })).status).toBe(202);
  expect((await send(1, { from: '2001:db8:1:2:ffff:ffff:ffff:ffff' })).status).toBe(429);
  expect((await send(1, { from: '2001:DB8:0001:2:0::9' })).status).toBe(429);
  expect((await send(5, { from: '2001:db8:1:3::1' })).status).toBe(202);
});

test('a request that one bucket refuses takes no tokens from the others', async () => {
  const { send } = collector({ key: still(10), address: still(4) });
  expect((await send(4, { from: '203.0.113.1' })).status).toBe(202);
  for (let i = 0; i < 10; i++) expect((await send(4, { from: '203.0.113.1' })).status).toBe(429);
  expect((await send(4, { from: '203.0.113.2' })).status).toBe(202);
  expect((await send(2, { from: '203.0.113.3' })).status).toBe(202);
  expect((await send(1, { from: '203.0.113.4' })).status).toBe(429);
});

test('wrong keys and invalid bodies also cost the address, and then a right key has to wait too', async () => {
  const { send } = collector({ key: still(100), address: still(3) });
  expect((await send(1, { key: 'no-such-key' })).status).toBe(401);
  expect((await send(1, { key: 'another-one' })).status).toBe(401);
  expect((await send(1, { body: '{' })).status).toBe(400);
  expect((await send(1, { key: 'a-third-one' })).status).toBe(429);
  expect((await send(1)).status).toBe(429);
  expect((await send(1, { from: '203.0.113.8' })).status).toBe(202);
});

test('a hundred concurrent requests to several processes get no more than the limit', async () => {
  const limits = { key: { perSecond: 50, burst: 200 }, address: { perSecond: 80, burst: 300 } };
  const processes = [collector(limits), collector(limits), collector(limits), collector(limits)];
  const before = await serverTime();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => processes[i % processes.length]!.send(7)),
  );
  const seconds = ((await serverTime()) - before) / 1e6;
  const sent = processes.reduce((sum, { published }) => sum + published.length, 0);
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(sent / 7);
  expect(sent).toBeLessThanOrEqual(200 + 50 * seconds);
  expect(sent).toBeGreaterThan(200 - 7);
});

describe('a large bucket', () => {
  const size = 10_000;

  test('is asked once for many small requests: a process takes a thousandth of it in advance', async () => {
    const { send } = collector({ key: still(size), address: still(size) });
    await admin.config('RESETSTAT');
    for (let i = 0; i < 11; i++) expect((await send(1)).status).toBe(202);
    const stats = await admin.info('commandstats');
    const asked = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    // Once more for the salt, and once where the server does not know the script.
    expect(asked).toBeLessThanOrEqual(3);
  });

  test('lets no more through than it holds, whatever processes have taken in advance', async () => {
    const limits = { key: still(size), address: still(size) };
    const processes = [collector(limits), collector(limits), collector(limits)];
    let accepted = 0;
    for (let i = 0, refused = 0; refused < 6; i++) {
      // Small ones in between spend what is held.
      const [process, count] = [processes[i % 3]!, i % 2 === 0 ? 450 : 3];
      if ((await process.send(count)).status === 202) accepted += count;
      else refused++;
    }
    expect(accepted).toBeLessThanOrEqual(size);
    // What is held was taken while the bucket was more than half full.
    expect(accepted).toBeGreaterThan(size - 450 - 3 * 2 * 10);
  });

  test('that is half empty is exact: nothing is taken in advance', async () => {
    const [one, other] = [collector({ key: still(size) }), collector({ key: still(size) })];
    for (let i = 0; i < 19; i++) expect((await one.send(500)).status).toBe(202);
    // The first process holds ten, from its first request.
    expect((await one.send(500)).status).toBe(429);
    expect((await other.send(490)).status).toBe(202);
    expect((await other.send(1)).status).toBe(429);
    expect((await one.send(10)).status).toBe(202);
    expect((await one.send(1)).status).toBe(429);
  });
});

test('no address is stored: buckets have salted digests for names, the salt is forgotten, and full buckets go', async () => {
  const { send } = collector({ key: { perSecond: 0.1, burst: 50 }, address: { perSecond: 0.05, burst: 50 } });
  expect((await send(20, { from: '203.0.113.77' })).status).toBe(202);
  const names = await keyNames(admin);
  expect(names).toHaveLength(3);
  const ttls = new Map(await Promise.all(names.map(async (name) => [name, await admin.pttl(name)] as const)));
  const dump = JSON.stringify(await Promise.all(names.map(async (name) => [name, await admin.get(name)])));
  expect(dump).not.toContain('203.0.113');
  expect(dump).not.toContain('write-key');
  for (const name of names) {
    expect(name).toMatch(/^ff:\{limit\}:(salt$|k:|a:)/);
    // 20 tokens: of the key 1 in 10 seconds, of the address 1 in 20 seconds.
    const most = { s: 86_400_000, k: 200_000, a: 400_000 }[name.slice(11, 12) as 's' | 'k' | 'a'];
    expect(ttls.get(name)).toBeGreaterThan(0);
    expect(ttls.get(name)).toBeLessThanOrEqual(most);
  }
});

test('all processes use one salt, and a new one when it is forgotten', async () => {
  const [one, other] = [collector({ address: still(10) }), collector({ address: still(10) })];
  expect((await one.send(6)).status).toBe(202);
  expect((await other.send(6)).status).toBe(429);
  const salt = await admin.get(keys.limitSalt());
  await admin.del(keys.limitSalt());
  expect((await other.send(6)).status).toBe(202);
  expect((await one.send(6)).status).toBe(429);
  expect(await admin.get(keys.limitSalt())).not.toBe(salt);
});

test('a clock that is set back limits no longer than an empty bucket', async () => {
  const { send } = collector({ key: { perSecond: 10, burst: 20 } });
  expect((await send(1)).status).toBe(202);
  const name = (await keyNames(admin, '*:k:*'))[0]!;
  await admin.set(name, String((await serverTime()) + 3_600e6));
  expect(await send(20)).toMatchObject({ status: 429, retryAfter: '2' });
});

test('without limits Redis gets no commands', async () => {
  const { send, counted } = collector({}, { url: `redis://127.0.0.1:${(await relay()).port}`, timeout: 250 });
  expect((await send(500)).status).toBe(202);
  expect(counted).toEqual([]);
});

describe('while Redis is away everything is accepted, and a metric says so', () => {
  test('a Redis that never answers is asked from time to time, not by every request', async () => {
    const silent = await relay();
    const { send, counted, away, published } = collector(
      { key: still(1), address: still(1) },
      { url: `redis://127.0.0.1:${silent.port}`, timeout: 250 },
    );
    for (let i = 0; i < 20; i++) expect((await send(3)).status).toBe(202);
    expect(published).toHaveLength(60);
    expect(counted).toEqual(Array(20).fill('limitUnavailable'));
    expect(away.map(({ message }) => message)).toEqual(['Command timed out']);
  });

  test('the deployed function starts cold, and Kafka has the events', async () => {
    await addSites(config, sites);
    const silent = await relay();
    const script = `
      const { handler } = await import('./functions/collect/handler.ts');
      const request = {
        version: '2.0', routeKey: '', rawPath: '/v1/events', rawQueryString: '',
        headers: { authorization: 'Bearer shop-write-key' },
        body: '{"name":"view_item","user_id":"ada"}', isBase64Encoded: false,
        requestContext: { http: { method: 'POST', path: '/v1/events', sourceIp: '203.0.113.7' } },
      };
      for (let i = 0; i < 3; i++) console.log('status', (await handler(request, {})).statusCode);
      process.exit(0);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: {
        ...process.env,
        KAFKA_BROKERS: kafka.brokers.join(','),
        EVENTS_TOPIC: kafka.eventsTopic,
        EVENTS_PARTITIONS: String(kafka.partitions),
        REDIS_URL: `redis://127.0.0.1:${silent.port}`,
        SITES_TOPIC: kafka.sitesTopic,
      },
    });
    expect(stdout.match(/^status .*/gm)).toEqual(Array(3).fill('status 202'));
    expect(stdout.match(/"limitUnavailable":1\b/g)).toHaveLength(3);
  });

  test('a Redis that stops and comes back limits again', async () => {
    const proxy = closing(await startRedisProxy(redis.url), (one) => one.close());
    const { send, counted, limiter } = collector({ key: still(5) }, { url: proxy.url, pauseMs: 300 });
    expect((await send(5)).status).toBe(202);
    expect((await send(5)).status).toBe(429);
    proxy.decide = () => 'lose command';
    expect((await send(5)).status).toBe(202);
    for (let i = 0; i < 10; i++) expect((await send(5)).status).toBe(202);
    expect(counted).toEqual(['rateLimited', ...Array(11).fill('limitUnavailable')]);
    proxy.decide = () => 'pass';
    let refused: unknown = 'unknown';
    while (refused === 'unknown') {
      await sleep(50);
      refused = await limiter.take({ key: 'shop-write-key', address: '203.0.113.7', cost: 5 });
    }
    expect(refused).toMatchObject({ of: 'key' });
    expect((await send(5)).status).toBe(429);
  });

  test('a full Redis limits no request', async () => {
    const { send, counted } = collector({ key: still(5) });
    const [, before] = (await admin.config('GET', 'maxmemory')) as [string, string];
    try {
      await admin.config('SET', 'maxmemory', '1');
      expect((await send(5)).status).toBe(202);
      expect((await send(5)).status).toBe(202);
      expect(counted).toEqual(['limitUnavailable', 'limitUnavailable']);
    } finally {
      await admin.config('SET', 'maxmemory', before);
    }
  });
});
