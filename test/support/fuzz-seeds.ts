import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A valid request to an endpoint, to be mutated. */
export interface Seed {
  target: string;
  headers: Record<string, string>;
  body?: string;
}

const bearer = { authorization: 'Bearer shop-write-key' };
const basic = { authorization: `Basic ${btoa('shop-write-key:')}` };
const browser = {
  origin: 'https://shop.example',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0',
};
const STREAM = 'measurement_id=G-SHOP1&api_secret=shop-write-key';

interface Row {
  plain: object | null;
  segment: { type: string } | null;
  measurement_protocol: object | null;
  gtag: string | null;
}

/** The inputs of the tables of names and fields, with everything that the formats know. */
const rows = ['fields', 'names'].flatMap((name) => {
  const file = join(import.meta.dirname, '../fixtures/mapping', `${name}.json`);
  return Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Row>);
});
const all = <K extends keyof Row>(way: K) => rows.map((row) => row[way]).filter((one) => one !== null);

const plain: unknown[] = [
  ...all('plain'),
  {
    id: 'e-1',
    name: 'purchase',
    user_id: 'ada',
    anonymous_id: 'c0ffee',
    timestamp: '2026-11-20T10:00:00+01:00',
    backfill: true,
    transaction_id: 'o-1',
    currency: 'EUR',
    value: '19.90',
    country: 'ES',
    page: 'https://shop.example/thanks?utm_source=news&utm_medium=email',
    referrer: 'https://www.google.com/',
    items: [
      { item_id: 'tea', item_name: 'Tea', item_brand: 'B', item_category: 'C', price: 5.5, quantity: 2 },
      { item_id: 7, price: '8.90' },
    ],
    properties: { a: 1, b: 'x', c: true },
  },
  { name: 'identify', user_id: 'ada', anonymous_id: 'c0ffee' },
  { events: all('plain').slice(0, 20) },
  {
    user_id: 1,
    site_id: 1,
    site_name: 'S',
    interaction_type: 'view',
    product_id: 42,
    timestamp: 1774980312.25,
  },
];

const post = (target: string, headers: Record<string, string>, bodies: readonly unknown[]): Seed[] =>
  bodies.map((body) => ({ target, headers, body: JSON.stringify(body) }));

const messages = all('segment');
/** Each message with its type; an endpoint reads every message as its own type. */
const segment = (path: string): Seed[] => {
  const batch = { batch: messages.slice(0, 30), sentAt: '2026-11-25T00:00:00Z', writeKey: 'shop-write-key' };
  const isBatch = ['/v1/batch', '/v1/b', '/v1/import'].includes(path);
  const extra = {
    sentAt: '2026-11-25T00:00:00Z',
    groupId: 'g',
    previousId: 'p',
    traits: { a: 1, b: { c: [] } },
  };
  return [
    ...post(path, basic, isBatch ? [batch] : messages.map((message) => ({ ...message, ...extra }))),
    ...post(
      path,
      browser,
      isBatch ? [batch] : messages.map((one) => ({ ...one, writeKey: 'shop-write-key' })),
    ),
  ];
};

const hits = all('gtag').map((hit) => `tid=G-SHOP1&${hit}`);

/** @returns an empty list when no valid request to this endpoint is known here. */
export function seedsOf(method: string, path: string): Seed[] {
  switch (`${method} ${path}`) {
    case 'POST /v1/events':
      return [...post(path, bearer, plain), ...post(`${path}?write_key=shop-write-key`, browser, plain)];
    case 'POST /mp/collect':
    case 'POST /debug/mp/collect':
      return post(`${path}?${STREAM}`, {}, all('measurement_protocol'));
    case 'GET /g/collect':
      return hits.map((hit) => ({ target: `${path}?${hit}`, headers: browser }));
    case 'GET /v1/projects/{writeKey}/settings':
      return ['shop', 'other'].map((key) => ({
        target: `/v1/projects/${key}-write-key/settings`,
        headers: browser,
      }));
    case 'POST /g/collect':
      return hits.map((hit) => ({
        target: `${path}?tid=G-SHOP1&cid=1.2`,
        headers: browser,
        body: `${hit}\n${hit}`,
      }));
    default:
      return path.startsWith('/v1/') && method === 'POST' ? segment(path) : [];
  }
}
