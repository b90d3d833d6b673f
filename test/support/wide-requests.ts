import type { Context } from 'aws-lambda';
import type { Random } from '../../shared/simulation/random.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { collecting } from './collecting.ts';
import type { Seed } from './fuzz-seeds.ts';
import { requestOf } from './http.ts';

/** Requests that are as large as they may be in one respect, and what they cost. */

/** Bytes of a wide request, and of the plain one that it is compared with. */
export const SIZE = 200_000;
/** The most events of one request. */
export const MANY = 500;
/** API Gateway takes no longer URLs. */
const MAX_QUERY = 8_000;

const sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    measurement_ids: ['G-SHOP1'],
    keys: [storedKey('write', 'shop-write-key', 0)],
  }),
]);
const handler = collecting(sites, async (events) => void JSON.stringify(events));

export interface Cost {
  /** Processor time, ms. */
  cpu: number;
  status: number;
  /** Bytes of the answer. */
  answer: number;
}

/** What a request costs: the least of a few tries, since other work on the machine only adds to it. */
export async function costOf(method: string, make: () => Seed, tries = 3): Promise<Cost> {
  const all: Cost[] = [];
  for (let n = 0; n < tries; n++) {
    const { target, headers, body } = make();
    const request = requestOf(method, target, { headers, ...(body !== undefined && { body }) });
    const before = process.cpuUsage();
    const answer = await handler(request, {} as Context);
    const { user, system } = process.cpuUsage(before);
    all.push({
      cpu: (user + system) / 1_000,
      status: answer.statusCode ?? 0,
      answer: Buffer.byteLength(answer.body ?? ''),
    });
  }
  return all.reduce((least, one) => (one.cpu < least.cpu ? one : least));
}

export const repeat = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** No user agent comes twice: what is known of one would be taken from a cache. */
let made = 0;
export const fresh = () => `${made++}`;

/** What a shop sends: {@link MANY} events of ordinary fields, {@link SIZE} bytes together. */
export const plainRequest = (): Seed => {
  const event = (index: number) => ({
    ...{ id: `e-${index}`, name: 'add_to_cart', anonymous_id: `v-${index}`, currency: 'EUR' },
    page: 'https://shop.example/tea?utm_source=news&utm_medium=email',
    items: [{ item_id: 'tea-1', item_name: 'Green tea', price: 12.5, quantity: 2 }],
    properties: { theme: 'dark', logged_in: false },
  });
  const body = () => JSON.stringify({ events: repeat(MANY, event) });
  const padding = Math.floor((SIZE - body().length) / MANY) - 12;
  const events = repeat(MANY, (index) => ({ ...event(index), note: 'x'.repeat(padding) }));
  return {
    target: '/v1/events',
    headers: { authorization: 'Bearer shop-write-key' },
    body: JSON.stringify({ events }),
  };
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Texts whose repetition a pattern or a parser might try in many ways. */
export const UNITS = [
  ...['a', 'bot', '1', ' ', '_', '-', '.', '/', '~', '@', '&', '=', ';', '(', '"', '\n', '\t', '?', '#', ':'],
  ...[
    'a.',
    '1.',
    '1,',
    'a-',
    'a@',
    '/a',
    '_a',
    'a ',
    '; a',
    '€ ',
    ' €',
    "1'",
    '+0',
    '-1',
    'cp',
    'esho',
    'é',
    'ß.',
  ],
  ...[
    'http',
    'http:',
    'https://',
    'xn--',
    'GMT ',
    ' (a',
    'utm_source=',
    'compatible; ',
    'Android ',
    'iPhone ',
  ],
  ...[
    'Mozilla/5.0 ',
    'Version/1.0 ',
    '; wv',
    'AppleWebKit/',
    '\u0001',
    '😀',
    '\ufdfa',
    '{',
    '[',
    '\\"',
    '%25',
  ],
];
const SMALL: readonly Json[] = [
  {},
  [],
  [[]],
  '',
  ' ',
  0,
  -1,
  1.5,
  true,
  'x',
  '$1',
  '1,299',
  { a: 1 },
  [1, 2],
];

/** A request of at most {@link SIZE} bytes, made from a valid one: one thing in it is as wide or as often as it can be. */
export function widened({ target, headers, body }: Seed, random: Random): Seed {
  const [path, query = ''] = target.split('?') as [string, string?];
  if (body === undefined) return { target: `${path}?${wideForm(query, MAX_QUERY, random)}`, headers };
  const isForm = !body.startsWith('{');
  const room = SIZE / (1 + random.below(MANY));
  if (isForm) {
    const line = wideForm(body.split('\n')[0]!, room, random);
    const lines = repeat(Math.min(MANY, Math.floor(SIZE / (line.length + 1))), () => line);
    const common = random.chance(0.5) ? wideForm(query, MAX_QUERY, random) : query;
    return { target: `${path}?${common}&${query}`, headers, body: lines.join('\n') };
  }
  let value = JSON.parse(body) as { [key: string]: Json };
  const list = ['events', 'batch'].find((name) => Array.isArray(value[name]));
  if (list === undefined) value = wide(value, SIZE, random) as typeof value;
  else {
    const event = wide(random.pick(value[list] as Json[]), room, random);
    const most = path.includes('/mp/') ? 25 : MANY;
    const often = Math.max(1, Math.min(most, Math.floor(SIZE / JSON.stringify(event).length)));
    value = { ...value, [list]: repeat(often, () => event) };
    if (random.chance(0.2)) value = { ...value, context: wide({ page: {} }, SIZE / 10, random) };
  }
  return { target, headers, body: cutTo(SIZE * 1.2, value, list) };
}

/** Widening may have overshot: then fewer events are sent. */
function cutTo(bytes: number, value: { [key: string]: Json }, list: string | undefined): string {
  const text = JSON.stringify(value);
  if (text.length <= bytes || list === undefined) return text;
  const events = value[list] as Json[];
  const fewer = events.slice(0, Math.max(1, Math.floor((events.length * bytes) / text.length)));
  return JSON.stringify({ ...value, [list]: fewer });
}

/** Widens one place in the value to some `room` bytes. */
function wide(value: Json, room: number, random: Random): Json {
  if (Array.isArray(value)) {
    if (value.length > 0 && random.chance(0.4)) return value.with(0, wide(value[0]!, room, random));
    return fill(random.chance(0.3) ? (value[0] ?? {}) : random.pick(SMALL), room);
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value);
    if (names.length === 0 || random.chance(0.1)) return { ...value, ...manyNames(random.pick(SMALL), room) };
    const name = random.pick(names);
    return { ...value, [name]: wide(value[name]!, room, random) };
  }
  if (random.chance(0.2)) return fill(random.pick(SMALL), room);
  if (random.chance(0.1)) return manyNames(random.pick(SMALL), room);
  return textOf(room, random);
}

