import type { Page } from 'playwright-core';
import type { FootfallEvent } from '../../shared/event/event.ts';
import {
  answerWith,
  arrived,
  call,
  collectPort,
  complaints,
  context,
  goTo,
  newPage,
  published,
  requests,
  SHOP,
  settled,
  shopUrl,
} from '../support/snippet-shop.ts';
import { waitFor } from '../support/wait-for.ts';

/** What the snippet counts, for whom, and what it leaves alone: in a real Chromium, on pages of a shop. */

const told = () =>
  published.map(({ name, page }) => [name, page?.replace(/^.*?\d(?=\/)/, '').replace(/[?&]with=.*/, '')]);

test('it takes less than 2,000 bytes on the way, and is kept by browsers', async () => {
  const response = await fetch(`http://localhost:${collectPort}/f.js`, {
    headers: { 'accept-encoding': 'identity' },
  });
  expect(response.status).toBe(200);
  const text = await response.text();
  const { gzipSync } = await import('node:zlib');
  expect(gzipSync(text).length).toBeLessThan(2_000);
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('public, max-age=3600');
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const etag = response.headers.get('etag')!;
  const again = await fetch(`http://localhost:${collectPort}/f.js`, { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const packed = await fetch(`http://localhost:${collectPort}/f.js`);
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(await packed.text()).toBe(text);
});

test('a page that is opened, and those of a program that changes the address', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea?x=1#top'), { referer: 'https://search.example/?q=tea' });
  await arrived(1);
  await goTo(page, 'pushState', '/cups?x=2');
  await goTo(page, 'replaceState', '/cups?x=2#big');
  await goTo(page, 'pushState', '/cups?x=3');
  await goTo(page, 'replaceState', '/pots');
  await page.evaluate('history.back()');
  await arrived(5);
  await page.evaluate('location.hash = "reviews"');
  await settled(page);
  expect(told()).toEqual([
    ['page_view', expect.stringMatching(/^\/tea\?x=1/)],
    ['page_view', '/cups?x=2'],
    ['page_view', '/cups?x=3'],
    ['page_view', '/pots'],
    ['page_view', '/cups?x=2#big'.replace(/#.*/, '')],
  ]);
  const { referrer, page: first, user, known } = published[0]!;
  expect(referrer).toBe('https://search.example/?q=tea');
  expect(first).not.toContain('#');
  expect(known).toBeUndefined();
  expect(published[1]!.referrer).toBe(first);
  expect(published[2]!.referrer).toBe(published[1]!.page);
  expect(new Set(published.map((event) => event.user))).toEqual(new Set([user]));
  expect(user).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(published.map(({ id }) => id)).size).toBe(5);
  // No preflight: each batch is one request.
  expect(requests.map(({ method, type }) => [method, type])).toEqual(
    requests.map(() => ['POST', 'text/plain;charset=UTF-8']),
  );
  expect(complaints).toEqual([]);
});

test('calls before it is there are made up for, in their order, and an identify says whose they are', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea?early'));
  await arrived(3);
  await call(page, 'purchase', {
    transaction_id: 'T-1',
    currency: 'EUR',
    value: 12.5,
    items: [{ item_id: 'tea' }],
  });
  await arrived(4);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'search', 'identify', 'purchase']);
  const [view, search, identify, purchase] = published as [
    FootfallEvent,
    FootfallEvent,
    FootfallEvent,
    FootfallEvent,
  ];
  expect(search).toMatchObject({ search_term: 'tea', user: view.user });
  expect(identify).toMatchObject({ user: view.user, identifies: 'ada' });
  expect(purchase).toMatchObject({
    user: 'ada',
    known: true,
    value: 1_250,
    currency: 'EUR',
    transaction_id: 'T-1',
  });
  await call(page, 'reset');
  await call(page, 'page_view');
  await arrived(5);
  expect(published[4]!.known).toBeUndefined();
  expect(published[4]!.user).not.toBe(view.user);
  expect(complaints).toEqual([]);
});

test('a visitor is one as long as the tab is open, and nothing tells one that came again', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  await page.goto(shopUrl('/cups'));
  await arrived(2);
  const other = await newPage();
  await other.goto(shopUrl('/tea'));
  await arrived(3);
  expect(published[1]!.user).toBe(published[0]!.user);
  expect(published[2]!.user).not.toBe(published[0]!.user);
  expect(await context.cookies()).toEqual([]);
  expect(requests.every(({ cookie }) => cookie === undefined)).toBe(true);
});

test('a cookie only when it is asked for: of the shop, for 13 months, and not prolonged', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea', 'data-cookie="visitor"'));
  await arrived(1);
  const [cookie, ...others] = await context.cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({
    name: 'visitor',
    value: published[0]!.user,
    domain: '127.0.0.1',
    path: '/',
    sameSite: 'Lax',
    secure: false,
  });
  expect(cookie!.expires - Date.now() / 1_000).toBeGreaterThan(394 * 86_400);
  expect(cookie!.expires - Date.now() / 1_000).toBeLessThan(396 * 86_400);
  const other = await newPage();
  await other.goto(shopUrl('/cups', 'data-cookie="visitor"'));
  await arrived(2);
  expect(published[1]!.user).toBe(published[0]!.user);
  expect((await context.cookies())[0]!.expires).toBe(cookie!.expires);
  await other.goto(shopUrl('/pots', 'data-cookie'));
  await arrived(3);
  expect((await context.cookies()).map(({ name }) => name).sort()).toEqual(['ff_id', 'visitor']);
  expect(requests.every((request) => request.cookie === undefined)).toBe(true);
});

