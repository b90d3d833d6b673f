import type { Page } from 'playwright-core';
import { waitFor } from '../support/wait-for.ts';
import { counted, INSTALLATION_KEY, openDashboard, openTab, settled, violations } from './dashboard.ts';
import { HOSTILE } from './shop-stream.ts';
import { dialogs, HOSTILE_VIEWS, VIEWS } from './views.ts';

/** What holds for every page. */

const dashboard = await openDashboard();
const { stack } = dashboard;

/** A letter of an event that is hostile in all of its parts. */
async function openLetter(): Promise<string> {
  const event = {
    ...{ name: HOSTILE[0], user_id: HOSTILE[1], page: `/${HOSTILE[3]}`, search_term: HOSTILE[5] },
    properties: { [HOSTILE[2]]: HOSTILE[6] },
  };
  await fetch(`${stack.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-write-key', 'content-type': 'application/json' },
    body: JSON.stringify({ events: [event] }),
  });
  const list = () =>
    stack.ask<{ letters: { letter: string }[] }>(INSTALLATION_KEY, '/v1/dead-letters?limit=1');
  const id = await waitFor('the letter', async () => (await list())?.letters[0]?.letter);
  await counted(stack);
  return id;
}
const letter = await openLetter();

/** Also after a test that failed: a page left open goes on asking. */
afterEach(() => Promise.all(dashboard.browser.contexts().map((context) => context.close())));

/**
 * Each page is looked at both ways by `npm run test:pages`. By `npm test` every other page is wide and light, and those
 * between are narrow and dark.
 */
const isBothWays = process.env.FOOTFALL_PAGES === 'both';

/** Nothing ran that an event says, and axe finds no fault. */
async function expectFaultless(page: Page): Promise<void> {
  expect(await page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)).toBeUndefined();
  expect(await violations(page)).toEqual([]);
}

/** The same page on a phone, in the dark: it never scrolls sideways. */
async function expectFaultlessOnPhone(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  const width = () =>
    page.locator('html').evaluate(({ scrollWidth }: { scrollWidth: number }) => scrollWidth);
  // Plots are drawn again a moment later.
  await waitFor('the page to be narrow', async () => (await width()) <= 360, { timeoutMs: 10_000 }).catch(
    () => {},
  );
  expect(await width()).toBeLessThanOrEqual(360);
  await expectFaultless(page);
}

/** @param index of the page among those of the test */
async function expectFaultlessEitherWay(page: Page, index: number): Promise<void> {
  if (isBothWays || index % 2 === 0) await expectFaultless(page);
  if (isBothWays || index % 2 === 1) await expectFaultlessOnPhone(page);
}

/** What asks for something that does not exist is answered with a 4xx, of which the browser complains. */
const unexpected = (complaints: string[]) => complaints.filter((text) => !text.includes('status of 404'));

describe('every page, wide and light, and on a phone in the dark: text stays text, no foreign request, no axe violation', () => {
  const views = [
    ...VIEWS.map((view) => [view, view] as const),
    ...HOSTILE_VIEWS.map((view) => [view, view] as const),
    ['a letter, by its fields', `/letters/${letter}`] as const,
    ['a letter, as JSON', `/letters/${letter}?edit=json`] as const,
  ];
  test.each(views.map((view, index) => [...view, index] as const))('%s', async (_, view, index) => {
    const { page, complaints } = await openTab(dashboard, view);
    await settled(page);
    await expectFaultlessEitherWay(page, index);
    expect(unexpected(complaints)).toEqual([]);
    await page.context().close();
  });

  test.each(Object.entries(dialogs(letter)).map(([name, dialog], index) => [name, dialog, index] as const))(
    '%s',
    async (_, { view, key, open }, index) => {
      const { page, complaints } = await openTab(dashboard, view, key === undefined ? {} : { key });
      await settled(page);
      await open(page);
      await page.getByRole('dialog').waitFor();
      await settled(page);
      await expectFaultlessEitherWay(page, index);
      expect(unexpected(complaints)).toEqual([]);
      await page.context().close();
    },
  );

  test('signing in', async () => {
    const { page } = await openTab(dashboard, '/overview', { key: 'unknown' });
    await page.getByRole('alert').waitFor();
    await expectFaultless(page);
    await expectFaultlessOnPhone(page);
    await page.context().close();
  });

  test('opened on a phone', async () => {
    const { page, complaints } = await openTab(dashboard, '/overview?range=28d', {
      width: 360,
      scheme: 'dark',
    });
    await settled(page);
    await expectFaultlessOnPhone(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the page itself', () => {
  test('stands in no frame and lets no foreign or inline script run', async () => {
    const response = await fetch(`${stack.url}/`);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  test.each([
    ['once', 1, 'Pages of the runbook'],
    ['for good', Infinity, 'Load the page again'],
  ])('fetches the runbook again when that fails %s', async (_, failures, shown) => {
    const { page } = await openTab(dashboard, '/overview');
    await settled(page);
    let asked = 0;
    await page.route('**/assets/runbook*', (route) =>
      ++asked <= failures ? route.abort() : route.continue(),
    );
    await page.evaluate("location.assign('#/system/runbook')");
    const name = { name: shown };
    await page.getByRole('navigation', name).or(page.getByRole('button', name)).waitFor();
    expect(asked).toBeGreaterThan(1);
  });

  test('shows the page that an alarm links to, without a key', async () => {
    const page = await dashboard.browser.newPage();
    await page.goto(`${stack.url}/#/system/runbook?page=Redis+is+full`);
    await page.getByRole('heading', { name: 'Redis is full' }).waitFor();
    await page.getByRole('link', { name: 'Sizing' }).or(page.getByText('How to look').first()).waitFor();
    await expectFaultless(page);
    await page.getByRole('link', { name: 'API fails' }).first().click();
    await page.getByRole('heading', { name: 'API fails' }).waitFor();
    await page.getByRole('link', { name: /^Sign in/ }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });

  test('weighs less than 120 kB', async () => {
    const page = await (await fetch(`${stack.url}/`)).text();
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThanOrEqual(3);
    let bytes = page.length;
    for (const file of files) {
      const response = await fetch(`${stack.url}${file}`, { headers: { 'accept-encoding': 'gzip' } });
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-encoding')).toBe('gzip');
      bytes += Number(response.headers.get('content-length'));
    }
    expect(bytes).toBeLessThan(120_000);
  });

  test.each(['/assets/nothing.js', '/assets/..%2f..%2fopenapi.json', '/assets/%2e%2e%2findex.html'])(
    '%s is not found',
    async (path) => {
      const response = await fetch(`${stack.url}${path}`);
      expect(response.status).toBe(404);
    },
  );
});
