import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { visitorOf } from '../../shared/intake/request-visitor.ts';
import { requestOf } from '../support/http.ts';
import { keyNames } from '../support/redis-data.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What Footfall adds about the visitor and the sender of an event, over HTTP into Redis and back. */
const shop = await openShop([
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('visited', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('late', { zone: 'Europe/Madrid', currency: 'EUR' }),
]);

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const GPTBOT =
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)';

const at = (timestamp: string, user_id: string, fields: object = {}) => ({
  name: 'view_item',
  backfill: true,
  timestamp,
  user_id,
  items: [{ item_id: 'tea', price: 5 }],
  ...fields,
});
const data = async <T = Record<string, unknown>>(site: string, target: string) =>
  (await shop.get<{ data: T; meta: never }>(site, target)).body.data;
const march = 'from=2026-03-02&to=2026-03-04';

describe('bots', () => {
  const people = [
    at('2026-03-03T10:00:00Z', 'ana', { user_agent: CHROME }),
    at('2026-03-03T10:01:00Z', 'ana', {
      name: 'purchase',
      transaction_id: 'o-1',
      user_agent: CHROME,
    }),
  ];
  const bots = [
    // On a day of their own, and on a day with people.
    at('2026-03-02T10:00:00Z', 'bot-1', { user_agent: GOOGLEBOT }),
    at('2026-03-03T10:00:00Z', 'bot-2', { user_agent: GOOGLEBOT }),
    // All kinds of events but orders, which are never a bot's, under all kinds of ids.
    at('2026-03-03T10:02:00Z', 'ana', { name: 'begin_checkout', user_agent: GPTBOT }),
    at('2026-03-03T10:03:00Z', 'ana', { name: 'page_view', items: [], user_agent: GPTBOT }),
    at('2026-03-03T10:04:00Z', 'ana', { name: 'add_to_cart', user_agent: GPTBOT }),
    {
      ...at('2026-03-03T10:05:00Z', 'eva', { name: 'identify', anonymous_id: 'cookie', user_agent: GPTBOT }),
    },
    // Repeated with the same id.
    at('2026-03-03T10:06:00Z', 'bot-3', { id: 'same', user_agent: GOOGLEBOT }),
    at('2026-03-03T10:06:00Z', 'bot-3', { id: 'same', user_agent: GOOGLEBOT }),
    // In several commits.
    ...Array.from({ length: 600 }, (_, i) =>
      at('2026-03-04T10:00:00Z', `bot-${i}`, { user_agent: GOOGLEBOT }),
    ),
  ];

  beforeAll(async () => {
    await shop.send('visited', ...people);
    await shop.send('madrid', ...bots.slice(0, 4));
    await shop.send('madrid', ...people);
    for (let from = 4; from < bots.length; from += 300) {
      await shop.send('madrid', ...bots.slice(from, from + 300));
    }
  });

  test('do not count as people, product interactions or money', async () => {
    for (const target of [
      `/v1/users/unique?${march}`,
      `/v1/revenue?${march}&by=country`,
      `/v1/products?${march}`,
      `/v1/funnels/shop?${march}`,
      `/v1/events?${march}`,
      `/v1/retention?${march}&periods=2`,
      `/v1/breakdowns/channel?${march}`,
      `/v1/breakdowns/country?${march}`,
      '/v1/users/ana',
      '/v1/users/ana/interactions?from=2026-03-03&to=2026-03-03',
    ]) {
      const without = await data('visited', target);
      const withIds = (value: unknown) =>
        JSON.stringify(value).replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":""');
      expect([target, withIds(await data('madrid', target))]).toEqual([target, withIds(without)]);
    }
    const { bots: count, ...overview } = await data('madrid', `/v1/overview?${march}`);
    const { bots: none, ...others } = await data('visited', `/v1/overview?${march}`);
    expect([count, none]).toEqual([bots.length, 0]);
    expect(overview).toEqual(others);
  });

  test('leave no user state and link no ids', async () => {
    const users = (await keyNames(shop.redis, 'ff:*:u:madrid:*')).map((key) => key.split(':').at(-1));
    expect(users).toEqual(['ana']);
    expect(await keyNames(shop.redis, 'ff:*:t:madrid:*')).toHaveLength(1);
    for (const user of ['bot-1', 'eva', 'cookie']) {
      expect((await shop.get('madrid', `/v1/users/${user}`)).status).toBe(404);
    }
  });

  test('are counted by name, day and hour, and in the ledger', async () => {
    expect(await data('madrid', `/v1/breakdowns/bot?${march}`)).toEqual({
      dimension: 'bot',
      metric: 'events',
      total_values: 2,
      rows: [
        { value: 'Googlebot', events: bots.length - 4 },
        { value: 'GPTBot', events: 4 },
      ],
    });
    // The breakdown of the day has one value, with one number.
    const hashes = await keyNames(shop.redis, 'ff:*:b:madrid:20260304:bot');
    expect(hashes.length).toBeGreaterThan(0);
    for (const key of hashes) {
      expect(await shop.redis.hgetall(key)).toEqual({ '#': '1', 'events|Googlebot': expect.any(String) });
    }
    const { points } = await data<{ points: { start: string; value: number }[] }>(
      'madrid',
      `/v1/series?${march}&metric=bots`,
    );
    expect(points.map(({ value }) => value)).toEqual([1, 7, 600]);
    expect(await data('madrid', '/v1/ledger')).toMatchObject({
      totals: { applied: 2, bot: bots.length, duplicate: 0, forwarded: 0, joined: 0, dead_lettered: 0 },
      balanced: true,
    });
    const refused = await shop.get('madrid', `/v1/breakdowns/bot?${march}&metric=orders`);
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'unsupported_metric' }]);
  });

  test('make a day with events but without users when they are alone on it', async () => {
    expect(await data('madrid', '/v1/overview?to=2026-03-02')).toMatchObject({
      from: '2026-03-02',
      total_events: 0,
      bots: 1,
      users: 0,
      sessions: 0,
    });
    const { days } = await data<{ days: { date: string; sessions: number }[] }>(
      'madrid',
      `/v1/sessions?${march}`,
    );
    expect(days.map(({ date, sessions }) => [date, sessions])).toEqual([
      ['2026-03-02', 0],
      ['2026-03-03', 1],
      ['2026-03-04', 0],
    ]);
  });

  test('are counted by the minute on recent days', async () => {
    const { as_of } = (await shop.get<{ data: never; meta: { as_of: string } }>('late', '/v1/live')).body
      .meta;
    await shop.send('late', { name: 'page_view', anonymous_id: 'x', user_agent: GPTBOT, timestamp: as_of });
    const { points } = await data<{ points: { value: number }[] }>(
      'late',
      '/v1/series?metric=bots&grain=minute',
    );
    expect(points.reduce((sum, { value }) => sum + value, 0)).toBe(1);
    expect(await data('late', '/v1/live')).toMatchObject({ users_5m: 0, users_30m: 0 });
  });
});

