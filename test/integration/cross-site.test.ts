import type { Context } from 'aws-lambda';
import { openApi } from '../../deploy/openapi.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { publishDeadLetters } from '../../shared/dead-letters/letter-writer.ts';
import type { HttpRequest } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { formatDay, localDay } from '../../shared/platform/time.ts';
import { closing } from '../support/closing.ts';
import { requestOf } from '../support/http.ts';
import { openInstallation } from '../support/installation.ts';
import { openShop, siteOf } from '../support/shop.ts';
import { systemHandler } from '../support/system.ts';

/**
 * Every operation of the API with every wrong key in every place for a key: the answer has nothing of the site, and
 * nothing changes. The operations come from the OpenAPI document, so a new one is tried as well.
 */

/** A mark in the data of this site alone; not in ids, which an intruder may know and an answer may repeat. */
const SECRET = 'sesame';

const sites = [
  siteOf('ours', { name: `${SECRET} shop`, measurement_ids: ['G-OURS1'] }),
  siteOf('theirs', { measurement_ids: ['G-THEIRS1'] }),
];
const shop = await openShop(sites);
await addSites(shop.config, sites);
const installation = openInstallation(shop.config);
const system = systemHandler(shop.config);
const today = formatDay(localDay(Date.now(), 'UTC'));

/** Values of the parameters in paths and queries. */
const PARAMETERS: Record<string, string> = {
  user: 'lamp-user',
  product: 'lamp-product',
  funnel: 'lamp-funnel',
  dimension: 'page',
  event: 'purchase',
  limit: '5',
  date: today,
  start: today,
  end: today,
  site: 'ours',
  key: sites[0]!.keys[0]!.id,
  letter: 'events-0-0',
};

const definition = {
  id: 'lamp-funnel',
  name: `${SECRET} funnel`,
  steps: [{ event: 'view_item' }, { event: 'purchase' }],
  window_hours: 24,
  by: 'user' as const,
};

interface Attempt {
  method: string;
  path: string;
  /** The site of the key, and its kind. */
  key: string;
  place: string;
  request: HttpRequest;
}

const IN_BODY = 'writeKey in the body';

const places: Record<string, (key: string) => { headers: Record<string, string>; query: string }> = {
  bearer: (key) => ({ headers: { authorization: `Bearer ${key}` }, query: '' }),
  'basic, as the user': (key) => ({ headers: { authorization: `Basic ${btoa(`${key}:`)}` }, query: '' }),
  'basic, as the password': (key) => ({ headers: { authorization: `Basic ${btoa(`:${key}`)}` }, query: '' }),
  read_key: (key) => ({ headers: {}, query: `read_key=${key}` }),
  write_key: (key) => ({ headers: {}, query: `write_key=${key}` }),
  admin_key: (key) => ({ headers: {}, query: `admin_key=${key}` }),
  'api_secret, of the other site': (key) => ({
    headers: {},
    query: `api_secret=${key}&measurement_id=${key.startsWith('theirs') ? 'G-OURS1' : 'G-THEIRS1'}`,
  }),
  [IN_BODY]: () => ({ headers: {}, query: '' }),
};

const KEYS = [
  'ours-write-key',
  'ours-read-key',
  'ours-admin-key',
  'theirs-write-key',
  'theirs-read-key',
  'theirs-admin-key',
  'no-such-key',
];

const KINDS: Record<string, string> = {
  writeKey: 'write',
  writeKeyInQuery: 'write',
  basicWriteKey: 'write',
  apiSecret: 'write',
  readKey: 'read',
  readKeyInQuery: 'read',
  adminKey: 'admin',
  installationKey: 'installation',
};

interface Operation {
  security?: Record<string, unknown>[];
}
/** The kinds of keys with which an operation may be used, as its document says. */
function kindsOf({ security = [] }: Operation): string[] {
  return security.flatMap((one) => Object.keys(one).map((scheme) => KINDS[scheme] ?? scheme));
}

function* attempts(): Generator<Attempt> {
  const paths = openApi().paths as Record<string, Record<string, Operation>>;
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const kinds = kindsOf(operation);
      for (const key of KEYS) {
        const [site, kind] = key.split('-') as [string, string];
        if (kinds.length === 0 || (site === 'ours' && kinds.includes(kind))) continue;
        for (const [place, put] of Object.entries(places)) {
          for (const named of ['', 'site=ours']) yield attempt(method, path, { key, place, put, named });
        }
      }
    }
  }
}

