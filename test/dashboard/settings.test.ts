import type { Page } from 'playwright-core';
import { startStack } from '../examples/stack.ts';
import { openChromium } from '../support/chromium.ts';
import { INSTALLATION_KEY, openTab, settled, violations } from './dashboard.ts';

/** What a shop does in the settings, in the order in which it does it: a site of its own, from nothing to a shared link. */

const stack = await startStack({ isEmpty: true });
const dashboard = { stack, browser: await openChromium() };
const SITE = 'teashop';
const asOperator = { headers: { authorization: `Bearer ${INSTALLATION_KEY}` } };
/** Refusals are part of these tests, and the browser complains of each. */
const unexpected = (complaints: string[]) => complaints.filter((text) => !text.includes('status of 4'));

let operator: Page;
let complaints: string[];
let keys: Record<'write' | 'read' | 'admin', string>;

const goTo = async (page: Page, part: string) => {
  await page.getByRole('link', { name: part, exact: true }).click();
  await settled(page);
};

beforeAll(async () => {
  ({ page: operator, complaints } = await openTab(dashboard, '/'));
  await settled(operator);
});

afterAll(() => expect(unexpected(complaints)).toEqual([]));

test('an empty installation has a form for its first site, which says what is wrong beside its field', async () => {
  await operator.getByRole('heading', { name: 'Make the first site' }).waitFor();
  expect(await violations(operator)).toEqual([]);
  await operator.getByLabel('Id', { exact: true }).fill('No Id');
  await operator.getByRole('button', { name: 'Make the site' }).click();
  await operator.locator('.field', { hasText: 'up to 64 characters: a-z' }).getByLabel('Id').waitFor();
  await operator.getByLabel('Id', { exact: true }).fill(SITE);
  await operator.getByLabel('Name', { exact: true }).fill('<b>Tea</b>');
  await operator.getByRole('button', { name: 'Make the site' }).click();
  await operator.getByText('Copy the keys now.').waitFor();
  const [write, read, admin] = await operator.locator('.shown-once pre').allTextContents();
  keys = { write: write!, read: read!, admin: admin! };
  expect(Object.values(keys).map((key) => key.slice(0, 4))).toEqual(['ffw_', 'ffr_', 'ffa_']);
  await operator.getByRole('button', { name: /Open it/ }).click();
  await operator.getByRole('heading', { name: 'Settings of <b>Tea</b>' }).waitFor();
});