test('data-manual: nothing by itself', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea', 'data-manual'));
  await goTo(page, 'pushState', '/cups');
  await settled(page);
  expect(requests).toEqual([]);
  await call(page, 'view_item', { items: [{ item_id: 'tea' }] });
  await arrived(1);
  expect(told()).toEqual([['view_item', '/cups']]);
});

test('data-url: to where it says', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea', `data-url="http://localhost:${collectPort}/v1/events/"`));
  await arrived(1);
  expect(told()).toEqual([['page_view', '/tea']]);
});

describe('who does not want to be followed', () => {
  test.each([
    ['Do Not Track', { doNotTrack: '1' }],
    ['Global Privacy Control', { globalPrivacyControl: true }],
  ])('%s: nothing is sent, and nothing is stored', async (_, signal) => {
    await context.addInitScript((values) => {
      const { navigator } = globalThis as never as { navigator: object };
      for (const [name, value] of Object.entries(values)) {
        Object.defineProperty(navigator, name, { get: () => value });
      }
    }, signal);
    const page = await newPage();
    await page.goto(shopUrl('/tea?early', 'data-cookie'));
    await page.waitForFunction('footfall && !footfall.q');
    await call(page, 'view_item');
    await goTo(page, 'pushState', '/cups');
    await settled(page);
    await page.goto(`${SHOP}/plain`);
    await settled(page);
    expect(requests).toEqual([]);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    expect(complaints).toEqual([]);
  });
});

/**
 * Leaves the page and goes back to it, as it was. Chromium's headless shell keeps no page to go back to, and says so;
 * there, the page gets the events that it gets when it is kept.
 */
async function leaveAndComeBack(page: Page) {
  await page.evaluate('globalThis.isTheSame = true');
  if (await keepsPages()) {
    await page.goto(`${SHOP}/plain`);
    await page.evaluate('history.back()');
    await waitFor('the page to be back', () => page.evaluate('globalThis.isTheSame === true'));
  } else {
    await page.evaluate(() => {
      const { PageTransitionEvent } = globalThis as never as {
        PageTransitionEvent: new (type: string, options: { persisted: boolean }) => Event;
      };
      for (const type of ['pagehide', 'pageshow']) {
        (globalThis as never as EventTarget).dispatchEvent(
          new PageTransitionEvent(type, { persisted: true }),
        );
      }
    });
  }
}

/** Whether this Chromium can keep a page that is left. */
async function keepsPages(): Promise<boolean> {
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  let why = '';
  protocol.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => {
    why = notRestoredExplanations.map(({ reason }) => reason).join();
  });
  await protocol.send('Page.enable');
  await page.goto(`${SHOP}/plain`);
  await page.evaluate('globalThis.isTheSame = true');
  await page.goto(`${SHOP}/plain?other`);
  await page.evaluate('history.back()').catch(() => {}); // The page may go before it has answered.
  await waitFor(
    'the page, or why it is another',
    async () => why || page.evaluate('globalThis.isTheSame === true'),
  );
  await page.close();
  return !why.includes('BackForwardCacheDisabledForDelegate');
}

test('a page that is gone back to, as it was, is seen again', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'), { referer: 'https://search.example/' });
  await arrived(1);
  await leaveAndComeBack(page);
  await arrived(2);
  await settled(page);
  expect(published.map(({ name, page: at }) => [name, at])).toEqual([
    ['page_view', published[0]!.page],
    ['page_view', published[0]!.page],
  ]);
  expect(published[1]!.referrer).toBeUndefined();
});

test('a page that is rendered ahead is not seen before it is shown', async () => {
  await context.addInitScript(() => {
    const { document } = globalThis as never as { document: object };
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
  });
  const page = await newPage();
  await page.goto(shopUrl('/tea?early'));
  await settled(page);
  expect(requests).toEqual([]);
  await page.evaluate('document.dispatchEvent(new Event("prerenderingchange"))');
  await arrived(3);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'search', 'identify']);
});

test('where nothing may be stored it still counts, and the page does not notice', async () => {
  await context.addInitScript(() => {
    const no = () => {
      throw new Error('not allowed');
    };
    for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(globalThis, name, { get: no });
    const { document } = globalThis as never as { document: object };
    Object.defineProperty(document, 'cookie', { get: no, set: no });
  });
  const page = await newPage();
  answerWith((response) => {
    response.destroy();
    answerWith(undefined);
    return true;
  });
  await page.goto(shopUrl('/tea', 'data-cookie'));
  await arrived(1);
  await goTo(page, 'pushState', '/cups');
  await arrived(2);
  expect(published[1]!.user).toBe(published[0]!.user);
  await page.goto(shopUrl('/pots'));
  await arrived(3);
  expect(complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});

test('nothing that a page calls it with is thrown back, and it is there once', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  await page.evaluate(() => {
    const { footfall, document } = globalThis as never as {
      footfall(...all: unknown[]): void;
      document: { createElement(tag: string): object; head: { append(one: object): void } };
    };
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    footfall('a', loop);
    footfall('b', { big: 10n });
    footfall('identify', Object.create(null));
    footfall('identify');
    footfall('c', {
      get x() {
        throw new Error('no');
      },
    });
    const again = (document as never as { querySelector(one: string): { src: string } }).querySelector(
      'script[src]',
    );
    document.head.append(Object.assign(document.createElement('script'), { src: `${again.src}?again` }));
  });
  await settled(page);
  await goTo(page, 'pushState', '/cups');
  await arrived(2);
  await settled(page);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'page_view']);
  expect(complaints).toEqual([]);
});
