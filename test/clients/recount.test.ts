import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { pythonPackage } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';
import { DAY_MS, formatDay, localDay } from '../../shared/platform/time.ts';
import { serve } from '../support/serve.ts';
import { openShop, siteOf } from '../support/shop.ts';
import { type Action, dayOf, type Line, type Recount, recount } from './day.ts';

/**
 * Real clients, unchanged, against a recount of what they were told to send: a mixed day each, and every number of the
 * overview and of every product.
 */

/** Site, and how it is counted. */
const clients = ['rudder', 'segment', 'python', 'ga4mp', 'gtag', 'gtag-batches'] as const;
type Client = (typeof clients)[number];
const measurementId = (client: Client) => `G-${client.toUpperCase().replace('-', '')}1`;
const shop = await openShop(
  clients.map((client) => siteOf(client, { currency: 'EUR', measurement_ids: [measurementId(client)] })),
);
const { url, received } = await serve(shop.handler);
beforeEach(() => {
  received.length = 0;
});

const SEED = Number(process.env.FOOTFALL_SEED ?? Math.floor(Math.random() * 1e6));

/** Runs a script of python/ with this package; `input` goes to its standard input as JSON. */
async function runPython(
  script: string,
  requirement: string,
  version: string,
  args: string[],
  input: unknown,
): Promise<string> {
  const python = await pythonPackage(
    { name: requirement, requirement, version },
    { cacheDir: join(footfallDir, 'cache'), env: process.env, log: console.log },
  );
  const file = join(import.meta.dirname, 'python', script);
  const running = promisify(execFile)(python.command, [...python.args, file, ...args], { env: python.env });
  running.child.stdin!.end(JSON.stringify(input));
  return (await running).stdout;
}

const nanOf = (total: number | 'nan' | undefined) => (total === 'nan' ? Number.NaN : total);

/** An action in the words of Segment's spec. */
function messageOf(action: Action) {
  const product = ({ id, name, price, quantity }: Line) => ({ product_id: id, name, price, quantity });
  switch (action.kind) {
    case 'page':
      return { type: 'page' as const, properties: { url: action.url } };
    case 'view':
      return { type: 'track' as const, event: 'Product Viewed', properties: product(action.line) };
    case 'cart':
      return { type: 'track' as const, event: 'Product Added', properties: product(action.line) };
    case 'order': {
      const { order, currency, lines } = action;
      const properties = {
        ...{ order_id: order, total: nanOf(action.total), currency },
        ...{ coupon: null, products: lines.map(product) },
      };
      return { type: 'track' as const, event: 'Order Completed', properties };
    }
    case 'refund': {
      const { order, currency, value } = action;
      const properties = { order_id: order, currency, ...(value !== undefined && { total: value }) };
      return { type: 'track' as const, event: 'Order Refunded', properties };
    }
  }
}

const copiesOf = (action: Action) => (action.kind === 'order' ? action.copies : 1);

async function sendBySegment(actions: readonly Action[]): Promise<void> {
  const analytics = new Analytics({ writeKey: 'segment-write-key', host: url });
  for (const action of actions) {
    const { type, ...message } = messageOf(action);
    for (let copy = 0; copy < copiesOf(action); copy++) {
      // As a page that is loaded again: the same order in another message.
      const params = { userId: action.visitor, messageId: randomUUID(), ...message };
      if (type === 'page') analytics.page(params);
      else analytics.track({ event: '', ...params });
    }
  }
  await analytics.closeAndFlush({ timeout: 20_000 });
}

async function sendByRudder(actions: readonly Action[]): Promise<void> {
  const failures: unknown[] = [];
  const analytics = new RudderAnalytics('rudder-write-key', {
    dataPlaneUrl: url,
    flushAt: 20,
    logLevel: 'error',
    errorHandler: (error) => failures.push(error),
  });
  for (const action of actions) {
    const { type, ...message } = messageOf(action);
    for (let copy = 0; copy < copiesOf(action); copy++) {
      // As a page that is loaded again: the same order in another message.
      const params = { userId: action.visitor, messageId: randomUUID(), ...message };
      if (type === 'page') analytics.page({ name: 'Shop', ...params });
      else analytics.track({ event: '', ...params });
    }
  }
  await analytics.flush();
  expect(failures).toEqual([]);
}

/** Parameters of a hit as gtag.js writes them; the text of an item's part has no bare `~`. */
function hitOf(action: Action): URLSearchParams {
  const part = (text: string) => text.replaceAll('~', '~~');
  const item = ({ id, name, price, quantity }: Line) =>
    `id${part(id)}~nm${part(name)}~pr${price}~qt${quantity}`;
  switch (action.kind) {
    case 'page':
      return new URLSearchParams({ en: 'page_view', dl: action.url });
    case 'view':
    case 'cart':
      return new URLSearchParams({
        en: action.kind === 'view' ? 'view_item' : 'add_to_cart',
        cu: 'EUR',
        pr1: item(action.line),
      });
    case 'order': {
      const { order, currency, lines, total } = action;
      return new URLSearchParams({
        ...{ en: 'purchase', cu: currency, 'ep.transaction_id': order },
        ...(total !== undefined && total !== 'nan' && { 'epn.value': String(total) }),
        ...Object.fromEntries(lines.map((line, index) => [`pr${index + 1}`, item(line)])),
      });
    }
    case 'refund': {
      const { order, currency, value } = action;
      return new URLSearchParams({
        ...{ en: 'refund', cu: currency, 'ep.transaction_id': order },
        ...(value !== undefined && { 'epn.value': String(value) }),
      });
    }
  }
}

