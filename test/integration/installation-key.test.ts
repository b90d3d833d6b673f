import { ask } from '../support/http.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What the installation's admin key does for a site that it names. */

const INSTALLATION_KEY = 'the-installation-key';
const shop = await openShop([siteOf('tea'), siteOf('hats')], { adminKey: INSTALLATION_KEY });

interface Body {
  data: { receipt: string; user_id: string; asked: string; funnels: { id: string }[] };
  code: string;
}

const call = (
  method: string,
  target: string,
  { key = INSTALLATION_KEY, body }: { key?: string; body?: object } = {},
) =>
  ask<Body>(shop.handler, method, target, {
    headers: { authorization: `Bearer ${key}` },
    ...(body && { body: JSON.stringify(body) }),
  });
const codeOf = ({ status, body }: { status: number; body: Body }) => [status, body.code];
const funnel = { id: 'green', name: 'Green', steps: [{ event: 'view_item' }, { event: 'purchase' }] };
const funnelsOf = async (site: string) =>
  (await call('GET', `/v1/funnels?site=${site}`)).body.data.funnels.map(({ id }) => id);
const RECEIPT = '7d8f3c52-6f0e-4a51-9d0b-0d9a5f0f8f8a';

test('defines and removes a funnel of the site that it names, and of no other', async () => {
  const made = await call('POST', '/v1/funnels?site=tea', { body: funnel });
  expect(made.status).toBe(201);
  expect(await funnelsOf('tea')).toEqual(['shop', 'green']);
  expect(await funnelsOf('hats')).toEqual(['shop']);
  expect(codeOf(await call('DELETE', '/v1/funnels/green?site=hats'))).toEqual([404, 'unknown_funnel']);
  expect((await call('DELETE', '/v1/funnels/green?site=tea')).status).toBe(204);
  expect(await funnelsOf('tea')).toEqual(['shop']);
});

test('exports and erases a person of the site that it names, and reads the receipt', async () => {
  const view = { name: 'view_item', items: [{ item_id: 'x' }] };
  await shop.send('tea', { ...view, id: 'a', user_id: 'ana' });
  await shop.send('hats', { ...view, id: 'b', user_id: 'ana' });
  expect((await call('GET', '/v1/privacy/ana?site=tea')).status).toBe(200);
  const erased = await call('DELETE', '/v1/privacy/ana?site=tea');
  expect(erased.status).toBe(202);
  await shop.apply();
  const { receipt } = erased.body.data;
  expect(erased.headers.location).toBe(`/v1/privacy-receipts/${receipt}?site=tea`);
  const found = await call('GET', `/v1/privacy-receipts/${receipt}?site=tea`);
  expect(found.body.data).toMatchObject({ receipt, status: 'done' });
  expect(codeOf(await call('GET', `/v1/privacy-receipts/${receipt}?site=hats`))).toEqual([
    404,
    'unknown_receipt',
  ]);
  expect(codeOf(await call('GET', '/v1/privacy/ana?site=tea'))).toEqual([404, 'unknown_user']);
  expect((await call('GET', '/v1/privacy/ana?site=hats')).status).toBe(200);
});

describe.each([
  ['POST', '/v1/funnels'],
  ['DELETE', '/v1/funnels/green'],
  ['GET', '/v1/privacy/ana'],
  ['DELETE', '/v1/privacy/ana'],
  ['GET', `/v1/privacy-receipts/${RECEIPT}`],
])('%s %s', (method, path) => {
  const body = method === 'POST' ? { body: funnel } : {};

  test('has to name a site that there is', async () => {
    expect(codeOf(await call(method, path, body))).toEqual([400, 'site_required']);
    expect(codeOf(await call(method, `${path}?site=none`, body))).toEqual([404, 'unknown_site']);
  });

  test("refuses a site's admin key another site, and a read key every site", async () => {
    const ofTea = { key: 'tea-admin-key', ...body };
    expect(codeOf(await call(method, `${path}?site=hats`, ofTea))).toEqual([403, 'wrong_site']);
    expect(codeOf(await call(method, `${path}?site=none`, ofTea))).toEqual([403, 'wrong_site']);
    for (const key of ['tea-read-key', 'tea-write-key', 'unknown'])
      expect(codeOf(await call(method, `${path}?site=tea`, { key, ...body }))).toEqual([401, 'unauthorized']);
  });
});

test("a site's admin key may name its own site", async () => {
  const key = 'hats-admin-key';
  expect((await call('POST', '/v1/funnels?site=hats', { key, body: funnel })).status).toBe(201);
  expect((await call('GET', '/v1/privacy/ana?site=hats', { key })).status).toBe(200);
});