test('a session is Direct until an event brings its source', async () => {
  const channels = async () => {
    const { rows } = await data<{ rows: { value: string; sessions: number; orders: number }[] }>(
      'late',
      '/v1/breakdowns/channel?from=2026-03-03&to=2026-03-03',
    );
    return rows.map(({ value, sessions, orders }) => [value, sessions, orders]);
  };
  const bought = { name: 'purchase', transaction_id: 'o-9' };
  await shop.send('late', at('2026-03-03T10:10:00Z', 'ana', bought), at('2026-03-03T18:00:00Z', 'ben'));
  expect(await channels()).toEqual([['Direct', 2, 1]]);
  await shop.send('late', at('2026-03-03T10:00:00Z', 'ana', { referrer: 'https://www.bing.com/' }));
  expect(await channels()).toEqual([
    ['Direct', 1, 0],
    ['Organic Search', 1, 1],
  ]);
  // A still earlier event: the session's source and channel both come from it.
  await shop.send('late', at('2026-03-03T09:50:00Z', 'ana', { page: '/?utm_source=news&utm_medium=email' }));
  expect(await channels()).toEqual([
    ['Direct', 1, 0],
    ['Email', 1, 1],
  ]);
  const { rows } = await data<{ rows: { value: string }[] }>(
    'late',
    '/v1/breakdowns/source?from=2026-03-03&to=2026-03-03',
  );
  expect(rows.map(({ value }) => value).sort()).toEqual(['(not set)', 'news']);
});

test("an event sent with Node's fetch has no browser", async () => {
  let received: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    received = request.headers;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })).text();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(received['user-agent']).toBe('node');
  const headers = received as Record<string, string>;
  expect(visitorOf(requestOf('POST', '/v1/events', { headers }))).toEqual({});
});