function attempt(
  method: string,
  path: string,
  { key, place, put, named }: { key: string; place: string; put: (typeof places)[string]; named: string },
): Attempt {
  const { headers, query } = put(key);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(PARAMETERS[name] ?? name),
  );
  const target = `${filled}?${[query, named].filter((part) => part !== '').join('&')}`;
  const event = { name: 'view_item', user_id: 'intruder', site: 'ours', site_id: 'ours' };
  const message = { type: 'track', event: 'Product Viewed', userId: 'intruder' };
  const body = path.includes('funnels')
    ? { ...definition, name: 'intruder' }
    : path.includes('dead-letters')
      ? { letters: [PARAMETERS.letter], note: 'intruder' }
      : {
          ...{ events: [event], client_id: 'intruder', batch: [message], ...message },
          ...{ id: 'ours', kind: 'admin', name: 'intruder', groupId: 'g', previousId: 'p' },
          ...(place === IN_BODY && { writeKey: key }),
        };
  const request = requestOf(method.toUpperCase(), target, {
    headers,
    ...(method !== 'get' && { body: JSON.stringify(body) }),
  });
  return { method, path, key, place, request };
}

/** All answers to a site with its own key, which no other key may change. */
async function everythingOf(site: string): Promise<string> {
  const answers = [];
  for (const path of [
    'overview',
    'products',
    'live',
    'live/interactions',
    'funnels',
    'carts/abandoned',
    'carts/daily',
    'orders',
    `users/lamp-user`,
  ]) {
    const { status, body } = await shop.get<{ data: { minutes?: object } }>(site, `/v1/${path}`);
    // They move with the clock.
    if (path === 'live') delete body.data.minutes;
    answers.push([path, status, body.data]);
  }
  return JSON.stringify(answers);
}

test('no operation reads or changes anything with a wrong key', async () => {
  const theirs = await everythingOf('theirs');
  const { response } = await shop.client('ours', 'admin').POST('/v1/funnels', { body: definition });
  expect(response.status).toBe(201);
  await shop.send(
    'ours',
    {
      name: 'purchase',
      user_id: 'lamp-user',
      transaction_id: `${SECRET}-order`,
      page: `/${SECRET}-page`,
      search_term: `${SECRET} term`,
      currency: 'EUR',
      items: [{ item_id: 'lamp-product', item_name: `${SECRET} product`, price: 1234.5 }],
    },
    { name: 'add_to_cart', user_id: 'lamp-user', items: [{ item_id: 'lamp-product', price: 1 }] },
  );
  const before = await everythingOf('ours');
  expect(before).toContain(SECRET);

  const producer = closing(new EventProducer(shop.config.kafka), (one) => one.close());
  const value = Buffer.from(JSON.stringify({ site: 'ours', name: SECRET })).toString('base64');
  const record = { topic: 'events', partition: 0, offset: 0, timestamp: Date.now(), value };
  const refused = { record, reason: 'unknown_version' as const, detail: `${SECRET}.` };
  await publishDeadLetters(producer, shop.config.kafka.dlqTopic, [refused]);
  const letterNow = async () => (await installation.ask('GET', '/v1/dead-letters/events-0-0')).body.data;
  const letter = await letterNow();
  expect(letter).toMatchObject({ status: 'open', site: 'ours' });

  const { data: ours } = (await installation.ask('GET', '/v1/sites/ours')).body;

  const tried = new Map<string, number>();
  for (const { method, path, key, place, request } of attempts()) {
    const handler = path.startsWith('/v1/system')
      ? system
      : /^\/v1\/(sites|dead-letters)/.test(path)
        ? installation.handler
        : shop.handler;
    const answer = await handler(request, {} as Context);
    const what = `${method} ${path} with ${key} as ${place}: ${answer.statusCode} ${answer.body}`;
    if (JSON.stringify(answer).includes(SECRET)) throw new Error(what);
    if (key.startsWith('ours') || key.startsWith('no')) {
      if (answer.statusCode !== 401 && answer.statusCode !== 403) throw new Error(what);
    }
    if ((answer.statusCode ?? 500) >= 500) throw new Error(what);
    tried.set(`${method} ${path}`, (tried.get(`${method} ${path}`) ?? 0) + 1);
  }
  expect(tried.size).toBeGreaterThan(50);
  await shop.apply();
  expect(await everythingOf('ours')).toBe(before);
  expect((await installation.ask('GET', '/v1/sites/ours')).body.data).toEqual(ours);
  expect(await letterNow()).toEqual(letter);
  // Events sent with another site's key belong to that site, whatever site they name.
  expect(await everythingOf('theirs')).not.toBe(theirs);
});
