import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openInstallation } from '../support/installation.ts';
import { waitFor } from '../support/wait-for.ts';

/** Read keys that a site makes for others to see its numbers, and ends. */

const config = await freshConfig({ partitions: 2 });
const { ask } = openInstallation(config);
const redis = closing(connectRedis(config.redis), (one) => one.disconnect());

interface Key {
  id: string;
  kind: 'write' | 'read' | 'admin';
  name?: string;
  hint: string;
  expires_at?: string;
}
type NewKey = Key & { key: string };
interface Problem {
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
}
type Made = { data: NewKey } & Problem;

const codeOf = ({ status, body }: { status: number; body: unknown }) => [status, (body as Problem).code];

let count = 0;
async function makeSite() {
  const id = `shared-${++count}`;
  const { body } = await ask<{ data: { new_keys: NewKey[] } }>('POST', '/v1/sites', { id });
  const made = Object.fromEntries(body.data.new_keys.map((one) => [one.kind, one]));
  return { id, ...(made as Record<Key['kind'], NewKey>) };
}
const shop = await makeSite();
const other = await makeSite();

const make = (fields: object, key = shop.admin.key, site = shop.id) =>
  ask<Made>('POST', `/v1/sites/${site}/keys`, fields, { key });
const end = (id: string, key = shop.admin.key, site = shop.id) =>
  ask<Problem>('DELETE', `/v1/sites/${site}/keys/${id}`, undefined, { key });
const read = (key: string, from = ask) => from('GET', '/v1/overview', undefined, { key });
const listed = async (site = shop) => {
  const { body } = await ask<{ data: { keys: Key[] } }>('GET', `/v1/sites/${site.id}`, undefined, {
    key: site.admin.key,
  });
  return body.data.keys;
};

test('a site makes a read key with a name and an end, and both are listed', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const { status, body, headers } = await make({ kind: 'read', name: '  Anna, “Büro”  ', expires_at: soon });
  expect(status).toBe(201);
  expect(headers['cache-control']).toBe('no-store');
  const { key, ...rest } = body.data;
  expect(rest).toMatchObject({ kind: 'read', name: 'Anna, “Büro”', expires_at: soon });
  expect(await listed()).toContainEqual(rest);
  expect((await read(key)).status).toBe(200);
  const access = await ask<{ data: object }>('GET', '/v1/access', undefined, { key });
  const { id, name, hint, expires_at } = rest;
  expect(access.body.data).toMatchObject({
    ...{ kind: 'read', key: { id, name, hint, expires_at }, sites: [{ id: shop.id }] },
  });
  expect(access.body.data).not.toHaveProperty('key.planned_end');
  // It reads, and nothing else.
  expect(codeOf(await make({ kind: 'read' }, key))).toEqual([401, 'unauthorized']);
  expect(codeOf(await end(id, key))).toEqual([401, 'unauthorized']);
});

test('no answer has the hash of a key, or how it was made to end', async () => {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const { body } = await make({ kind: 'read', expires_at });
  const rotated = await ask('POST', `/v1/sites/${shop.id}/keys/${body.data.id}/rotate`);
  const sites = await ask('GET', '/v1/sites');
  for (const text of [body, rotated.body, sites.body, await listed()].map((one) => JSON.stringify(one))) {
    expect(text).not.toContain('hash');
    expect(text).not.toContain('planned_end');
  }
  expect(JSON.stringify(await redis.hgetall(keys.sites))).toContain('planned_end');
});

test('a time with an offset is the instant that it names', async () => {
  const { body } = await make({ kind: 'read', expires_at: '2999-01-01T00:00:00+02:00' });
  expect(body.data.expires_at).toBe('2998-12-31T22:00:00.000Z');
});

