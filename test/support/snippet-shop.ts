import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites } from '../../shared/sites/site.ts';
import { openChromium } from './chromium.ts';
import { closing } from './closing.ts';
import { collecting } from './collecting.ts';
import { gatewayTo, listen } from './serve.ts';
import { siteOf } from './shop.ts';
import { waitFor } from './wait-for.ts';

/**
 * A shop with the snippet in a real Chromium, sending to the collect function on another origin. Its hooks give each
 * test a fresh browser context and empty records of what was sent.
 */

const { buildSnippet } = createRequire(import.meta.url)('../../deploy/snippet.cjs') as {
  buildSnippet: () => void;
};
buildSnippet();

/** What the brokers would have; duplicates stay, as they do there. */
export let published: FootfallEvent[] = [];
/** Each request for events: how it came, and with what. */
export let requests: {
  method: string;
  type: string | undefined;
  cookie: string | undefined;
  dest: unknown;
}[] = [];
type Answer = (response: ServerResponse) => boolean;
let answer: Answer | undefined;
/** Lets a test answer requests for events itself; the collect function answers those it returns false for. */
export const answerWith = (own: Answer | undefined) => {
  answer = own;
};

const gateway = gatewayTo(
  collecting(new Sites([siteOf('shop')]), async (events) => {
    published.push(...events);
  }),
);
export const collectPort = await listen((incoming, outgoing) => {
  if (incoming.url!.startsWith('/v1/events')) {
    const { 'content-type': type, cookie, 'sec-fetch-dest': dest } = incoming.headers;
    requests.push({ method: incoming.method!, type, cookie, dest });
    if (answer?.(outgoing)) return incoming.resume();
  }
  return gateway(incoming, outgoing);
});

/** The snippet's tag with these attributes, after a stub that keeps early calls. */
const tag = (attributes = '') =>
  `<script async src="http://localhost:${collectPort}/f.js" data-key="shop-write-key" ${attributes}></script>`;
const STUB =
  '<script nonce="stub">window.footfall=window.footfall||function(){(footfall.q=footfall.q||[]).push(arguments)}</script>';
const HEADERS = {
  'content-type': 'text/html',
  // A strict shop: nothing inline but the stub, no eval, and the one other origin.
  'content-security-policy': `default-src 'self'; script-src 'nonce-stub' http://localhost:${collectPort}; connect-src http://localhost:${collectPort}`,
};
const shopPort = await listen((incoming, outgoing) => {
  const url = new URL(incoming.url!, 'http://shop');
  if (url.pathname === '/favicon.ico') return outgoing.writeHead(204).end();
  const body = url.pathname === '/plain' ? '' : STUB + tag(url.searchParams.get('with') ?? '');
  const early = url.searchParams.has('early')
    ? '<script nonce="stub">footfall("search",{search_term:"tea"});footfall("identify","ada")</script>'
    : url.searchParams.has('refused')
      ? '<script nonce="stub">footfall("consent",false)</script>'
      : '';
  return outgoing
    .writeHead(200, HEADERS)
    .end(`<!doctype html><title>Shop</title>${early ? STUB + early : ''}${body}`);
});
export const SHOP = `http://127.0.0.1:${shopPort}`;
/** Where a page of the shop is, with these attributes of the snippet's tag. */
export const shopUrl = (path: string, attributes = '') =>
  `${SHOP}${path}${path.includes('?') ? '&' : '?'}with=${encodeURIComponent(attributes)}`;

const browser = await openChromium();
export let context: BrowserContext;
/** Errors that the test's pages reported. */
export let complaints: string[] = [];

function watched(page: Page): Page {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return page;
}
/** A page of the test's browser; what it complains of is kept. */
export const newPage = async () => watched(await context.newPage());

beforeEach(async () => {
  published = [];
  requests = [];
  complaints = [];
  answer = undefined;
  context = await browser.newContext();
});
afterEach(() => context.close());
closing(undefined, () => context?.close());

/** Waits until the brokers have this many events. */
export const arrived = (count: number) => waitFor(`${count} events`, () => published.length >= count);
/** Runs in the page; `footfall` is there. */
export const call = (page: Page, ...args: unknown[]) =>
  page.evaluate(
    (given) => (globalThis as never as { footfall(...all: unknown[]): void }).footfall(...given),
    args,
  );
/** Changes the address as a program in the page does. */
export const goTo = (page: Page, how: 'pushState' | 'replaceState', path: string) =>
  page.evaluate(
    ([method, to]) => {
      const { history } = globalThis as never as { history: Record<string, (...all: unknown[]) => void> };
      history[method!]!({}, '', to);
    },
    [how, path],
  );
/** Waits longer than the snippet waits before it sends. */
export const settled = async (page: Page) => {
  await page.waitForTimeout(1_500);
};
