import { openApi } from '../../deploy/openapi.ts';
import { freePort } from '../../local/services/ports.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { openInstallation } from '../support/installation.ts';

/** Sites are created and changed over HTTP, and their keys work as granted. */

const config = await freshConfig({ partitions: 2 });
const { ask, published } = openInstallation(config);
/** Another process of the same functions. */
const other = openInstallation(config);
const redis = closing(connectRedis(config.redis), (one) => one.disconnect());

interface Key {
  id: string;
  kind: 'write' | 'read' | 'admin';
  hint: string;
  expires_at?: string;
}
interface Site {
  id: string;
  zone: string;
  name?: string;
  currency: string;
  retention_days: number;
  measurement_ids: string[];
  keys: Key[];
}
interface Created {
  data: {
    site: Site;
    new_keys: (Key & { key: string })[];
    funnels: { id: string }[];
    funnels_failed: string[];
  };
}
interface Problem {
  code: string;
  detail: string;
  errors?: { path: string }[];
}
type One = { data: Site };

const codeOf = ({ status, body }: { status: number; body: unknown }) => [status, (body as Problem).code];

let sites = 0;
/** A new site, and its keys in clear by kind. */
async function make(fields: object = {}) {
  const id = `shop-${++sites}`;
  const answer = await ask<Created>('POST', '/v1/sites', { id, ...fields });
  expect(answer.status).toBe(201);
  const { site, new_keys } = answer.body.data;
  const key = Object.fromEntries(new_keys.map((one) => [one.kind, one.key])) as Record<Key['kind'], string>;
  const keyId = Object.fromEntries(new_keys.map((one) => [one.kind, one.id])) as Record<Key['kind'], string>;
  return { id, site, key, keyId, answer };
}
const send = (key: string, headers: Record<string, string> = {}, to = ask) =>
  to('POST', '/v1/events', { name: 'view_item', user_id: 'ana' }, { key, headers });
const read = (key: string, from = ask) => from('GET', '/v1/overview', undefined, { key });

test('a new site works at once, each key for its own kind', async () => {
  const { id, site, key, answer } = await make({ zone: 'Europe/Madrid', currency: 'EUR' });
  expect(site).toMatchObject({ id, zone: 'Europe/Madrid', currency: 'EUR', retention_days: 1_095 });
  expect(answer.headers).toMatchObject({ location: `/v1/sites/${id}`, 'cache-control': 'no-store' });
  expect((await send(key.write)).status).toBe(202);
  expect(published.at(-1)).toMatchObject({ site: id, user: 'ana' });
  expect(await read(key.read)).toMatchObject({
    status: 200,
    body: { meta: { site: id, time_zone: 'Europe/Madrid' } },
  });
  for (const wrong of [key.read, key.admin]) expect(codeOf(await send(wrong))).toEqual([401, 'unauthorized']);
  expect(codeOf(await read(key.write))).toEqual([401, 'unauthorized']);
  // Another process finds the new key.
  expect((await read(key.read, other.ask)).status).toBe(200);
});

test('a process that read the sites earlier finds a newer key', async () => {
  const { key: early } = await make();
  const warm = openInstallation(config);
  expect((await read(early.read, warm.ask)).status).toBe(200);
  const { key } = await make();
  expect((await read(key.read, warm.ask)).status).toBe(200);
});

test('no answer has a hash, and only the first has a key', async () => {
  const { id, key } = await make();
  const answers = await Promise.all([
    ask('GET', '/v1/sites'),
    ask('GET', `/v1/sites/${id}`),
    ask('PATCH', `/v1/sites/${id}`, { name: 'New' }),
  ]);
  for (const { body } of answers) {
    const text = JSON.stringify(body);
    expect(text).toContain(id);
    expect(text).not.toContain('hash');
    for (const one of Object.values(key)) expect(text).not.toContain(one.slice(4, -4));
  }
  const stored = JSON.stringify(await redis.hgetall(keys.sites));
  expect(stored).toContain('hash');
  for (const one of Object.values(key)) expect(stored).not.toContain(one.slice(4, -4));
});

