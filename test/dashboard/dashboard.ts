import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { type Stack, startStack } from '../examples/stack.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { openChromium } from '../support/chromium.ts';
import { readTopic } from '../support/read-topic.ts';
import { waitFor } from '../support/wait-for.ts';
import { shopStream } from './shop-stream.ts';

/** The dashboard in a real browser, served by the functions as `npm start` runs them, over a shop whose events are known. */

/** The installation's admin key on a laptop. */
export const INSTALLATION_KEY = 'footfall-admin-key';

export interface Dashboard {
  stack: Stack;
  browser: Browser;
  site: Site;
  /** A plain program that has read the same events from Kafka, and answers the same questions naively. */
  oracle: NaiveShop;
}

/**
 * Starts all of it, and waits until what the shop sent is counted.
 * @param streamOf what the shop sends. @param streamOf.now ms.
 */
export async function openDashboard(streamOf: (now: number) => object[] = shopStream): Promise<Dashboard> {
  const stack = await startStack();
  const site = stack.config.sites.find(({ id }) => id === 'demo')!;
  const now = Date.now();
  const events = streamOf(now);
  for (let from = 0; from < events.length; from += 400) {
    await stack.send('demo-write-key', events.slice(from, from + 400));
  }
  await counted(stack);
  const oracle = new NaiveShop(await eventsOf(stack, site), site, now);
  return { stack, browser: await openChromium(), site, oracle };
}

/** The events of a site as Kafka has them; none that partitions sent each other. */
export async function eventsOf(stack: Stack, site: Site): Promise<FootfallEvent[]> {
  const sent = (await readTopic(stack.config.kafka)).map(({ event }) => event);
  return sent.filter((event) => event.site === site.id && !('origin' in event));
}

/** Waits until everything that was accepted is in the answers. */
export const counted = (stack: Stack): Promise<unknown> =>
  waitFor('all events to be counted', async () => {
    const response = await fetch(`${stack.url}/v1/health`);
    const { data } = (await response.json()) as {
      data: { freshness?: { complete: boolean | null; applied: number } };
    };
    return data.freshness?.complete === true && data.freshness.applied > 0;
  });

export interface Tab {
  page: Page;
  /** What the page complained of: errors, refused scripts, requests to others. Must stay empty. */
  complaints: string[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Opens a page of the dashboard, signed in by a link.
 * @param view as it stands in the address behind `#`, such as `/overview?range=7d`.
 * @param options.language what the browser says of itself; by default its own
 */
export async function openTab(
  { stack, browser }: Pick<Dashboard, 'stack' | 'browser'>,
  view: string,
  options: { key?: string; width?: number; scheme?: 'light' | 'dark'; language?: string } = {},
): Promise<Tab> {
  const { key = INSTALLATION_KEY, width = 1280, scheme = 'light', language } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  if (language !== undefined) {
    await context.addInitScript((value) => {
      Object.defineProperty(Navigator.prototype, 'language', { get: () => value, configurable: true });
    }, language);
  }
  const page = await context.newPage();
  // A busy machine may need much longer than a person would wait.
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(stack.url).origin && !request.url().startsWith('blob:'))
      complaints.push(`asks ${origin}`);
    if (request.url().includes(key)) complaints.push(`a server sees the key: ${request.url()}`);
  });
  await page.goto(`${stack.url}/#key=${key}${view}`);
  return { page, complaints };
}

/** Waits until nothing of the page is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor({ state: 'attached', timeout: 60_000 });
  await waitFor('the page to be drawn', async () => (await page.locator('.skeleton').count()) === 0);
}

/** Violations of WCAG 2.2 A and AA and of good practice that axe finds, each as a line. */
export async function violations(page: Page): Promise<string[]> {
  // Not a script element: the page's policy allows only its own.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const scope = globalThis as never as {
      axe: {
        run(
          options: object,
        ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations } = await scope.axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}