const BROWSER = {
  origin: 'https://shop.example',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
};
/** What all hits of a page have. */
const commonOf = (client: Client, visitor: string, page: number, request: number) =>
  new URLSearchParams({
    ...{ v: '2', tid: measurementId(client), gtm: '45je44f0v9173726675za200', _p: String(page) },
    ...{ gcd: '13l3l3l2l1', npa: '1', dma: '1', cid: `${page}.1713295019`, uid: visitor, ul: 'it-it' },
    ...{
      sr: '1440x900',
      are: '1',
      pscdl: 'noapi',
      _s: String(request),
      sid: '1713295019',
      sct: '1',
      seg: '1',
    },
  });

/** One hit a request, in the query; a copy is a purchase of the page that was loaded again. */
async function sendHits(actions: readonly Action[]): Promise<void> {
  for (const [page, action] of actions.entries()) {
    for (let copy = 0; copy < copiesOf(action); copy++) {
      const common = commonOf('gtag', action.visitor, page + copy * 1_000_000, 1);
      const answer = await fetch(`${url}/g/collect?${common}&${hitOf(action)}`, { headers: BROWSER });
      expect(answer.status).toBe(204);
    }
  }
}

/** Several hits in a body, as gtag.js sends what happened within some seconds on one page. */
async function sendBatches(actions: readonly Action[]): Promise<void> {
  const groups = Object.values(Object.groupBy(actions, ({ visitor }) => visitor)) as Action[][];
  for (const [visitor, group] of groups.entries()) {
    for (let from = 0; from < group.length; from += 10) {
      const part = group.slice(from, from + 10);
      const lines = part.flatMap((action) => Array(copiesOf(action)).fill(String(hitOf(action))));
      const common = commonOf('gtag-batches', part[0]!.visitor, visitor + 1, from + 1);
      const init = {
        method: 'POST',
        headers: { ...BROWSER, 'content-type': 'text/plain;charset=UTF-8' },
        body: lines.join('\r\n'),
      };
      expect((await fetch(`${url}/g/collect?${common}`, init)).status).toBe(204);
    }
  }
}

interface MoneyRow {
  currency: string;
  revenue_minor: number;
  refunded_minor: number;
}
const moneyOf = (rows: readonly MoneyRow[]) =>
  new Map(
    rows.map(({ currency, revenue_minor, refunded_minor }) => [
      currency,
      { revenue: revenue_minor, refunded: refunded_minor },
    ]),
  );

/** The same numbers as a recount has, from the answers. */
async function answersOf(client: Client, expected: Recount): Promise<Recount> {
  const range = `from=${formatDay(localDay(Date.now() - DAY_MS, 'UTC'))}&to=${formatDay(localDay(Date.now(), 'UTC'))}`;
  const ask = async (target: string) => {
    const { status, body } = await shop.get<{ data: Record<string, number> & { money: MoneyRow[] } }>(
      client,
      `${target}?${range}`,
    );
    expect([target, status]).toEqual([target, 200]);
    return body.data;
  };
  const chosen = <T extends object>(data: Record<string, unknown>, like: T) =>
    Object.fromEntries(Object.keys(like).map((name) => [name, data[name]])) as T;
  const overview = await ask('/v1/overview');
  const products = new Map<string, Recount['products'] extends Map<string, infer P> ? P : never>();
  for (const [id, like] of expected.products) {
    const path = `/v1/products/${encodeURIComponent(id)}`;
    const data = await ask(path);
    const money = moneyOf(data.money);
    for (const currency of like.money.keys()) {
      if (currency === 'EUR') continue;
      const { body } = await shop.get<{ data: { money: MoneyRow[] } }>(
        client,
        `${path}?${range}&currency=${currency}`,
      );
      for (const [name, sums] of moneyOf(body.data.money)) money.set(name, sums);
    }
    products.set(id, { ...chosen(data, like), money });
  }
  return { overview: chosen(overview, expected.overview), money: moneyOf(overview.money), products };
}

const send: Record<Client, (actions: readonly Action[]) => Promise<unknown>> = {
  rudder: sendByRudder,
  segment: sendBySegment,
  python: (actions) =>
    runPython('segment_day.py', 'segment-analytics-python', '2.4.0', [url, 'python-write-key'], actions),
  ga4mp: (actions) =>
    runPython('ga4mp_day.py', 'ga4mp', '2.0.4', [url, 'ga4mp-write-key', measurementId('ga4mp')], actions),
  gtag: sendHits,
  'gtag-batches': sendBatches,
};

test.each(clients)(`%s: every number is the recount's (seed ${SEED})`, async (client) => {
  const actions = dayOf(SEED);
  await send[client](actions);
  expect(received.filter(({ status }) => status >= 300)).toEqual([]);
  expect(received.length).toBeGreaterThan(0);
  await shop.apply();
  const isPython = client === 'python' || client === 'ga4mp';
  // Segment's libraries give each message an id of its own; the others' hits are told by the order.
  const isSegment = client === 'segment' || client === 'rudder' || client === 'python';
  const expected = recount(actions, { nan: isPython ? 'refused' : 'lines', copiesAreEvents: isSegment });
  expect(await answersOf(client, expected)).toEqual(expected);
});