test('invalid sites are refused with the path', async () => {
  const id = 'wrong';
  const refused = async (body: unknown) => {
    const { status, body: problem } = await ask<Problem>('POST', '/v1/sites', body);
    expect(status).toBe(400);
    return problem.errors?.map(({ path }) => path) ?? problem.code;
  };
  expect(await refused('{')).toBe('invalid_body');
  expect(await refused({})).toEqual(['id']);
  expect(await refused({ id: 'No Id' })).toEqual(['id']);
  expect(await refused({ id, zone: 'Atlantis', currency: 'EURO' })).toEqual(['zone', 'currency']);
  expect(await refused({ id, retention_day: 3 })).toEqual(['retention_day']);
  expect(await refused({ id, keys: [] })).toEqual(['keys']);
  expect(await refused({ id, allowed_origins: ['https://a.test', 'a.test'] })).toEqual([
    'allowed_origins[1]',
  ]);
  expect(await refused({ id, funnels: [{ id: 'f', name: 'F', steps: [{ event: 'a' }] }] })).toEqual([
    'funnels[0].steps',
  ]);
  expect(codeOf(await ask('GET', `/v1/sites/${id}`))).toEqual([404, 'unknown_site']);
});

test('a site is created once, also by two requests at once', async () => {
  const answers = await Promise.all([
    ask<Created>('POST', '/v1/sites', { id: 'twin', name: 'One' }),
    other.ask<Created>('POST', '/v1/sites', { id: 'twin', name: 'Two' }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const made = answers.find(({ status }) => status === 201)!.body.data;
  expect((await ask<One>('GET', '/v1/sites/twin')).body.data).toEqual(made.site);
  expect((await read(made.new_keys.find(({ kind }) => kind === 'read')!.key)).status).toBe(200);
  expect(codeOf(await ask('POST', '/v1/sites', { id: 'twin' }))).toEqual([409, 'site_exists']);
});

test('two processes that change a site at once lose no change', async () => {
  const { id, keyId } = await make();
  const answers = await Promise.all([
    ask('PATCH', `/v1/sites/${id}`, { name: 'Renamed' }),
    other.ask('PATCH', `/v1/sites/${id}`, { currency: 'JPY' }),
    ask('POST', `/v1/sites/${id}/keys`, { kind: 'read' }),
    other.ask('POST', `/v1/sites/${id}/keys/${keyId.write}/rotate`),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 201]);
  const { data } = (await ask<One>('GET', `/v1/sites/${id}`)).body;
  expect(data).toMatchObject({ name: 'Renamed', currency: 'JPY' });
  expect(data.keys.map(({ kind }) => kind).sort()).toEqual(['admin', 'read', 'read', 'write', 'write']);
});

test('settings can be changed, but not the time zone', async () => {
  const { id } = await make({ zone: 'Europe/Madrid', measurement_ids: ['G-FIRST1'] });
  const patch = (body: object) => ask<One>('PATCH', `/v1/sites/${id}`, body);
  expect((await patch({ retention_days: 30 })).body.data).toMatchObject({
    zone: 'Europe/Madrid',
    retention_days: 30,
    measurement_ids: ['G-FIRST1'],
  });
  expect((await patch({ zone: 'Europe/Madrid', measurement_ids: [] })).status).toBe(200);
  expect(codeOf(await patch({ zone: 'UTC', name: 'No' }))).toEqual([409, 'fixed_zone']);
  expect(codeOf(await patch({ id: 'other' }))).toEqual([400, 'invalid_parameter']);
  expect((await ask<One>('GET', `/v1/sites/${id}`)).body.data.name).toBeUndefined();
  expect(codeOf(await ask('PATCH', '/v1/sites/nowhere', { name: 'x' }))).toEqual([404, 'unknown_site']);
});

test('a measurement id belongs to one site', async () => {
  await make({ measurement_ids: ['G-TAKEN1'] });
  const answer = await ask<Problem>('POST', '/v1/sites', { id: 'late', measurement_ids: ['G-TAKEN1'] });
  expect(codeOf(answer)).toEqual([409, 'conflict']);
  expect(answer.body.errors?.[0]?.path).toBe('measurement_ids[0]');
});

test('funnels given with a site belong to it', async () => {
  const steps = [{ event: 'view_item' }, { event: 'purchase' }];
  const { key, answer } = await make({ funnels: [{ id: 'quick', name: 'Quick', steps }] });
  expect(answer.body.data.funnels).toMatchObject([{ id: 'quick', steps }]);
  const { body } = await ask<{ data: { funnels: { id: string }[] } }>('GET', '/v1/funnels', undefined, {
    key: key.read,
  });
  expect(body.data.funnels.map(({ id }) => id)).toEqual(['shop', 'quick']);
});

describe('a site that is refused', () => {
  const funnelsOf = async () =>
    Object.fromEntries(
      (
        await Promise.all(
          Array.from({ length: 2 }, (_, partition) => redis.hgetall(shardKeys.funnels(partition))),
        )
      ).flatMap((one, partition) => Object.entries(one).map(([id, text]) => [`${partition}:${id}`, text])),
    );
  const steps = [{ event: 'view_item' }, { event: 'purchase' }];
  const funnels = [{ id: 'quick', name: 'Quick', steps }];

  test('leaves no funnel', async () => {
    await make({ measurement_ids: ['G-TAKEN2'] });
    const before = await funnelsOf();
    const fields = { id: 'refused', measurement_ids: ['G-TAKEN2'], funnels };
    expect(codeOf(await ask('POST', '/v1/sites', fields))).toEqual([409, 'conflict']);
    expect(await funnelsOf()).toEqual(before);
  });

  test('does not touch the funnels of the existing site', async () => {
    const { id } = await make({ funnels });
    const before = await funnelsOf();
    const fields = {
      id,
      funnels: [
        { ...funnels[0], name: 'Other' },
        { id: 'more', name: 'More', steps },
      ],
    };
    expect(codeOf(await ask('POST', '/v1/sites', fields))).toEqual([409, 'site_exists']);
    expect(await funnelsOf()).toEqual(before);
  });

  test('does not touch the funnels of a site created at the same time', async () => {
    const of = (name: string) => ({
      id: 'race',
      funnels: [
        { ...funnels[0], id: name },
        { ...funnels[0], name },
      ],
    });
    const answers = await Promise.all([
      ask<Created>('POST', '/v1/sites', of('one')),
      other.ask<Created>('POST', '/v1/sites', of('two')),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const made = answers.find(({ status }) => status === 201)!.body.data;
    const stored = Object.entries(await funnelsOf()).filter(([id]) => id.includes(':race:'));
    expect(stored.map(([id]) => id).sort()).toEqual(
      [0, 1].flatMap((partition) => made.funnels.map(({ id }) => `${partition}:race:${id}`)).sort(),
    );
    for (const [, text] of stored) {
      const { id, name, effective_from } = JSON.parse(text);
      const answered = made.funnels.find((one) => one.id === id);
      expect(answered).toMatchObject({ name, effective_from: new Date(effective_from).toISOString() });
    }
  });
});

describe('keys', () => {
  test('work beside their successor during the overlap; without one only the new key works', async () => {
    const { id, key, keyId } = await make();
    type Rotated = { data: { new_key: Key & { key: string }; old_key: Key } };
    const rotate = (one: string, body?: object) =>
      ask<Rotated>('POST', `/v1/sites/${id}/keys/${one}/rotate`, body);
    const first = await rotate(keyId.read);
    expect(first.status).toBe(201);
    const { new_key, old_key } = first.body.data;
    const left = Date.parse(old_key.expires_at!) - Date.now();
    expect(Math.abs(left - 86_400_000)).toBeLessThan(60_000);
    for (const one of [key.read, new_key.key]) expect((await read(one)).status).toBe(200);

    expect((await rotate(keyId.read, { overlap_seconds: 0 })).status).toBe(201);
    expect(codeOf(await read(key.read))).toEqual([401, 'unauthorized']);
    expect((await read(new_key.key)).status).toBe(200);
    expect(codeOf(await rotate(keyId.read))).toEqual([404, 'unknown_key']);
    expect(codeOf(await rotate(keyId.write, { overlap_seconds: -1 }))).toEqual([400, 'invalid_parameter']);
  });

  test('stop working when they are ended; ending one again changes nothing', async () => {
    const { id, key, keyId } = await make();
    const { body } = await ask<{ data: Key & { key: string } }>('POST', `/v1/sites/${id}/keys`, {
      kind: 'write',
    });
    expect((await send(key.write)).status).toBe(202);
    for (const _ of [1, 2]) {
      expect((await ask('DELETE', `/v1/sites/${id}/keys/${keyId.write}`)).status).toBe(204);
      expect(codeOf(await send(key.write))).toEqual([401, 'unauthorized']);
    }
    expect((await send(body.data.key)).status).toBe(202);
    expect(codeOf(await ask('DELETE', `/v1/sites/${id}/keys/nothing`))).toEqual([404, 'unknown_key']);
    expect(codeOf(await ask('POST', `/v1/sites/${id}/keys`, { kind: 'root' }))).toEqual([
      400,
      'invalid_parameter',
    ]);
  });
});

describe('permissions', () => {
  const operations = (site: string, key: string): [string, string, object?][] => [
    ['POST', '/v1/sites', { id: 'forbidden' }],
    ['GET', '/v1/sites'],
    ['GET', `/v1/sites/${site}`],
    ['PATCH', `/v1/sites/${site}`, { name: 'Forbidden' }],
    ['POST', `/v1/sites/${site}/keys`, { kind: 'read' }],
    ['POST', `/v1/sites/${site}/keys/${key}/rotate`],
    ['DELETE', `/v1/sites/${site}/keys/${key}`],
  ];

  test('nothing is allowed without an admin key', async () => {
    const { id, key, keyId } = await make();
    for (const [method, target, body] of operations(id, keyId.read)) {
      for (const wrong of ['', 'unknown-key', key.read, key.write]) {
        const answer = await ask(method, target, body, { key: wrong });
        expect([target, ...codeOf(answer)]).toEqual([target, 401, 'unauthorized']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
      // A key in the query is refused as well, since logs would keep it.
      const inQuery = await ask(method, `${target}?admin_key=${key.admin}`, body, { key: '' });
      expect(codeOf(inQuery)).toEqual([401, 'unauthorized']);
    }
  });

  test("a site's admin key reads, changes and rotates only its own site", async () => {
    const mine = await make();
    const theirs = await make();
    const asMe = { key: mine.key.admin };
    expect((await ask('GET', `/v1/sites/${mine.id}`, undefined, asMe)).status).toBe(200);
    expect((await ask('PATCH', `/v1/sites/${mine.id}`, { name: 'Mine' }, asMe)).status).toBe(200);
    const rotate = `/v1/sites/${mine.id}/keys/${mine.keyId.write}/rotate`;
    expect((await ask('POST', rotate, undefined, asMe)).status).toBe(201);
    for (const [method, target, body] of [
      ['POST', '/v1/sites', { id: 'mine-too' }],
      ['GET', '/v1/sites'],
      ['POST', `/v1/sites/${mine.id}/keys`, { kind: 'write' }],
      ['POST', `/v1/sites/${mine.id}/keys`, { kind: 'admin' }],
      ['DELETE', `/v1/sites/${mine.id}/keys/${mine.keyId.write}`],
      ['DELETE', `/v1/sites/${mine.id}/keys/${mine.keyId.admin}`],
    ] as [string, string, object?][]) {
      expect([target, ...codeOf(await ask(method, target, body, asMe))]).toEqual([
        target,
        403,
        'installation_only',
      ]);
    }
    for (const [method, target, body] of operations(theirs.id, theirs.keyId.read).slice(2)) {
      const { status, body: problem } = await ask<Problem>(method, target, body, asMe);
      expect([target, status]).toEqual([target, 403]);
      expect(['wrong_site', 'installation_only']).toContain(problem.code);
    }
    // The answer does not reveal whether the site exists.
    expect(codeOf(await ask('GET', '/v1/sites/nowhere', undefined, asMe))).toEqual([403, 'wrong_site']);
    const { data } = (await ask<One>('GET', `/v1/sites/${theirs.id}`)).body;
    expect(data).toEqual(theirs.site);
  });

  test('a read key and an admin key read only their own site, in every question', async () => {
    const [a, b] = [await make(), await make()];
    const { paths } = openApi() as unknown as {
      paths: Record<string, { get?: { security: object[] } }>;
    };
    const asked = Object.entries(paths).filter(([, { get }]) =>
      get?.security.some((one) => 'readKeyInQuery' in one),
    );
    expect(asked.length).toBeGreaterThan(20);
    for (const [path] of asked) {
      const target = path
        .replace('{date}', '2026-11-01')
        .replace('{start}', '2026-11-01')
        .replace('{end}', '2026-11-02')
        .replace('{limit}', '5')
        .replace('{dimension}', 'country')
        .replace('{funnel}', 'shop')
        .replace(/\{\w+\}/g, 'x');
      const needed: Record<string, string> = { '/v1/series': '&metric=events', '/v1/search': '&q=x' };
      const query = needed[path] ?? '';
      for (const key of [a.key.read, a.key.admin]) {
        const theirs = await ask('GET', `${target}?site=${b.id}${query}`, undefined, { key });
        expect([path, ...codeOf(theirs)]).toEqual([path, 403, 'wrong_site']);
      }
      for (const wrong of [b.key.write, '']) {
        const refused = await ask('GET', `${target}?site=${b.id}${query}`, undefined, { key: wrong });
        expect([path, ...codeOf(refused)]).toEqual([path, 401, 'unauthorized']);
      }
      for (const key of [a.key.read, a.key.admin, undefined]) {
        const own = await ask<{ meta?: { site: string } }>(
          ...([
            'GET',
            `${target}?site=${a.id}${query}`,
            undefined,
            key === undefined ? {} : { key },
          ] as const),
        );
        expect([path, own.status === 200 ? own.body.meta?.site : a.id]).toEqual([path, a.id]);
        expect([200, 404]).toContain(own.status);
      }
    }
  });
});

test('a site with allowed origins refuses events from other pages', async () => {
  const { id, key } = await make({ allowed_origins: ['https://shop.test', 'https://*.shop.test'] });
  const count = published.length;
  for (const origin of ['https://shop.test', 'https://m.shop.test'])
    expect((await send(key.write, { origin })).status).toBe(202);
  // A server sends no origin.
  expect((await send(key.write)).status).toBe(202);
  for (const origin of ['https://evil.test', 'null', 'https://shop.test.evil.test']) {
    expect(codeOf(await send(key.write, { origin }))).toEqual([403, 'origin_not_allowed']);
  }
  expect(published).toHaveLength(count + 3);
  await ask('PATCH', `/v1/sites/${id}`, { allowed_origins: [] });
  expect((await send(key.write, { origin: 'https://evil.test' })).status).toBe(202);
});

describe('outages', () => {
  const nowhere = async () => `127.0.0.1:${await freePort()}`;

  test('without Redis sites can be created and changed, and their keys work in collect', async () => {
    const url = `redis://${await nowhere()}`;
    const cut = openInstallation({ ...config, redis: { ...config.redis, url } });
    const made = await cut.ask<Created>('POST', '/v1/sites', { id: 'without-redis' });
    expect(made.status).toBe(201);
    const write = made.body.data.new_keys.find(({ kind }) => kind === 'write')!.key;
    expect((await send(write, {}, cut.ask)).status).toBe(202);
    expect((await cut.ask('PATCH', '/v1/sites/without-redis', { name: 'Made' })).status).toBe(200);
    const steps = [{ event: 'a' }, { event: 'b' }];
    const funnels = [{ id: 'f', name: 'F', steps }];
    // The keys are stored by then and must not be lost.
    const without = await cut.ask<Created>('POST', '/v1/sites', { id: 'with-funnels', funnels });
    expect(without.status).toBe(201);
    expect(without.body.data).toMatchObject({ funnels: [], funnels_failed: ['f'] });
    const own = without.body.data.new_keys.find(({ kind }) => kind === 'write')!.key;
    expect((await send(own, {}, cut.ask)).status).toBe(202);
  });

  test('without Kafka the answer is 503 with the time to wait, and nothing is created', async () => {
    const { id, key } = await make();
    const cut = openInstallation({ ...config, kafka: { ...config.kafka, brokers: [await nowhere()] } });
    for (const [method, target, body] of [
      ['POST', '/v1/sites', { id: 'without-kafka' }],
      ['PATCH', `/v1/sites/${id}`, { name: 'Lost' }],
      ['GET', '/v1/sites'],
    ] as [string, string, object?][]) {
      const answer = await cut.ask(method, target, body);
      expect([target, ...codeOf(answer)]).toEqual([target, 503, 'sites_unavailable']);
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect((await read(key.read, cut.ask)).status).toBe(200);
    expect(codeOf(await ask('GET', '/v1/sites/without-kafka'))).toEqual([404, 'unknown_site']);
  });
});
