import type { Context } from 'aws-lambda';
import { FootfallError } from '../../shared/platform/errors.ts';
import { Sites } from '../../shared/sites/site.ts';
import { collecting } from '../support/collecting.ts';
import { ask, requestOf } from '../support/http.ts';
import { siteOf } from '../support/shop.ts';

/** The settings that Segment's browser and app libraries ask for. */

const sites = new Sites([siteOf('shop')]);
const handler = collecting(sites, async () => {});
const PATH = '/v1/projects/shop-write-key/settings';
const sendsTo = async (headers: Record<string, string>) => {
  const { body } = await ask<{ integrations: Record<string, object> }>(handler, 'GET', PATH, { headers });
  return body.integrations['Segment.io'];
};

test('say to send to the host that was asked, by the same protocol', async () => {
  expect(await sendsTo({ host: 'footfall.example', 'x-forwarded-proto': 'https' })).toMatchObject({
    apiKey: 'shop-write-key',
    apiHost: 'footfall.example/v1',
    protocol: 'https',
  });
  expect(await sendsTo({ host: 'localhost:3000' })).toMatchObject({
    apiHost: 'localhost:3000/v1',
    protocol: 'http',
  });
});

test.each(['no-such-key', 'shop-read-key', 'shop-admin-key'])('%s: 404', async (key) => {
  const answer = await ask<{ code: string }>(handler, 'GET', `/v1/projects/${key}/settings`);
  expect([answer.status, answer.body.code]).toEqual([404, 'unknown_key']);
});

test('guesses of keys cost the address tokens', async () => {
  const taken: unknown[] = [];
  const counting = collecting(
    sites,
    async () => {},
    async (charge) => {
      taken.push(charge);
      throw new FootfallError('rate_limited', 429, 'Too many.', { retryAfter: 1 });
    },
  );
  const { statusCode } = await counting(requestOf('GET', '/v1/projects/guess/settings'), {} as Context);
  expect([statusCode, taken]).toEqual([429, [{ address: '127.0.0.1', cost: 1 }]]);
  expect((await ask(counting, 'GET', PATH)).status).toBe(200);
});