test.each([
  ['a time that is past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
  ['a day', { expires_at: '2999-01-01' }, 'expires_at'],
  ['a number', { expires_at: 4_102_444_800 }, 'expires_at'],
  ['no name', { name: ' ' }, 'name'],
  ['a long name', { name: 'x'.repeat(101) }, 'name'],
  ['a name that a terminal would obey', { name: 'Anna\u001b[2J' }, 'name'],
  ['an unknown field', { expires: '2999-01-01T00:00:00Z' }, 'expires'],
])('%s is refused with its path', async (_, fields, path) => {
  const before = await listed();
  const answer = await make({ kind: 'read', ...fields });
  expect([...codeOf(answer), answer.body.errors?.[0]?.path]).toEqual([400, 'invalid_parameter', path]);
  expect(await listed()).toEqual(before);
});

test('a key stops working at its end, in a process that knows it', async () => {
  const at = Date.now() + 1_500;
  const { body } = await make({ kind: 'read', expires_at: new Date(at).toISOString() });
  const { key } = body.data;
  expect((await read(key)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, at - Date.now() + 5));
  expect(codeOf(await read(key))).toEqual([401, 'unauthorized']);
  expect(codeOf(await ask('GET', '/v1/access', undefined, { key }))).toEqual([401, 'unauthorized']);
});

test("a site's admin key makes and ends neither write nor admin keys", async () => {
  const before = await listed();
  for (const kind of ['write', 'admin'] as const) {
    const made = await make({ kind });
    expect(codeOf(made)).toEqual([403, 'installation_only']);
    expect(made.body.detail).toMatch(/makes and ends read keys/);
    expect(codeOf(await end(shop[kind].id))).toEqual([403, 'installation_only']);
  }
  expect(codeOf(await end('no-such-key'))).toEqual([404, 'unknown_key']);
  expect(await listed()).toEqual(before);
});

test("a site's admin key does nothing to the keys of another site", async () => {
  const before = await listed(other);
  expect(codeOf(await make({ kind: 'read' }, shop.admin.key, other.id))).toEqual([403, 'wrong_site']);
  expect(codeOf(await end(other.read.id, shop.admin.key, other.id))).toEqual([403, 'wrong_site']);
  // A key's id under the wrong site.
  expect(codeOf(await end(other.read.id))).toEqual([404, 'unknown_key']);
  expect(codeOf(await make({ kind: 'read' }, shop.admin.key, 'nowhere'))).toEqual([403, 'wrong_site']);
  expect(await listed(other)).toEqual(before);
  expect((await read(other.read.key)).status).toBe(200);
});

describe('an ended key', () => {
  /** As documented, and a second for a busy machine. */
  const LIMIT_MS = 10_000 + 1_000;

  test('stops within ten seconds in a process that answers it all the time', async () => {
    const { body } = await make({ kind: 'read', name: 'A link' });
    const { key, id } = body.data;
    const busy = openInstallation(config);
    const first = await read(key, busy.ask);
    expect(first.status).toBe(200);
    expect((await end(id)).status).toBe(204);
    const ended = Date.now();
    await waitFor('the key to stop', async () => (await read(key, busy.ask)).status === 401, {
      timeoutMs: LIMIT_MS,
    });
    expect(Date.now() - ended).toBeLessThan(LIMIT_MS);
    // Neither the answers that it has seen, nor what the key is.
    const headers = { 'if-none-match': first.headers.etag! };
    for (const target of [
      '/v1/overview',
      '/v1/overview?read_key=',
      '/v1/access',
      `/v1/live?read_key=${key}`,
    ]) {
      const answer = await busy.ask('GET', target, undefined, {
        headers,
        key: target.includes('live') ? '' : key,
      });
      expect([target, ...codeOf(answer)]).toEqual([target, 401, 'unauthorized']);
    }
    // The others of the site work on, and it stays in the list with its end.
    expect((await read(shop.read.key, busy.ask)).status).toBe(200);
    const { expires_at } = (await listed()).find((one) => one.id === id)!;
    expect(Math.abs(Date.parse(expires_at!) - ended)).toBeLessThan(5_000);
  });

  test('stops within ten seconds in a process that slept meanwhile', async () => {
    const { body } = await make({ kind: 'read' });
    const idle = openInstallation(config);
    expect((await read(body.data.key, idle.ask)).status).toBe(200);
    expect((await end(body.data.id)).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 10_050));
    // The first request after the pause, not one that starts a refresh behind it.
    expect(codeOf(await read(body.data.key, idle.ask))).toEqual([401, 'unauthorized']);
  });

  test('ended again keeps its end', async () => {
    const { body } = await make({ kind: 'read' });
    const endOf = async () => (await listed()).find(({ id }) => id === body.data.id)?.expires_at;
    expect((await end(body.data.id)).status).toBe(204);
    const first = await endOf();
    expect(first).toBeDefined();
    expect((await end(body.data.id)).status).toBe(204);
    expect(await endOf()).toBe(first);
  });
});

test('keys that a program without names and ends stored are read as before', async () => {
  const text = (await redis.hget(keys.sites, shop.id))!;
  const stored = JSON.parse(text) as { keys: Record<string, unknown>[] };
  const old = stored.keys.find(({ id }) => id === shop.read.id)!;
  expect(Object.keys(old).sort()).toEqual(['created_at', 'hash', 'hint', 'id', 'kind']);
  expect((await read(shop.read.key)).status).toBe(200);
});
