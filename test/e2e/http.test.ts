import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Analytics } from '@segment/analytics-node';
import { freePort } from '../../local/services/ports.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { startFunctions } from '../../local/start/start-functions.ts';
import { Random } from '../../shared/simulation/random.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { type Answer, checkContract } from '../support/http.ts';
import { mixedEvents, type PlainEvent } from '../support/mixed-events.ts';
import { siteOf } from '../support/shop.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * The whole system from outside: HTTP into serverless-offline, Kafka, the aggregate function behind the Kafka event
 * source, Redis, and HTTP back, compared with a count of this file's own.
 * FOOTFALL_E2E_EVENTS=100000 sends 100,000 events instead of 3,000.
 */
const EVENTS = Number(process.env.FOOTFALL_E2E_EVENTS ?? 3_000);

const root = resolve(import.meta.dirname, '../..');
const sites = [
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('denver', { zone: 'America/Denver', currency: 'USD' }),
  siteOf('bilbao', { currency: 'EUR', measurement_ids: ['G-BILBAO1'] }),
];
const config = await freshConfig({ partitions: 4, sites });
const dataDir = closing(await mkdtemp(join(tmpdir(), 'footfall-e2e-')), (path) =>
  rm(path, { recursive: true, force: true }),
);

let url: string;
beforeAll(async () => {
  await addSites(config, sites);
  const { functions, output } = await startFunctions({
    dataDir,
    port: await freePort(),
    env: {
      ...process.env,
      ...envOf(config),
    },
    onOutput: () => {},
  });
  closing(output, () => output.stop());
  closing(functions, () => functions.stop());
  url = `http://localhost:${functions.port}`;
});

interface Sent {
  accepted: number;
  refused: number;
  events: { index: number; status: string }[];
}

