import type { Page } from 'playwright-core';
import { startStack } from '../examples/stack.ts';
import { openChromium } from '../support/chromium.ts';
import { INSTALLATION_KEY, openTab, settled, violations } from './dashboard.ts';

/** Where the key is, and where it is not. */

const stack = await startStack();
const dashboard = { stack, browser: await openChromium() };

const kept = (page: Page) =>
  page.evaluate(() => {
    const { sessionStorage, localStorage } = globalThis as unknown as Record<string, Record<string, string>>;
    return { tab: sessionStorage!['footfall.key'], device: localStorage!['footfall.key'] };
  });
const signIn = async (page: Page, key: string) => {
  await page.getByLabel('Read key, or admin key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

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
