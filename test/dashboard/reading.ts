import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { waitFor } from '../support/wait-for.ts';

/**
 * What a page says, as texts, and how numbers are written there. The writing is done again here, so that a fault of the
 * page's own formatting is seen.
 */

/** Waits until a page says this; the failure shows what it says instead. */
export async function expectShown<T>(read: () => Promise<T>, expected: T | (() => T)): Promise<void> {
  const wanted = () => (typeof expected === 'function' ? (expected as () => T)() : expected);
  const isThere = async () => isDeepStrictEqual(await read(), wanted());
  await waitFor('the page to say it', isThere, { timeoutMs: 30_000 }).catch(() => {});
  expect(await read()).toEqual(wanted());
}

/** The card of a number with this label. */
export const card = (page: Page, label: string): Locator =>
  page.locator('.metric').filter({ has: page.locator('.label').getByText(label, { exact: true }) });

export const figure = (page: Page, label: string): Promise<string | null> =>
  card(page, label).locator('strong').textContent();

/** The change that a card tells. */
export const changeOn = async (page: Page, label: string): Promise<string> =>
  (await card(page, label).locator('.change').textContent())!.trim();

interface Cell {
  textContent: string;
}

/** The cells of a table, row by row. @param caption what its caption begins with, or contains. */
export const rowsOf = (page: Page, caption: string): Promise<string[][]> =>
  page
    .locator('table')
    .filter({ has: page.locator('caption', { hasText: caption }) })
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) =>
      (rows as unknown as { children: Iterable<Cell> }[]).map(({ children }) =>
        [...children].map(({ textContent }) => textContent.trim()),
      ),
    );

/** What a button saves as a file. */
export async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFile(await download.path(), 'utf8');
}

export const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });

/** @param minor cents. */
export const money = (minor: number, sign = '€'): string =>
  `${minor < 0 ? '-' : ''}${sign}${(Math.abs(minor) / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}`;

export const percent = (rate: number | null): string =>
  rate === null
    ? '–'
    : rate.toLocaleString('en', { style: 'percent', maximumFractionDigits: Math.abs(rate) < 0.1 ? 2 : 1 });

/** How a change is told. */
export function changed(now: number | null, before: number | null): string {
  if (now === null || before === null) return '';
  if (before === 0) return now === 0 ? '' : 'from 0';
  const tenths = Math.round(((now - before) / Math.abs(before)) * 1_000);
  const size = percent(Math.abs(tenths) / 1_000);
  return tenths === 0 ? `no change,${size}` : tenths > 0 ? `▲ up${size}` : `▼ down${size}`;
}
