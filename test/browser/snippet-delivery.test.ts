import {
  answerWith,
  arrived,
  call,
  context,
  newPage,
  published,
  requests,
  SHOP,
  settled,
  shopUrl,
} from '../support/snippet-shop.ts';
import { waitFor } from '../support/wait-for.ts';

/** Events arrive once, over lost connections, refusals and pages that are left: in a real Chromium. */

test('a tab that is closed, or a page that is left, at once after something happened: it arrives', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  await call(page, 'add_to_cart', { items: [{ item_id: 'tea' }] });
  await page.goto(`${SHOP}/plain`);
  await arrived(2);
  const other = await newPage();
  await other.goto(shopUrl('/cups'));
  await arrived(3);
  await call(other, 'add_to_cart', { items: [{ item_id: 'cup' }] });
  await other.close({ runBeforeUnload: true });
  await arrived(4);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'add_to_cart', 'page_view', 'add_to_cart']);
});

test('what could not be sent is kept, and comes after a reload, once', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  let broken = 0;
  answerWith((response) => {
    broken++;
    response.destroy();
    return true;
  });
  await call(page, 'view_item', { items: [{ item_id: 'a' }] });
  await call(page, 'add_to_cart', { items: [{ item_id: 'b' }] });
  await waitFor('a request that fails', () => broken > 0);
  await waitFor('what is kept', () => page.evaluate('localStorage.length > 0'));
  expect(published).toHaveLength(1);
  answerWith(undefined);
  await page.reload();
  await arrived(4);
  await settled(page);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'view_item', 'add_to_cart', 'page_view']);
  expect(new Set(published.map(({ id }) => id)).size).toBe(4);
  expect(await page.evaluate('localStorage.length')).toBe(0);
});

test('offline: kept, also when the page is left, and sent when the network is back', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  await context.setOffline(true);
  await call(page, 'view_item', { items: [{ item_id: 'a' }] });
  // As when the tab is left: no beacon may go into nowhere.
  await page.evaluate(() => (globalThis as never as EventTarget).dispatchEvent(new Event('pagehide')));
  expect(await page.evaluate('localStorage.length')).toBe(1);
  await settled(page);
  expect(published).toHaveLength(1);
  await context.setOffline(false);
  await arrived(2);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'view_item']);
});

test.each([503, 429])('%i with Retry-After: it waits so long, over a reload too', async (status) => {
  const page = await newPage();
  await page.goto(shopUrl('/tea'));
  await arrived(1);
  let refusedAt = 0;
  answerWith((response) => {
    refusedAt ||= Date.now();
    response
      .writeHead(status, {
        'retry-after': '4',
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'retry-after',
      })
      .end();
    return true;
  });
  await call(page, 'view_item', { items: [{ item_id: 'a' }] });
  await waitFor('a refusal', () => refusedAt > 0);
  await waitFor('what is kept', () => page.evaluate('localStorage.length > 0'));
  let nextAt = 0;
  answerWith(() => {
    nextAt ||= Date.now();
    return false;
  });
  await page.reload();
  await arrived(3);
  // Not a time that something may take, but one before which it must not happen.
  expect(nextAt - refusedAt).toBeGreaterThanOrEqual(3_900);
  expect(published.map(({ name }) => name)).toEqual(['page_view', 'view_item', 'page_view']);
});

test('what the server refuses for good is forgotten', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea', 'data-manual'));
  await call(page, 'no name at all');
  await waitFor('a request', () => requests.length > 0);
  await settled(page);
  expect(requests).toHaveLength(1);
  expect(await page.evaluate('localStorage.length')).toBe(0);
  await call(page, 'view_item');
  await arrived(1);
});

test('the queue is bounded: the newest hundred are kept', async () => {
  const page = await newPage();
  answerWith((response) => {
    response.destroy();
    return true;
  });
  await page.goto(shopUrl('/tea', 'data-manual'));
  for (let i = 0; i < 130; i++) await call(page, 'view_item', { id: `e-${i}` });
  await waitFor('all to be kept', () =>
    page.evaluate('(localStorage[Object.keys(localStorage)[0]]||"").includes("e-129")'),
  );
  answerWith(undefined);
  await page.reload();
  await arrived(100);
  await settled(page);
  const ids = published.map(({ id }) => id);
  expect(new Set(ids)).toEqual(new Set(Array.from({ length: 100 }, (_, i) => `e-${i + 30}`)));
});

test('more than a beacon takes goes in several, and one event of more than that goes, too', async () => {
  const page = await newPage();
  await page.goto(shopUrl('/tea', 'data-manual'));
  const properties = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'é'.repeat(400)]));
  for (let i = 0; i < 4; i++) await call(page, 'view_item', { properties });
  await page.goto(`${SHOP}/plain`);
  await page.goto(shopUrl('/cups', 'data-manual'));
  await arrived(4);
  const items = Array.from({ length: 200 }, (_, i) => ({ item_id: `i-${i}`, item_name: 'x'.repeat(480) }));
  await call(page, 'purchase', { items });
  await arrived(5);
  expect(published[4]!.items).toHaveLength(200);
  expect(new Set(published.map(({ id }) => id)).size).toBe(5);
});
