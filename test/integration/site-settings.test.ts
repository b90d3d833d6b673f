import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openInstallation } from '../support/installation.ts';

/** Settings of a site that are refused although each of them is right by itself. */

const config = await freshConfig({ partitions: 2 });
const { ask, published } = openInstallation(config);
const redis = closing(connectRedis(config.redis), (one) => one.disconnect());
const writer = closing(openSitesWriter(config.kafka, redis), (one) => one.close());

interface Problem {
  code: string;
  detail: string;
  errors?: { path: string }[];
}
interface Created {
  data: { site: { id: string }; new_keys: { kind: 'write' | 'read' | 'admin'; key: string }[] };
}
interface One {
  data: { name?: string; lateness_hours: number; measurement_ids: string[] };
}

let sites = 0;
/** A new site, and its keys in clear by kind. */
async function make(fields: object = {}) {
  const id = `shop-${++sites}`;
  const answer = await ask<Created>('POST', '/v1/sites', { id, ...fields });
  expect(answer.status).toBe(201);
  const keys = answer.body.data.new_keys.map((one) => [one.kind, one.key] as const);
  return { id, key: Object.fromEntries(keys) as Record<'write' | 'read' | 'admin', string> };
}

describe('settings that contradict each other are refused, at creation and change', () => {
  const steps = [{ event: 'view_item' }, { event: 'purchase' }];
  const weekly = { id: 'weekly', name: 'Weekly', steps, window_hours: 168 };
  const pathsOf = ({ status, body }: { status: number; body: unknown }) => [
    status,
    (body as Problem).errors?.map(({ path }) => path),
  ];

  test('lateness beyond retention', async () => {
    const fields = { retention_days: 10, lateness_hours: 241 };
    expect(pathsOf(await ask('POST', '/v1/sites', { id: 'no', ...fields }))).toEqual([
      400,
      ['lateness_hours'],
    ]);
    const { id } = await make({ retention_days: 10, lateness_hours: 240 });
    const patch = (body: object) => ask('PATCH', `/v1/sites/${id}`, body);
    expect(pathsOf(await patch({ lateness_hours: 241 }))).toEqual([400, ['lateness_hours']]);
    expect(pathsOf(await patch({ retention_days: 9 }))).toEqual([400, ['retention_days']]);
    expect((await patch({ retention_days: 11, lateness_hours: 264 })).status).toBe(200);
  });

  test('a funnel that lasts longer than the numbers are kept', async () => {
    const fields = { retention_days: 6, funnels: [weekly] };
    const path = 'funnels[0].window_hours';
    expect(pathsOf(await ask('POST', '/v1/sites', { id: 'no', ...fields }))).toEqual([400, [path]]);
    const { id, key } = await make({ retention_days: 6 });
    const define = () => ask('POST', '/v1/funnels', weekly, { key: key.admin });
    expect(pathsOf(await define())).toEqual([400, ['window_hours']]);
    const patch = (body: object) => ask('PATCH', `/v1/sites/${id}`, body);
    expect((await patch({ retention_days: 7 })).status).toBe(200);
    expect((await define()).status).toBe(201);
    expect(pathsOf(await patch({ retention_days: 6 }))).toEqual([400, ['retention_days']]);
  });

  test('a site that was stored with a contradiction is read, and its other settings can be changed', async () => {
    const { id } = await make();
    await writer.change((sites) => ({
      changed: [{ ...sites.get(id)!, retention_days: 3, lateness_hours: 720 }],
      result: undefined,
    }));
    const patch = (body: object) => ask<One>('PATCH', `/v1/sites/${id}`, body);
    expect((await patch({ name: 'Renamed' })).body.data).toMatchObject({
      name: 'Renamed',
      lateness_hours: 720,
    });
    expect((await patch({ lateness_hours: 72 })).status).toBe(200);
  });
});

describe('a measurement id that another site took first', () => {
  const idsOf = async (id: string) => (await ask<One>('GET', `/v1/sites/${id}`)).body.data.measurement_ids;
  const measure = (key: string, id: string) =>
    ask('POST', `/mp/collect?measurement_id=${id}&api_secret=${key}`, {
      client_id: 'c-1',
      events: [{ name: 'level_up' }],
    });

  test('does not lock a shop out: its write key says whose its events are', async () => {
    const other = await make();
    const shop = await make();
    const taken = { measurement_ids: ['G-LOCKED1'] };
    const key = other.key.admin;
    expect((await ask('PATCH', `/v1/sites/${other.id}`, taken, { key })).status).toBe(200);
    expect((await measure(shop.key.write, 'G-LOCKED1')).status).toBe(204);
    expect(published.at(-1)).toMatchObject({ site: shop.id, name: 'level_up' });
    const hit = `/g/collect?v=2&tid=G-LOCKED1&cid=c-1&en=sign_up&write_key=${shop.key.write}`;
    expect((await ask('GET', hit)).status).toBe(204);
    expect(published.at(-1)).toMatchObject({ site: shop.id, name: 'sign_up' });
  });

  test('is moved by the installation in one step, and by no site', async () => {
    const other = await make({ measurement_ids: ['G-MOVED1', 'G-STAYS1'] });
    const shop = await make();
    const claim = { measurement_ids: ['G-MOVED1'] };
    const patch = (body: object, key?: string) =>
      ask<Problem>('PATCH', `/v1/sites/${shop.id}`, body, key === undefined ? {} : { key });
    const own = await patch(claim, shop.key.admin);
    expect([own.status, own.body.code, own.body.errors?.[0]?.path]).toEqual([
      409,
      'conflict',
      'measurement_ids[0]',
    ]);
    const forced = await patch({ ...claim, take_over: true }, shop.key.admin);
    expect([forced.status, forced.body.code]).toEqual([403, 'installation_only']);
    // Not by mistake, either.
    expect((await patch(claim)).status).toBe(409);
    expect(await idsOf(other.id)).toEqual(['G-MOVED1', 'G-STAYS1']);

    expect((await patch({ ...claim, take_over: true })).status).toBe(200);
    expect(await idsOf(shop.id)).toEqual(['G-MOVED1']);
    expect(await idsOf(other.id)).toEqual(['G-STAYS1']);
    const back = await ask<Problem>('PATCH', `/v1/sites/${other.id}`, claim, { key: other.key.admin });
    expect([back.status, back.body.code]).toEqual([409, 'conflict']);
    expect((await ask('GET', '/g/collect?v=2&tid=G-MOVED1&cid=c-1&en=sign_up')).status).toBe(204);
    expect(published.at(-1)).toMatchObject({ site: shop.id });
  });

  test('is moved to a new site, too', async () => {
    const other = await make({ measurement_ids: ['G-MOVED2'] });
    const shop = await make({ measurement_ids: ['G-MOVED2'], take_over: true });
    expect([await idsOf(shop.id), await idsOf(other.id)]).toEqual([['G-MOVED2'], []]);
  });
});