async function request<T>(method: string, target: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await patientFetch(`${url}${target}`, { method, ...init });
  const text = await response.text();
  const headers = Object.fromEntries(response.headers);
  // serverless-offline adds a charset.
  headers['content-type'] = (headers['content-type'] ?? '').split(';')[0]!;
  const answer = {
    status: response.status,
    headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
  if (method !== 'OPTIONS') checkContract(method, target.split('?')[0]!, answer);
  return answer;
}

/**
 * Node's HTTP server closes a connection that has been idle for 5 s, and a request that meets the closing fails.
 * Clients send it again; the events' ids make that harmless.
 */
async function patientFetch(target: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(target, init);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const post = (site: string, body: unknown) =>
  request<Sent>('POST', '/v1/events', {
    headers: { ...bearer(`${site}-write-key`), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const postGzip = (site: string, body: unknown) =>
  request<Sent>('POST', '/v1/events', {
    headers: {
      ...bearer(`${site}-write-key`),
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    body: gzipSync(JSON.stringify(body)),
  });
/** As navigator.sendBeacon does: without headers of its own. */
const postBeacon = (site: string, body: unknown) =>
  request<Sent>('POST', `/v1/events?write_key=${site}-write-key`, {
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    body: JSON.stringify(body),
  });
const get = async <T>(site: string, target: string) => {
  const answer = await request<{ data: T; meta: { complete: boolean } }>('GET', target, {
    headers: bearer(`${site}-read-key`),
  });
  expect(answer.status).toBe(200);
  return answer.body;
};
const allApplied = () =>
  waitFor(
    'everything that was accepted to be counted',
    async () => {
      const { body } = await request<{ data: { freshness?: { lag_events: number } } }>('GET', '/v1/health');
      return body.data.freshness?.lag_events === 0;
    },
    { timeoutMs: 60_000 + EVENTS * 5, everyMs: 200 },
  );

/** Of a page. serverless-offline answers with the page's origin, API Gateway with `*`. */
const origin = { origin: 'https://shop.example' };

describe('a page of another origin', () => {
  test.each([
    ['POST', '/v1/events'],
    ['GET', '/v1/overview'],
    ['DELETE', '/v1/privacy/ana'],
    ['PATCH', '/v1/sites/denver'],
  ])('may %s %s: the gateway answers the preflight request', async (method, path) => {
    const response = await patientFetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    const allowed = (name: string) => response.headers.get(`access-control-allow-${name}`)?.split(',');
    expect(response.status).toBe(204);
    expect(allowed('origin')).toEqual([origin.origin]);
    expect(allowed('methods')).toContain(method);
    expect(allowed('headers')).toEqual(expect.arrayContaining(['authorization', 'content-type']));
    expect(response.headers.get('access-control-max-age')).toBe('86400');
  });

  test('reads an answer and its headers', async () => {
    const headers = { ...origin, ...bearer('denver-read-key') };
    const response = await patientFetch(`${url}/v1/overview?format=csv`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin.origin);
    expect(response.headers.get('access-control-expose-headers')?.split(',')).toEqual(
      expect.arrayContaining(['etag', 'x-request-id', 'footfall-complete']),
    );
  });

  test('reads what went wrong', async () => {
    const refused = await request('POST', '/v1/events', { headers: origin, body: '{}' });
    expect([refused.status, refused.headers]).toMatchObject([
      401,
      { 'www-authenticate': 'Bearer', 'access-control-allow-origin': origin.origin },
    ]);
    const headers = { ...origin, ...bearer('denver-read-key') };
    const unknown = await request('GET', '/v1/users/nobody', { headers });
    expect([unknown.status, unknown.headers['access-control-allow-origin']]).toEqual([404, origin.origin]);
  });
});

test('the document and its page are served', async () => {
  const { status, body } = await request<{ openapi: string }>('GET', '/v1/openapi.json');
  expect([status, body.openapi]).toEqual([200, '3.1.0']);
  expect((await patientFetch(`${url}/docs`, {})).status).toBe(200);
});

test('the gateway passes paths with any characters', async () => {
  const users = ['😀', 'a/b', 'a b', '100%', '%41', ':{}*?#&', 'ñandú', 'a+b', '__proto__'];
  const { status, body } = await post('denver', {
    events: users.map((user_id) => ({ id: 'g-1', name: 'gateway', user_id })),
  });
  expect([status, body.accepted]).toEqual([202, users.length]);
  await allApplied();
  for (const user of users) {
    const sent = encodeURIComponent(user);
    for (const path of [`/v1/users/${sent}`, `/get_user_engagement/${sent}`]) {
      expect(await get('denver', path)).toMatchObject({ data: { user_id: user, events: { gateway: 1 } } });
    }
    expect(await get('denver', `/v1/users/${sent}/interactions?limit=1`)).toMatchObject({
      data: { total: 1 },
    });
  }
});

test('a person with any id is exported and erased', async () => {
  const admin = { headers: bearer('denver-admin-key') };
  for (const [i, user] of ['erase/me/50%', '%41 erased', 'erased'].entries()) {
    await post('denver', { id: `p-${i}`, name: 'privacy', user_id: user });
    await allApplied();
    const path = `/v1/privacy/${encodeURIComponent(user)}`;
    const held = await request<{ data: { interactions: object[] } }>('GET', path, admin);
    expect([held.status, held.body.data.interactions]).toMatchObject([200, [{ user, name: 'privacy' }]]);
    const erased = await request<{ data: { receipt: string; status: string } }>('DELETE', path, admin);
    await allApplied();
    const { receipt } = erased.body.data;
    const kept = await request<{ data: object }>('GET', `/v1/privacy-receipts/${receipt}`, admin);
    expect(kept.body.data).toMatchObject({ status: 'done', ids: 1, keys: 2, entries: 2 });
    expect((await request('GET', path, admin)).status).toBe(404);
  }
});

test("the gateway passes the script for a shop's pages unchanged, with and without gzip", async () => {
  const [packed, plain] = await Promise.all([
    patientFetch(`${url}/f.js`, { headers: origin }),
    patientFetch(`${url}/f.js`, { headers: { ...origin, 'accept-encoding': 'identity' } }),
  ]);
  expect([packed.status, plain.status]).toEqual([200, 200]);
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(packed.headers.get('access-control-allow-origin')).toBe(origin.origin);
  const text = await plain.text();
  expect(text).toContain('sendBeacon');
  expect(await packed.text()).toBe(text);
});

test('events from clients of Segment and Google Analytics are counted together', async () => {
  const analytics = new Analytics({ writeKey: 'bilbao-write-key', host: url });
  const products = [{ product_id: 'tea-1', price: 10, quantity: 2 }];
  analytics.track({ anonymousId: 'c0ffee', event: 'Product Viewed', properties: products[0]! });
  analytics.identify({ anonymousId: 'c0ffee', userId: 'ada' });
  analytics.track({ userId: 'ada', event: 'Order Completed', properties: { order_id: 'o-1', products } });
  await analytics.closeAndFlush({ timeout: 10_000 });

  const kotlin = { type: 'track', userId: 'ada', event: 'Product Viewed', properties: products[0] };
  const sent = await request('POST', '/v1/b', {
    headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify({ batch: [kotlin], writeKey: 'bilbao-write-key' })),
  });
  expect([sent.status, sent.body]).toEqual([200, { success: true }]);

  const measurement = await request(
    'POST',
    '/mp/collect?measurement_id=G-BILBAO1&api_secret=bilbao-write-key',
    {
      body: JSON.stringify({
        client_id: '1.2',
        events: [{ name: 'purchase', params: { transaction_id: 'o-2', value: 5 } }],
      }),
    },
  );
  expect([measurement.status, measurement.body]).toEqual([204, undefined]);

  const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0' };
  const hit = '/g/collect?v=2&tid=G-BILBAO1&cid=1.2&_p=1&_s=1&sid=1';
  const item = 'pr1=idtea-1~nmGreen%20tea~pr10';
  for (const init of [{ method: 'GET' }, { method: 'GET' }]) {
    const answer = await request(init.method, `${hit}&en=view_item&${item}`, { headers: browser });
    expect([answer.status, answer.body]).toEqual([204, undefined]);
  }
  const beacon = await request('POST', hit.replace('_s=1', '_s=2'), {
    headers: browser,
    body: `en=view_item&${item}\r\nen=scroll`,
  });
  expect(beacon.status).toBe(204);

  await allApplied();
  expect(await get('bilbao', '/v1/overview')).toMatchObject({
    // The repeated hit counts once, and the visitor and the user are one person.
    data: { users: 2, orders: 2, money: [{ currency: 'EUR', revenue_minor: 2_500 }] },
  });
  const { data } = await get<{ events: Record<string, number> }>('bilbao', '/v1/events');
  expect(data.events).toEqual({ view_item: 4, identify: 1, purchase: 2, scroll: 1 });
});

test('a body that is too large is refused, with and without gzip', async () => {
  const pad = ' '.repeat(1_000_001);
  expect((await post('denver', { name: 'x', user_id: 'x', pad })).status).toBe(413);
  expect((await postGzip('denver', { name: 'x', user_id: 'x', pad })).status).toBe(413);
});

test(
  'many events in mixed batches, 5 % repeated and 1 % broken, are counted as they were sent',
  async () => {
    const random = new Random(20_26);
    const { good, outgoing, repeated, broken } = mixedEvents(['madrid', 'denver'], EVENTS, random);
    expect(Math.min(broken, repeated)).toBeGreaterThan(0);

    const requests: (() => Promise<Answer<Sent>>)[] = [];
    for (const site of ['madrid', 'denver']) {
      const mine = outgoing.filter((one) => one.site === site).map(({ event }) => event);
      while (mine.length > 0) {
        const events = mine.splice(0, random.pick([1, 20, 100, 500]));
        const send = random.pick([post, postGzip, postBeacon]);
        requests.push(() => send(site, events.length === 1 ? events[0] : { events }));
      }
    }
    const totals = { accepted: 0, refused: 0 };
    const sender = async () => {
      for (let next = requests.shift(); next; next = requests.shift()) {
        const { status, body } = await next();
        // A request with only a broken event is refused as a whole.
        if (status === 400) totals.refused++;
        else {
          expect(status).toBe(202);
          totals.accepted += body.accepted;
          totals.refused += body.refused;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    expect(totals).toEqual({ accepted: EVENTS + repeated, refused: broken });
    await allApplied();

    for (const [site, currency, zone] of [
      ['madrid', 'EUR', 'Europe/Madrid'],
      ['denver', 'USD', 'America/Denver'],
    ] as const) {
      const mine = good.filter((one) => one.site === site).map(({ event }) => event);
      const orders = mine.filter(({ name }) => name === 'purchase');
      const cents = (list: PlainEvent[]) =>
        list.reduce((sum, { items }) => sum + Math.round(items![0]!.price * 100) * items![0]!.quantity, 0);
      const day = ({ timestamp }: PlainEvent) =>
        new Intl.DateTimeFormat('sv', { timeZone: zone }).format(timestamp);
      const tally = (list: PlainEvent[], key: (event: PlainEvent) => string) =>
        Object.fromEntries([...Map.groupBy(list, key)].map(([name, group]) => [name, group.length]));
      /** The two days before, so that the events of the first test are not among them. */
      const days = [...new Set(mine.map(day))].sort();
      const range = `from=${days[0]}&to=${days.at(-1)}`;

      const overview = await get<Record<string, unknown>>(site, `/v1/overview?${range}`);
      expect(overview.meta.complete).toBe(true);
      expect(overview.data).toMatchObject({
        orders: orders.length,
        units: orders.reduce((sum, { items }) => sum + items![0]!.quantity, 0),
        products: new Set(mine.flatMap(({ items = [] }) => items.map(({ item_id }) => item_id))).size,
        money: [{ currency, revenue_minor: cents(orders), refunded_minor: 0 }],
      });

      const frequency = await get<{
        events: Record<string, number>;
        series: { start: string; events: Record<string, number> }[];
      }>(site, `/v1/events?${range}&grain=day`);
      // Without what other tests sent.
      const byName = ({ gateway: _, privacy: __, ...events }: Record<string, number>) => events;
      expect(byName(frequency.data.events)).toEqual(tally(mine, ({ name }) => name));
      for (const { start, events } of frequency.data.series) {
        expect([start, byName(events)]).toEqual([
          start,
          tally(
            mine.filter((event) => day(event) === start),
            ({ name }) => name,
          ),
        ]);
      }

      const views = await get<{ products: { product_id: string; value: number }[] }>(
        site,
        `/v1/products?metric=views&limit=1000&${range}`,
      );
      const viewed = mine.filter(({ name }) => name === 'view_item');
      expect(
        Object.fromEntries(views.data.products.map(({ product_id, value }) => [product_id, value])),
      ).toEqual(tally(viewed, ({ items }) => items![0]!.item_id));
      const revenue = await get<{ products: { product_id: string; value: number }[] }>(
        site,
        `/v1/products?metric=revenue&limit=1000&${range}`,
      );
      expect(
        Object.fromEntries(revenue.data.products.map(({ product_id, value }) => [product_id, value])),
      ).toEqual(
        Object.fromEntries(
          [...Map.groupBy(orders, ({ items }) => items![0]!.item_id)].map(([id, list]) => [id, cents(list)]),
        ),
      );

      for (const [user, theirs] of [...Map.groupBy(mine, ({ user_id }) => user_id)].slice(0, 25)) {
        const { data } = await get<object>(site, `/v1/users/${user}`);
        expect(data).toMatchObject({
          total_events: theirs.length,
          events: tally(theirs, ({ name }) => name),
          first_seen: new Date(Math.min(...theirs.map(({ timestamp }) => timestamp))).toISOString(),
          last_seen: new Date(Math.max(...theirs.map(({ timestamp }) => timestamp))).toISOString(),
        });
      }
    }
  },
  120_000 + EVENTS * 10,
);

test('200 requests at once: what was accepted is counted', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const response = await patientFetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { ...bearer('bilbao-write-key'), 'content-type': 'application/json' },
        body: JSON.stringify({ id: `crowd-${i}`, name: 'at_once', user_id: 'crowd' }),
      });
      return { status: response.status, body: await response.json() };
    }),
  );
  const accepted = answers.filter(({ status }) => status < 300);
  for (const answer of accepted) expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } });
  const refused = answers.filter(({ status }) => status >= 300);
  for (const { status } of refused) expect(status).toBeGreaterThanOrEqual(500);
  await allApplied();
  const { data } = await get<{ events: { at_once: number } }>('bilbao', '/v1/users/crowd');
  // What was refused with 5xx may have been stored, and a client sends it again.
  expect(data.events.at_once).toBeGreaterThanOrEqual(accepted.length);
  expect(data.events.at_once).toBeLessThanOrEqual(200);
});

