import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites } from '../../shared/sites/site.ts';
import { openChromium } from '../support/chromium.ts';
import { collecting } from '../support/collecting.ts';
import { gatewayTo, listen } from '../support/serve.ts';
import { siteOf } from '../support/shop.ts';
import { waitFor } from '../support/wait-for.ts';

/** analytics.js, unchanged, in a page of another origin, set up as docs/sending-events.md says. */

const require = createRequire(import.meta.url);
const BUNDLE = readFileSync(require.resolve('@segment/analytics-next/dist/umd/index.js'));

let published: FootfallEvent[] = [];
const requests: string[] = [];
const gateway = gatewayTo(
  collecting(new Sites([siteOf('shop', { currency: 'EUR' })]), async (events) => {
    published.push(...events);
  }),
);
const collectPort = await listen((incoming, outgoing) => {
  requests.push(`${incoming.method} ${incoming.url}`);
  return gateway(incoming, outgoing);
});
const shopPort = await listen((incoming, outgoing) => {
  if (incoming.url === '/analytics.js') {
    return outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(BUNDLE);
  }
  if (incoming.url === '/favicon.ico') return outgoing.writeHead(204).end();
  return outgoing
    .writeHead(200, { 'content-type': 'text/html' })
    .end('<!doctype html><title>Tea shop</title><script src="/analytics.js"></script>');
});

/** The globals of the page. */
interface PageScope {
  AnalyticsNext: { AnalyticsBrowser: { load(...settings: unknown[]): PageScope['analytics'] } };
  analytics: Record<string, (...args: unknown[]) => unknown> & PromiseLike<unknown>;
}

const browser = await openChromium();
let page: Page;
let complaints: string[] = [];
beforeEach(async () => {
  published = [];
  requests.length = 0;
  complaints = [];
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // Nothing else answers: a library that asks Segment fails here.
  await page.route(
    (url) => url.hostname !== '127.0.0.1' && url.hostname !== 'localhost',
    (route) => {
      complaints.push(`asks ${route.request().url()}`);
      return route.abort();
    },
  );
});
afterEach(() => page.context().close());

/** Opens a page of the shop and loads the library. @returns what `load` failed with, if it failed. */
async function load(path: string, settings: object): Promise<string | undefined> {
  await page.goto(`http://127.0.0.1:${shopPort}${path}`);
  return page.evaluate(async (given) => {
    const scope = globalThis as never as PageScope;
    try {
      scope.analytics = scope.AnalyticsNext.AnalyticsBrowser.load(...(given as unknown[]));
      await scope.analytics;
      return undefined;
    } catch (error) {
      return String(error);
    }
  }, settings as never);
}

const call = (method: string, ...args: unknown[]) =>
  page.evaluate(
    ([name, given]) => {
      const scope = globalThis as never as PageScope;
      scope.analytics[name as string]!(...(given as unknown[]));
    },
    [method, args] as const,
  );

const HOST = `localhost:${collectPort}`;
const order = {
  order_id: 'o-1',
  total: 0.1 + 0.2,
  currency: 'EUR',
  products: [{ product_id: 'tea-1', name: 'Grüner Tee', price: 0.1 + 0.2, quantity: 1 }],
};

describe('with cdnURL', () => {
  test('finds out where to send, and sends page, track and identify there', async () => {
    const settings = [{ writeKey: 'shop-write-key', cdnURL: `http://${HOST}` }];
    expect(await load('/tea?utm_source=letter&utm_medium=email', settings)).toBeUndefined();
    await call('page');
    await call('track', 'Order Completed', order);
    await call('identify', 'ada', { plan: 'gold' });
    await waitFor('three events', () => published.length === 3);

    expect(complaints).toEqual([]);
    expect(requests.filter((one) => !one.startsWith('OPTIONS'))).toEqual([
      'GET /v1/projects/shop-write-key/settings',
      expect.stringMatching(/^POST \/v1\/[pti]$/),
      expect.stringMatching(/^POST \/v1\/[pti]$/),
      expect.stringMatching(/^POST \/v1\/[pti]$/),
    ]);
    const named = (name: string) => published.find((event) => event.name === name)!;
    expect(named('page_view')).toMatchObject({
      page: `http://127.0.0.1:${shopPort}/tea?utm_source=letter&utm_medium=email`,
      source: 'letter',
      medium: 'email',
    });
    expect(named('purchase')).toMatchObject({
      transaction_id: 'o-1',
      value: 30,
      currency: 'EUR',
      items: [{ id: 'tea-1', name: 'Grüner Tee', quantity: 1, amount: 30 }],
    });
    expect(named('identify')).toMatchObject({ user: named('page_view').user, identifies: 'ada' });
  });

  test('a wrong write key fails when the library is loaded', async () => {
    const failure = await load('/', [{ writeKey: 'wrong-key', cdnURL: `http://${HOST}` }]);
    expect(failure).toContain('unknown_key');
    expect(published).toEqual([]);
  });
});

describe('without cdnURL', () => {
  test('cdnSettings say what the host would say', async () => {
    const integration = { apiKey: 'shop-write-key', apiHost: `${HOST}/v1`, protocol: 'http' };
    const cdnSettings = { integrations: { 'Segment.io': integration } };
    expect(await load('/tea', [{ writeKey: 'shop-write-key', cdnSettings }])).toBeUndefined();
    await call('track', 'Product Viewed', { product_id: 'tea-1' });
    await waitFor('the event', () => published.length === 1);
    expect(published[0]!.name).toBe('view_item');
    expect(requests.filter((one) => one.startsWith('GET'))).toEqual([]);
  });
});
