import { isPersonlessUser } from '../../shared/event/personless.ts';
import {
  answerWith,
  arrived,
  call,
  complaints,
  context,
  goTo,
  newPage,
  published,
  requests,
  shopUrl,
} from '../support/snippet-shop.ts';
import { waitFor } from '../support/wait-for.ts';

/** What the snippet says of consent and of the time on a page: in a real Chromium, on pages of a shop. */

const STORED = 'localStorage.length + sessionStorage.length';

describe('a visitor who refused consent', () => {
  test.each([
    ['the attribute', '/tea', 'data-consent="false" data-cookie'],
    ['the attribute, without a cookie', '/tea', 'data-consent="denied"'],
    ['a call before the script is there', '/tea?refused', 'data-cookie'],
  ])('%s: events have no person, and nothing is stored', async (_, path, attributes) => {
    const page = await newPage();
    await page.goto(shopUrl(path, attributes));
    await arrived(1);
    await call(page, 'identify', 'ada');
    await call(page, 'purchase', { transaction_id: 'T-1', currency: 'EUR', value: 12.5, user_id: 'ada' });
    await call(page, 'reset');
    await call(page, 'view_cart');
    await arrived(4);
    expect(published.map(({ name }) => name)).toEqual(['page_view', 'identify', 'purchase', 'view_cart']);
    for (const event of published) {
      expect([event.personless, isPersonlessUser(event.user)]).toEqual([true, true]);
      // Ids are random hex, so "ada" may stand in one: the person is looked for as a whole text.
      expect(JSON.stringify({ ...event, id: '' })).not.toContain('ada');
    }
    expect(published[2]!.value).toBe(1_250);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate(STORED)).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each(['', 'data-cookie'])('%s: may agree, and refuse again', async (attributes) => {
    const page = await newPage();
    await page.goto(shopUrl('/tea', `data-consent="false" ${attributes}`));
    await arrived(1);
    await call(page, 'consent', true);
    await call(page, 'view_item');
    await goTo(page, 'pushState', '/cups');
    await arrived(3);
    const { user } = published[1]!;
    expect(published.map(({ personless }) => personless)).toEqual([true, undefined, undefined]);
    expect(published[2]!.user).toBe(user);
    await call(page, 'consent', false);
    await call(page, 'view_cart');
    await arrived(4);
    expect(published[3]!.personless).toBe(true);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate(STORED)).toBe(0);
    await call(page, 'consent', true);
    await call(page, 'view_cart');
    await arrived(5);
    expect(published[4]!.user).not.toBe(user);
  });

  test('leaves nothing in the browser while the server is away', async () => {
    let isAway = true;
    answerWith((response) => {
      if (isAway) response.writeHead(503, { 'access-control-allow-origin': '*' }).end();
      return isAway;
    });
    const page = await newPage();
    await page.goto(shopUrl('/tea', 'data-consent="false"'));
    await waitFor('an attempt', () => requests.length > 0);
    await waitFor('its answer', async () => (await page.evaluate(STORED)) === 0);
    isAway = false;
    await arrived(1);
    expect(await page.evaluate(STORED)).toBe(0);
  });
});

/** Lets time pass in the page, as a page does that stays open. */
const PASS = (ms: number) => `(() => { const at = performance.now() + ${ms}; performance.now = () => at })()`;
/** Hides the page, or shows it, as a change of the tab does. */
const HIDE = (isHidden: boolean) => `(() => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
  document.dispatchEvent(new Event('visibilitychange'));
})()`;

describe('the time on a page', () => {
  test('each event says how long the page was in the foreground since the last one', async () => {
    const page = await newPage();
    await page.goto(shopUrl('/tea'));
    await arrived(1);
    await page.evaluate(PASS(5_000));
    await page.evaluate(HIDE(true));
    await page.evaluate(PASS(60_000));
    await page.evaluate(HIDE(false));
    await call(page, 'view_item');
    await arrived(2);
    expect(published[1]!.engaged_ms).toBeGreaterThanOrEqual(4_900);
    expect(published[1]!.engaged_ms).toBeLessThan(15_000);
  });

  test('a page that is left after ten seconds says so, and one that is left before does not', async () => {
    const page = await newPage();
    await page.goto(shopUrl('/tea'));
    await arrived(1);
    await page.evaluate(PASS(12_000));
    await page.evaluate(HIDE(true));
    await arrived(2);
    expect(published[1]).toMatchObject({ name: 'user_engagement', user: published[0]!.user });
    expect(published[1]!.engaged_ms).toBeGreaterThanOrEqual(12_000);
    await page.evaluate(HIDE(false));
    await page.evaluate(HIDE(true));
    await page.evaluate(HIDE(false));
    await call(page, 'view_cart');
    await arrived(3);
    expect(published.map(({ name }) => name)).toEqual(['page_view', 'user_engagement', 'view_cart']);
  });

  test('data-manual and a refused consent: no event by itself', async () => {
    for (const attributes of ['data-manual', 'data-consent="false"']) {
      const page = await newPage();
      await page.goto(shopUrl('/tea', attributes));
      await page.waitForFunction('footfall && !footfall.q');
      await page.evaluate(PASS(12_000));
      await page.evaluate(HIDE(true));
      await page.evaluate(HIDE(false));
      await call(page, 'view_cart');
      const carts = () => published.filter(({ name }) => name === 'view_cart');
      await waitFor('the cart', () => carts().length > (attributes === 'data-manual' ? 0 : 1));
      await page.close();
    }
    expect(published.map(({ name }) => name)).toEqual(['view_cart', 'page_view', 'view_cart']);
  });
});