test('the command line creates a site, and its keys work at once', async () => {
  const sitesCommand = async (...args: string[]) => {
    const command = [join(root, 'cli/main.ts'), 'sites', ...args];
    const { stdout } = await promisify(execFile)(process.execPath, command, {
      env: { ...process.env, FOOTFALL_URL: url },
    });
    return stdout;
  };
  const made = await sitesCommand('create', 'lima', '--zone', 'America/Lima', '--currency', 'PEN');
  expect(made).toContain('stores only their hashes');
  const [write, read] = ['ffw', 'ffr'].map((kind) => new RegExp(`${kind}_\\w+`).exec(made)![0]) as [
    string,
    string,
  ];
  const body = JSON.stringify({ id: 'c-1', name: 'view_item', user_id: 'ana' });
  expect(await request('POST', '/v1/events', { headers: bearer(write), body })).toMatchObject({
    status: 202,
  });
  await allApplied();
  const answer = await request('GET', '/v1/users/ana', { headers: bearer(read) });
  expect(answer).toMatchObject({ status: 200, body: { meta: { site: 'lima', time_zone: 'America/Lima' } } });

  expect(await sitesCommand('set', 'lima', '--name', 'Lima', '--origins', 'https://lima.test')).toMatch(
    /name +Lima\n(.*\n)+ +origins +https:\/\/lima\.test/,
  );
  expect(await sitesCommand('list')).toMatch(/^site .*\nbilbao .*\ndenver .*\nlima .*\nmadrid /);
  const shown = await sitesCommand('show', 'lima');
  const keyId = /write key +(\w+)/.exec(shown)![1]!;
  expect(await sitesCommand('rotate', 'lima', keyId, '--overlap', '0')).toMatch(/ended(.*\n)+.*ffw_/);
  expect(await sitesCommand('key', 'lima', '--kind', 'read')).toMatch(/ffr_\w{24}/);
  expect(await sitesCommand('revoke', 'lima', keyId)).toContain('is revoked');
  await expect(sitesCommand('create', 'lima')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('(site_exists)'),
  });
  await expect(sitesCommand('set', 'lima', '--currency', 'EURO')).rejects.toMatchObject({
    stderr: expect.stringMatching(/^Writing to the API at .*\ncurrency: an ISO 4217 currency code/),
  });
});

