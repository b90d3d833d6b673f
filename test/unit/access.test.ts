import type { Context } from 'aws-lambda';
import { analyticsEndpoints } from '../../functions/analytics/routes.ts';
import { collectEndpoints } from '../../functions/collect/routes.ts';
import { deadLettersEndpoints } from '../../functions/dead-letters/routes.ts';
import { privacyEndpoints } from '../../functions/privacy/routes.ts';
import { sitesEndpoints } from '../../functions/sites/routes.ts';
import { systemEndpoints } from '../../functions/system/routes.ts';
import type { Access, Endpoint } from '../../shared/platform/http/endpoint.ts';
import { bindEndpoints, routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { Sites } from '../../shared/sites/site.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { unlimited } from '../support/collecting.ts';
import { requestOf } from '../support/http.ts';
import { siteOf } from '../support/shop.ts';

/**
 * The keys that each endpoint declares, and the keys that its handler accepts. Each kind of key is sent in each place
 * for a key.
 */

const INSTALLATION_KEY = 'installation-key';
const KEYS = {
  write: 'shop-write-key',
  read: 'shop-read-key',
  admin: 'shop-admin-key',
  installation: INSTALLATION_KEY,
};
type Kind = keyof typeof KEYS;

type Sent = { headers?: Record<string, string>; query?: string; body?: object };

const PLACES = {
  header: (key: string): Sent => ({ headers: { authorization: `Bearer ${key}` } }),
  basic: (key: string): Sent => ({ headers: { authorization: `Basic ${btoa(`${key}:`)}` } }),
  write_key: (key: string): Sent => ({ query: `write_key=${key}` }),
  read_key: (key: string): Sent => ({ query: `read_key=${key}` }),
  admin_key: (key: string): Sent => ({ query: `admin_key=${key}` }),
  api_secret: (key: string): Sent => ({ query: `api_secret=${key}` }),
  body: (key: string): Sent => ({ body: { writeKey: key } }),
};
type Place = keyof typeof PLACES;

const OPENED_BY: Record<Access, `${Kind} ${Place}`> = {
  writeKey: 'write header',
  writeKeyInQuery: 'write write_key',
  writeKeyInBody: 'write body',
  basicWriteKey: 'write basic',
  apiSecret: 'write api_secret',
  readKey: 'read header',
  readKeyInQuery: 'read read_key',
  adminKey: 'admin header',
  installationKey: 'installation header',
};

const PARAMETERS: Record<string, string> = {
  site: 'shop',
  letter: 'events-0-0',
  receipt: '00000000-0000-4000-8000-000000000000',
  dimension: 'page',
  topic: 'events',
  redis_key: 'ff:sites',
};

/** Sites and nothing else: a request that gets past the check of its key fails with 500 where it needs more. */
const context = {
  sites: fixedSites(new Sites([siteOf('shop', { measurement_ids: ['G-SHOP1'] })])),
  adminKeyHash: keyHash(INSTALLATION_KEY),
  limit: unlimited,
  publish: async () => {},
  timeMs: 1_000,
};

const handlerOf = <C>(endpoints: readonly Endpoint<C>[], given: object) =>
  httpStack(routerOf(bindEndpoints(endpoints, () => given as C)));
const asked = <C>(name: string, endpoints: readonly Endpoint<C>[], given: object = context) =>
  endpoints.map(({ method, path, access }) => ({
    ...{ name, method, path, access },
    handler: handlerOf(endpoints, given),
  }));

const perGeneration = { current: async () => context };
const endpoints = [
  ...asked('collect', collectEndpoints),
  ...asked('analytics', analyticsEndpoints, perGeneration),
  ...asked('sites', sitesEndpoints),
  ...asked('privacy', privacyEndpoints),
  ...asked('dead-letters', deadLettersEndpoints),
  ...asked('system', systemEndpoints),
];

/** Whether the key of a request, or its lack, is the reason for a refusal. */
async function isRefused({ method, path, handler }: (typeof endpoints)[number], sent: Sent) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name);
  const request = requestOf(method, `${filled}?measurement_id=G-SHOP1&tid=G-SHOP1&${sent.query ?? ''}`, {
    headers: sent.headers,
    ...(method !== 'GET' && { body: JSON.stringify(sent.body ?? {}) }),
  });
  const { statusCode } = await handler(request, {} as Context);
  return statusCode === 401 || statusCode === 403;
}

const all = (Object.keys(KEYS) as Kind[]).flatMap((kind) =>
  (Object.keys(PLACES) as Place[]).map((place) => ({ what: `${kind} ${place}`, kind, place })),
);

describe.each(endpoints)('$method $path of $name', (endpoint) => {
  const { access } = endpoint;
  test(access.length === 0 ? 'needs no key' : 'is refused without a key', async () => {
    expect(await isRefused(endpoint, {})).toBe(access.length > 0);
  });

  test('accepts the keys that it declares, and no others', async () => {
    if (access.length === 0) return;
    const accepted: string[] = [];
    for (const { what, kind, place } of all) {
      if (!(await isRefused(endpoint, PLACES[place](KEYS[kind])))) accepted.push(what);
    }
    expect(accepted.sort()).toEqual(access.map((one) => OPENED_BY[one]).sort());
  });
});