function fill(one: Json, room: number): Json[] {
  return repeat(Math.max(1, Math.floor(room / (JSON.stringify(one).length + 1))), () => one);
}

/** An object has 1,000 keys at most. */
function manyNames(one: Json, room: number): { [key: string]: Json } {
  const count = Math.min(950, Math.floor(room / (JSON.stringify(one).length + 8)));
  return Object.fromEntries(repeat(count, (index) => [`k${index}`, one]));
}

/** Some limits are in characters, and longer texts are refused at once: mostly below one of them. */
function textOf(room: number, random: Random): string {
  const most = Math.min(room, random.pick([100, 128, 200, 500, 1_000, 2_000, room]));
  const unit = random.pick(UNITS);
  const prefix = random.pick([
    '',
    fresh(),
    'Mozilla/5.0 (',
    'https://shop.example/',
    'http://',
    '2026-01-01T',
  ]);
  return (
    (prefix + unit.repeat(Math.ceil(most / unit.length))).slice(0, most - 1) +
    random.pick(['', 'x', ' ', '~'])
  );
}

function wideForm(form: string, room: number, random: Random): string {
  const parts = form.split('&').filter((part) => part !== '');
  const [name = 'en', value = ''] = (parts.length > 0 ? random.pick(parts) : 'en=x').split('=');
  if (random.chance(0.4)) {
    const text = encodeURIComponent(textOf(room / 2, random).toWellFormed()).slice(0, room);
    return [...parts, `${name}=${text.replace(/%.?$/, '')}`].join('&');
  }
  const one = random.pick(['ep.k', 'epn.k', 'pr', 'up.k', name]);
  const said = random.pick(['', '1', 'id1', 'id1~pr1', 'nm~', value]);
  const count = Math.floor((room - form.length) / (one.length + said.length + 6));
  return [...parts, ...repeat(Math.max(0, count), (index) => `${one}${index}=${said}`)].join('&');
}