test('the command line lists late events and replays them', async () => {
  const command = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(root, 'cli/main.ts'), 'dead-letters', ...args], {
      env: { ...process.env, FOOTFALL_URL: url },
    }).then(({ stdout }) => stdout);
  const timestamp = Date.now() - 100 * 3_600_000;
  const late = ['l-1', 'l-2', 'l-3'].map((id) => ({ id, name: 'late_one', user_id: 'lea', timestamp }));
  const { body } = await post('bilbao', { events: late });
  expect(body).toMatchObject({ events: [1, 2, 3].map(() => ({ status: 'dead_lettered' })) });
  await allApplied();

  expect(await command('counts', '--site', 'bilbao')).toMatch(/too_late +bilbao +open +3 +0\n/);
  const listed = await command('list', '--site', 'bilbao', '--reason', 'too_late');
  const letter = /^(\S+-\d+-\d+) .*open +too_late +bilbao +late_one$/m.exec(listed)![1]!;
  expect(await command('show', letter)).toMatch(/now +refused as too_late: .*(\n.*)+"name":"late_one"/);
  await expect(command('replay', letter)).rejects.toMatchObject({
    stderr: expect.stringContaining('(not_replayable)'),
  });
  expect(await command('discard', letter, '--note', 'A test')).toContain('Discarded: 1.');
  const replayed = await command('replay', '--reason', 'too_late', '--site', 'bilbao', '--backfill');
  expect(replayed).toContain('Replayed: 2. Already decided: 0. Refused: 0.');
  await allApplied();
  expect(await get('bilbao', '/v1/users/lea')).toMatchObject({ data: { events: { late_one: 2 } } });
  expect(await command('show', letter)).toMatch(
    /status +discarded\n(.*\n)+ +discard .* by installation: A test/,
  );
  await expect(command('replay')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Name letters/),
  });
});
