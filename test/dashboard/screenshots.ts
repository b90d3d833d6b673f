import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { runCommand } from '../../local/command.ts';
import { LAPTOP_ADMIN_KEY } from '../../local/laptop-admin-key.ts';
import { startServices } from '../../local/services/services.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { startFunctions } from '../../local/start/start-functions.ts';
import { type Started, stopAll } from '../../local/start/stop-all.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { launchChromium } from '../support/launch-chromium.ts';
import { waitFor } from '../support/wait-for.ts';
import { mistakes, REGULAR, teaShop } from './tea-shop.ts';

/**
 * `npm run screenshots`: takes the pictures of docs/images from the dashboard of a tea shop, with a Kafka, a Redis and
 * functions of its own. The shop is the same each time; only the dates are those of today.
 */

const OUT = join(import.meta.dirname, '../../docs/images');
const WRITE_KEY = 'leaf-write-key';

interface Picture {
  name: string;
  view: string;
  width?: number;
  height?: number;
  scheme?: 'dark';
  /** What is done before the picture is taken. */
  prepare?(page: Page): Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', view: '/overview?range=28d' },
  { name: 'overview-dark', view: '/overview?range=28d&metric=orders', scheme: 'dark' },
  { name: 'phone', view: '/overview?range=28d', width: 390, height: 844 },
  { name: 'product', view: '/products/sencha?range=28d', height: 800 },
  { name: 'person', view: `/people/${REGULAR}`, height: 1_000 },
  { name: 'system', view: '/system', height: 1_000 },
  {
    ...{ name: 'letters', view: '/letters?reason=invalid', height: 1_000 },
    prepare: async (page) => {
      await page
        .getByRole('row', { name: /purchase/ })
        .getByRole('link')
        .click();
      await page.getByRole('textbox', { name: /quantity/ }).fill('2');
    },
  },
  { name: 'settings', view: '/settings/events' },
  { name: 'live', view: '/live', height: 800 },
];

async function main(): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'footfall-screenshots-'));
  const started: Started[] = [];
  try {
    const url = await startShop(dataDir, started);
    const browser = await launchChromium();
    started.push({ name: 'Chromium', stop: () => browser.close() });
    await mkdir(OUT, { recursive: true });
    for (const picture of PICTURES) await take(browser, url, picture);
    return 0;
  } finally {
    for (const failure of await stopAll(started, console.log)) console.error(failure);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function startShop(dataDir: string, started: Started[]): Promise<string> {
  console.log('Starting Kafka, Redis and the functions…');
  const services = await startServices({ dataDir, mode: 'embedded', log: console.log });
  started.push({ name: 'Kafka and Redis', stop: services.stop });
  const env = {
    ...process.env,
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    REDIS_URL: services.redisUrl,
  };
  const config = readConfig(env);
  await ensureTopics(config.kafka);
  const shop = { id: 'leaf', name: 'Leaf & Kettle', zone: 'Europe/Madrid', currency: 'EUR' };
  const keys = [storedKey('write', WRITE_KEY, Date.now())];
  await addSites(config, [siteSchema.parse({ ...shop, keys })]);
  const { functions, output } = await startFunctions({ dataDir, port: undefined, env, onOutput: () => {} });
  started.push({ name: "the functions' log", stop: output.stop });
  started.push({ name: 'the functions', stop: () => functions.stop() });
  const url = `http://localhost:${functions.port}`;

  const now = Date.now();
  const events = [...teaShop(now), ...mistakes(now)];
  console.log(`Sending ${events.length} events…`);
  for (let from = 0; from < events.length; from += 400) await send(url, events.slice(from, from + 400));
  await waitFor('all events to be counted', () => isComplete(url), { timeoutMs: 600_000, everyMs: 1_000 });
  return url;
}

async function send(url: string, events: object[]): Promise<void> {
  const headers = { authorization: `Bearer ${WRITE_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ events });
  const response = await fetch(`${url}/v1/events`, { method: 'POST', headers, body });
  const { accepted = 0 } = (await response.json()) as { accepted?: number };
  if (accepted === 0) throw new Error(`The events were refused with ${response.status}.`);
}

async function isComplete(url: string): Promise<boolean> {
  const { data } = (await (await fetch(`${url}/v1/health`)).json()) as {
    data: { freshness?: { complete: boolean | null } };
  };
  return data.freshness?.complete === true;
}

async function take(browser: Browser, url: string, picture: Picture): Promise<void> {
  const { name, view, width = 1_280, height = 900, scheme, prepare } = picture;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${url}/#key=${LAPTOP_ADMIN_KEY}${view}`);
  await page.locator('main h1, main h2').first().waitFor({ state: 'attached', timeout: 60_000 });
  await prepare?.(page);
  await waitFor('the page to be drawn', async () => (await page.locator('.skeleton').count()) === 0);
  // A busy machine may not say at once how complete the numbers are.
  await page.locator('.freshness.good').waitFor({ timeout: 60_000 });
  // Changes and rates need two answers.
  await sleep(4_000);
  await writeFile(join(OUT, `${name}.png`), await page.screenshot());
  console.log(`docs/images/${name}.png`);
  await context.close();
}

await runCommand(main);