test('the snippet has the new write key, and the check turns to yes with the first event', async () => {
  await operator.getByText('No event came today yet.').waitFor();
  expect(await operator.locator('pre').first().textContent()).toContain(
    `src="${stack.url}/f.js" data-key="${keys.write}"`,
  );
  await fetch(`${stack.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.write}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      events: [
        { name: 'view_item', user_id: 'ana', items: [{ item_id: 'x' }] },
        { name: 'no name!', user_id: 'ana' },
      ],
    }),
  });
  await operator.getByText('Yes, we see your events.').waitFor({ timeout: 60_000 });
  await operator.getByRole('rowheader', { name: 'invalid_event name' }).waitFor();
  expect(await violations(operator)).toEqual([]);
});

test('settings are changed, and refused beside their fields', async () => {
  await goTo(operator, 'Site');
  await operator.getByLabel('Keep numbers').fill('2');
  await operator.getByLabel('Web pages that may send').fill('https://tea.example\nnonsense');
  await operator.getByRole('button', { name: 'Save' }).click();
  await operator.locator('.field', { hasText: 'must be at least 3' }).getByLabel('Keep numbers').waitFor();
  await operator.getByText('allowed_origins[1]').waitFor();
  await operator.getByLabel('Keep numbers').fill('400');
  await operator.getByLabel('Web pages that may send').fill('https://tea.example');
  await operator.getByRole('button', { name: 'Save' }).click();
  await operator.getByText('Saved.').waitFor();
  const answer = await fetch(`${stack.url}/v1/sites/${SITE}`, {
    headers: { authorization: `Bearer ${keys.admin}` },
  });
  expect(await answer.json()).toMatchObject({
    data: { retention_days: 400, allowed_origins: ['https://tea.example'] },
  });
});

test('a measurement id of another site is taken over', async () => {
  const made = await fetch(`${stack.url}/v1/sites`, {
    method: 'POST',
    headers: { ...asOperator.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'other', currency: 'EUR', measurement_ids: ['G-DEMO123456'] }),
  });
  expect(made.status).toBe(201);
  await goTo(operator, 'Measurement ids');
  await operator.getByRole('textbox', { name: 'Ids' }).fill('G-DEMO123456');
  await operator.getByRole('button', { name: 'Save' }).click();
  await operator.getByRole('button', { name: 'Take it over' }).click();
  await operator.getByText('Saved.').waitFor();
  const sites = (await (await fetch(`${stack.url}/v1/sites`, asOperator)).json()) as {
    data: { sites: { id: string; measurement_ids: string[] }[] };
  };
  const having = sites.data.sites.filter(({ measurement_ids }) => measurement_ids.includes('G-DEMO123456'));
  expect(having.map(({ id }) => id)).toEqual([SITE]);
});

test('a funnel is defined, shows how often its steps happened, and is removed', async () => {
  await goTo(operator, 'Funnels');
  await operator.getByText('1 in the last 28 days').waitFor();
  await operator.getByLabel('Name', { exact: true }).fill('Té verde');
  expect(await operator.getByLabel('Id', { exact: true }).inputValue()).toBe('te-verde');
  await operator.getByRole('button', { name: 'Define the funnel' }).click();
  await operator.getByText('Defined. It counts from now on.').waitFor();
  await operator.getByRole('button', { name: 'Remove Té verde' }).click();
  await operator.getByRole('button', { name: 'Remove it' }).click();
  await operator.getByRole('rowheader', { name: 'Té verde' }).waitFor({ state: 'detached' });
  const answer = await fetch(`${stack.url}/v1/funnels?site=${SITE}`, asOperator);
  expect(await answer.json()).toMatchObject({ data: { funnels: [{ id: 'shop' }] } });
});

test('a key is rotated, and the new one works at once', async () => {
  await goTo(operator, 'Keys');
  await operator
    .getByRole('row', { name: /^Read key/ })
    .getByRole('button', { name: 'Rotate' })
    .click();
  await operator.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  const key = await operator.locator('.shown-once pre').textContent();
  const answer = await fetch(`${stack.url}/v1/access`, { headers: { authorization: `Bearer ${key}` } });
  expect(await answer.json()).toMatchObject({ data: { kind: 'read', sites: [{ id: SITE }] } });
});

test('a shared link shows the same view, makes no further links, and signs out when it is ended', async () => {
  await operator.getByRole('link', { name: 'Overview' }).click();
  await operator.getByRole('button', { name: 'Share' }).click();
  await operator.getByLabel('For whom').fill('Anna');
  await operator.getByRole('button', { name: 'Make the link' }).click();
  const link = await operator.locator('.shown-once pre').textContent();
  expect(link).toMatch(/#key=ffr_\w{24}\/overview\?site=teashop$/);
  expect(await violations(operator)).toEqual([]);
  const [, key, view] = /#key=(\w+)(.*)$/.exec(link!)!;
  const { page } = await openTab(dashboard, view!, { key: key! });
  await settled(page);
  expect(page.url()).toBe(`${stack.url}/#${view}`);
  expect(await page.getByRole('button', { name: 'Share' }).count()).toBe(0);
  await goTo(page, 'Settings');
  await page.getByText('You are signed in with a read key').waitFor();

  await operator.getByRole('button', { name: 'End Anna' }).click();
  await operator.getByRole('button', { name: 'End the key' }).click();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page
    .getByRole('alert')
    .getByText('You are signed out: the key was ended.')
    .waitFor({ timeout: 60_000 });
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});
