import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startStack } from '../examples/stack.ts';
import { openChromium } from '../support/chromium.ts';
import { waitFor } from '../support/wait-for.ts';
import { counted, INSTALLATION_KEY, openTab, settled, violations } from './dashboard.ts';
import { expectShown, figure, money } from './reading.ts';

/** What people do with the dashboard, and how it asks for its numbers. */

const stack = await startStack();
const dashboard = { stack, browser: await openChromium() };
const asAdmin = { key: 'demo-admin-key' };
const items = [{ item_id: 'tea/1', item_name: 'Green tea', price: 12.5, quantity: 2 }];

beforeAll(async () => {
  await stack.send('demo-write-key', [
    { name: 'view_item', user_id: 'ana', items, page: '/tea' },
    { name: 'add_to_cart', user_id: 'ana', items, currency: 'EUR' },
    { name: 'purchase', user_id: 'bea', items, currency: 'EUR', transaction_id: 'T-1' },
  ]);
  await counted(stack);
});

const kept = (page: Page) =>
  page.evaluate(() => {
    const { sessionStorage, localStorage } = globalThis as unknown as Record<string, Record<string, string>>;
    return { tab: sessionStorage!['footfall.key'], device: localStorage!['footfall.key'] };
  });
const signIn = async (page: Page, key: string) => {
  await page.getByLabel('Read key, or admin key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

/** Also after a test that failed: a page left open goes on asking. */
afterEach(() => Promise.all(dashboard.browser.contexts().map((context) => context.close())));

const urlOf = (page: Page) => page.url().slice(stack.url.length + 1);
/** Waits until the address is this. */
const stands = (page: Page, address: string) => expectShown(async () => urlOf(page), address);

describe('work', () => {
  test('an order that was not understood is corrected by its form, replayed, and counted', async () => {
    await fetch(`${stack.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-write-key', 'content-type': 'application/json' },
      body: JSON.stringify({
        events: [
          {
            ...{ name: 'purchase', user_id: 'ana', transaction_id: 'T-2', currency: 'EUR' },
            items: [{ ...items[0], quantity: 'two' }],
          },
        ],
      }),
    });
    const { page, complaints } = await openTab(dashboard, '/overview?range=today', asAdmin);
    await settled(page);
    await expectShown(() => figure(page, 'Net revenue'), money(2_500));
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page
      .getByRole('row', { name: /purchase/ })
      .getByRole('link')
      .click({ timeout: 60_000 });
    await page.getByText('It must be corrected first').waitFor();
    await page.getByRole('textbox', { name: /quantity/ }).fill('2');
    await page.locator('.preview del').getByText('"two"').waitFor();
    await page.getByRole('button', { name: 'Replay with these changes' }).click();
    await page.getByText('1 of 1 letters replayed.').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await expectShown(() => figure(page, 'Net revenue'), money(5_000));
    await expectShown(() => figure(page, 'Orders'), '2');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the search finds a product by its name, a person and an order, and leads to them', async () => {
    const { page, complaints } = await openTab(dashboard, '/overview', { key: 'demo-read-key' });
    await settled(page);
    const find = async (text: string, table: string, row: string) => {
      await page.keyboard.press('/');
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
      await page.getByRole('table', { name: table }).getByRole('row', { name: row }).waitFor();
      await page.keyboard.press('Escape');
    };
    await find('reen te', 'Products found', 'Green tea');
    await page.getByRole('link', { name: 'Green tea' }).click();
    await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
    expect(urlOf(page)).toBe('#/products/tea%2F1');
    await find('T-1', 'Orders found', money(2_500));
    await find('ana', 'People found', 'ana');
    await page.getByRole('link', { name: 'ana' }).click();
    await page.getByRole('heading', { level: 1, name: 'ana' }).waitFor();
    await settled(page);
    await page.locator('ol.timeline').getByText('Added to the cart').waitFor();
    // The product is new: the browser complains that it is not known in the days before.
    expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([]);
    await page.context().close();
  });

  test('a person is exported and erased by an admin key, with a receipt', async () => {
    await stack.send('demo-write-key', [{ name: 'view_item', user_id: 'to <b>erase</b>', items }]);
    await counted(stack);
    const view = `/people/${encodeURIComponent('to <b>erase</b>')}`;
    const reader = await openTab(dashboard, view, { key: 'demo-read-key' });
    await reader.page.getByText('Your read key shows numbers only.').waitFor();
    await reader.page.context().close();

    const { page } = await openTab(dashboard, view, asAdmin);
    await settled(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as JSON' }).click(),
    ]);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({
      asked: 'to <b>erase</b>',
      interactions: [{ name: 'view_item' }],
    });
    await page.getByRole('button', { name: 'Erase this person' }).click();
    const erase = page.getByRole('button', { name: 'Erase for good' });
    await page.getByLabel('To go on, type the id').fill('someone else');
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel('To go on, type the id').fill('to <b>erase</b>');
    expect(await violations(page)).toEqual([]);
    await erase.click();
    await page.getByText('Done: nothing of this person is stored').waitFor({ timeout: 120_000 });
    await page.getByText('Nothing is known of a person with this id.').waitFor();
    expect(urlOf(page)).toMatch(/^#\/people\/to%20%3Cb%3Eerase%3C%2Fb%3E\/erased\/[\w-]+/);
    await page.context().close();
  });

  test('keys: R, X, /, Esc and ?', async () => {
    const { page, complaints } = await openTab(dashboard, '/overview?range=7d&metric=orders', asAdmin);
    await settled(page);
    await page.keyboard.press('r');
    await page.getByRole('heading', { level: 1, name: 'Live' }).waitFor();
    await page.keyboard.press('r');
    await page.getByLabel('Compare with').waitFor();
    expect(urlOf(page)).toBe('#/overview?range=7d');

    for (const [value, label] of [
      ['year', 'A year before'],
      ['weekday', 'A year before, same weekdays'],
      ['none', 'No comparison'],
      ['previous', 'Previous period'],
    ]) {
      await page.keyboard.press('x');
      await expectShown(() => page.getByLabel('Compare with').inputValue(), value!);
      expect(await page.getByLabel('Compare with').locator('option:checked').textContent()).toBe(label);
    }
    await page
      .getByRole('button', { name: /^Orders/ })
      .first()
      .click();
    await stands(page, '#/overview?range=7d&compare=previous&metric=orders');
    await page.keyboard.press('Escape');
    await stands(page, '#/overview?range=7d&compare=previous');

    await page.keyboard.press('/');
    await page.keyboard.type('rx?');
    expect(await page.getByRole('searchbox').inputValue()).toBe('rx?');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('r');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await stands(page, '#/overview?range=7d&compare=previous');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('site, days, comparison and metric stand in the address, and survive a reload and going back', async () => {
    const { page, complaints } = await openTab(dashboard, '/overview');
    await settled(page);
    await page.getByLabel('Site').selectOption('outlet');
    await page.getByLabel('Days', { exact: true }).selectOption('Last 7 days');
    await page.getByLabel('Compare with').selectOption('A year before');
    await stands(page, '#/overview?site=outlet&range=7d&compare=year');
    await page.reload();
    await settled(page);
    expect(await page.getByLabel('Site').inputValue()).toBe('outlet');
    expect(await page.getByLabel('Days', { exact: true }).inputValue()).toBe('7d');
    expect(await page.getByLabel('Compare with').inputValue()).toBe('year');
    await page.getByRole('link', { name: 'Products', exact: true }).click();
    await stands(page, '#/products?site=outlet&range=7d&compare=year');
    await page.getByLabel('Site').selectOption('demo');
    await page.getByRole('link', { name: 'Green tea' }).click();
    await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
    await stands(page, '#/products/tea%2F1?site=demo&range=7d&compare=year');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor({ state: 'attached' });
    expect(urlOf(page)).toBe('#/overview?site=outlet&range=7d&compare=year');
    expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([]);
    await page.context().close();
  });
});

describe('signing in', () => {
  test('signing in by the form keeps the key in the tab, and signing out forgets it and the view', async () => {
    const { page } = await openTab(dashboard, '/overview', { key: 'unknown' });
    await page.getByRole('alert').getByText('This key is unknown, or it has ended.').waitFor();
    expect(await violations(page)).toEqual([]);
    await signIn(page, 'demo-read-key');
    await settled(page);
    expect(await kept(page)).toEqual({ tab: 'demo-read-key', device: undefined });
    await page.reload();
    await settled(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Read key, or admin key').waitFor();
    expect(await kept(page)).toEqual({ tab: undefined, device: undefined });
    expect(page.url()).toBe(`${stack.url}/`);
    await page.context().close();
  });

  test('a key that is kept on the device opens further tabs, and signing out in one closes all', async () => {
    const { page } = await openTab(dashboard, '/overview', { key: 'unknown' });
    await page.getByLabel('Keep me signed in on this device').check();
    await signIn(page, 'demo-admin-key');
    await settled(page);
    const second = await page.context().newPage();
    await second.goto(stack.url);
    await settled(second);
    await second.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Read key, or admin key').waitFor();
    expect(await kept(page)).toEqual({ tab: undefined, device: undefined });
    await page.context().close();
  });

  test('a link that is opened over an open page signs in with its key, which stays in no address', async () => {
    const { page, complaints } = await openTab(dashboard, '/overview?range=7d', { key: 'demo-read-key' });
    await settled(page);
    await page.goto(`${stack.url}/#key=${INSTALLATION_KEY}/settings/sites`);
    await page.getByRole('heading', { name: 'New site' }).waitFor();
    expect(page.url()).toBe(`${stack.url}/#/settings/sites`);
    await page.goBack();
    expect(page.url()).not.toContain('key=');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('asking', () => {
  test('live shows an event soon after it came, and names no person on the wall', async () => {
    const { page, complaints } = await openTab(dashboard, '/live', asAdmin);
    await settled(page);
    const send = (term: string) =>
      stack.send('demo-write-key', [{ name: 'search', user_id: 'searching', search_term: term }]);
    await send('oolong');
    const row = page.locator('.stream li');
    await row.filter({ hasText: 'Searched for “oolong”' }).waitFor({ timeout: 60_000 });
    expect(await row.filter({ hasText: 'oolong' }).textContent()).toContain('searching');
    await page.getByRole('button', { name: 'Full screen, for the wall' }).click();
    await stands(page, '#/live?wall=1');
    await send('white tea');
    await row.filter({ hasText: 'Searched for “white tea”' }).waitFor({ timeout: 60_000 });
    expect(await row.filter({ hasText: 'white tea' }).textContent()).not.toContain('searching');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('what has not changed is not sent again', async () => {
    const { page } = await openTab(dashboard, '/overview?range=today', asAdmin);
    const statuses: number[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/v1/overview')) statuses.push(response.status());
    });
    await waitFor('answers without a body', () => statuses.filter((status) => status === 304).length >= 3);
    expect(statuses).toContain(200);
    await page.context().close();
  });

  test('a hidden page does not ask, and asks again when it is seen', async () => {
    const { page } = await openTab(dashboard, '/live', asAdmin);
    await settled(page);
    let requests = 0;
    let answers = 0;
    page.on('request', () => requests++);
    page.on('requestfinished', () => answers++);
    page.on('requestfailed', () => answers++);
    await waitFor('the page to ask', () => requests >= 4);
    const turn = (state: 'hidden' | 'visible') =>
      page.evaluate((next) => {
        const { document } = globalThis as unknown as { document: EventTarget };
        Object.defineProperty(document, 'visibilityState', { value: next, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await turn('hidden');
    await waitFor('what was asked to be answered', () => answers >= requests);
    const before = requests;
    // Three times as long as it waits between two questions.
    await page.waitForTimeout(6_000);
    expect(requests).toBe(before);
    await turn('visible');
    await waitFor('the page to ask again', () => requests >= before + 4);
    await page.context().close();
  });

  test('without a network the last numbers stay, greyed, until it is back', async () => {
    const { page } = await openTab(dashboard, '/overview?range=today', asAdmin);
    await settled(page);
    const orders = await figure(page, 'Orders');
    expect(Number(orders)).toBeGreaterThan(0);
    await page.context().setOffline(true);
    const state = page.locator('.freshness [role=status]');
    await expectShown(
      async () =>
        /^Footfall cannot be reached; numbers of \d\d:\d\d:\d\d$/.test((await state.textContent())!),
      true,
    );
    await expectShown(() => page.locator('.metric strong.outdated').count(), 8);
    expect(await figure(page, 'Orders')).toBe(orders);
    expect(await violations(page)).toEqual([]);
    await page.context().setOffline(false);
    await expectShown(() => state.textContent(), 'Complete');
    await expectShown(() => page.locator('.outdated').count(), 0);
    expect(await figure(page, 'Orders')).toBe(orders);
    await page.context().close();
  });

  test('what a page keeps going does not grow while it is left open', async () => {
    const { page } = await openTab(dashboard, '/live', asAdmin);
    await settled(page);
    let requests = 0;
    page.on('request', () => requests++);
    await waitFor('the page to ask', () => requests >= 4);
    const session = await page.context().newCDPSession(page);
    const kept = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
      return { nodes, jsEventListeners };
    };
    await kept();
    const before = await kept();
    const asked = requests;
    await waitFor('the page to ask twenty times more', () => requests >= asked + 20, { timeoutMs: 120_000 });
    const after = await kept();
    expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.2 + 50);
    expect(after.jsEventListeners).toBeLessThanOrEqual(before.jsEventListeners * 1.2 + 10);
    await page.context().close();
  });
});

test('no key stands in a log of the server', () => {
  const logs = readdirSync(stack.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  expect(logs.join('').length).toBeGreaterThan(0);
  for (const key of ['demo-admin-key', 'demo-read-key', 'demo-write-key', INSTALLATION_KEY]) {
    expect(logs.some((text) => text.includes(key))).toBe(false);
  }
});
