import { join } from 'node:path';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { type ImportFlags, planImport, readFlags } from '../../cli/import/plan.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

/** Files as shops' systems export them, with invented data. */
const folder = join(import.meta.dirname, '../fixtures/imports');
const NOW = Date.UTC(2026, 0, 15);
const sites = new Sites([
  siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 9000 }),
]);

async function eventsOf(file: string, flags: Partial<ImportFlags>) {
  const plan = planImport(readFlags({ site: 'shop', ...flags }), sites);
  const survey = await surveyFile(join(folder, file), plan, NOW);
  const events: FootfallEvent[] = [];
  const reasons: [number, string][] = [];
  for await (const batch of readBatches(join(folder, file), plan, survey)) {
    events.push(...batch.events);
    reasons.push(...batch.rejects.map(({ line, reason }): [number, string] => [line, reason]));
  }
  return { events, reasons, survey };
}

describe("Shopify's orders export", () => {
  it('gives an order of its rows, guests without an account, and refunds', async () => {
    const { events, reasons } = await eventsOf('shopify-orders.csv', { preset: 'shopify' });
    expect(events).toMatchObject([
      {
        id: 'purchase:#1001',
        name: 'purchase',
        user: 'ana@shop.example',
        known: true,
        ts: Date.UTC(2025, 11, 1, 9, 15),
        transaction_id: '#1001',
        currency: 'EUR',
        value: 6970,
        country: 'ES',
        items: [
          { id: 'SHOE-42', name: 'Trail shoe - 42', brand: 'Acme', quantity: 1, amount: 5990 },
          { id: 'SOCK', quantity: 2, amount: 990 },
        ],
        ...{ coupon: 'WELCOME5', discount: 500, shipping: 490, tax: 1210, affiliation: 'web' },
        ...{ payment_type: 'Shopify Payments', shipping_tier: 'Standard' },
      },
      {
        name: 'purchase',
        user: 'order-#1002',
        transaction_id: '#1002',
        value: 2400,
        items: [{ id: 'Mug, "blue"\nlarge', quantity: 2, amount: 2400 }],
      },
      {
        id: 'refund:purchase:#1002',
        name: 'refund',
        user: 'order-#1002',
        transaction_id: '#1002',
        value: 1200,
      },
    ]);
    expect(events[1]).not.toHaveProperty('known');
    for (const field of ['items', 'tax', 'shipping', 'payment_type'])
      expect(events[2]).not.toHaveProperty(field);
    const reason = 'The order is voided, so it is not a sale.';
    expect(reasons).toEqual([
      [6, reason],
      [7, reason],
    ]);
  });
});

describe("WooCommerce's order exports", () => {
  it('of SkyVerge: totals of lines, quantities in decimals, refunds', async () => {
    const { events, reasons } = await eventsOf('woocommerce-orders.csv', { preset: 'woocommerce' });
    expect(events).toMatchObject([
      {
        user: '12',
        known: true,
        ts: Date.UTC(2025, 11, 1, 9, 15),
        transaction_id: '71',
        value: 3150,
        ...{ discount: 200, shipping: 500, tax: 0, payment_type: 'stripe', shipping_tier: 'Flat rate' },
        items: [
          { id: 'FAB', name: 'Fabric', quantity: 1.85, amount: 1850 },
          { id: '32', name: 'Needle', quantity: 2, amount: 800 },
        ],
      },
      { name: 'purchase', user: 'bo@shop.example', transaction_id: '72', value: 700 },
      { name: 'refund', user: 'bo@shop.example', transaction_id: '72', value: 700 },
    ]);
    expect(reasons).toEqual([[5, 'The order is failed, so it is not a sale.']]);
  });

  it('of AlgolPlus', async () => {
    const { events, reasons } = await eventsOf('woocommerce-advanced.csv', {
      preset: 'woocommerce-advanced',
    });
    expect(events).toMatchObject([
      {
        user: 'ana@shop.example',
        transaction_id: '81',
        value: 1400,
        country: 'ES',
        items: [
          { id: 'TEA', quantity: 2, amount: 900 },
          { id: 'CUP', quantity: 1, amount: 500 },
        ],
      },
    ]);
    expect(reasons).toEqual([[4, 'The order is Cancelled, so it is not a sale.']]);
  });
});

describe("GA4's export to BigQuery", () => {
  it('gives typed parameters, times in µs, items, and ids with all digits', async () => {
    const { events, reasons } = await eventsOf('ga4-bigquery.ndjson', { preset: 'ga4-bigquery' });
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([
      {
        name: 'page_view',
        user: '1092845.1764580500',
        ts: 1764580500123,
        session_id: '1764580500',
        backfill: true,
        country: 'Spain',
        ...{ device: 'mobile', os: 'Android', browser: 'Chrome' },
        ...{ source: 'news', medium: 'email', campaign: 'winter', channel: 'Email' },
        props: { page_title: 'Home' },
      },
      {
        name: 'purchase',
        user: '76561198012345671',
        known: true,
        transaction_id: 'T-1',
        currency: 'EUR',
        value: 6485,
        items: [
          { id: 'SHOE', name: 'Shoe', category: 'Shoes', quantity: 1, amount: 5990 },
          { id: 'Lace', quantity: 2, amount: 495 },
        ],
      },
      { name: 'refund', transaction_id: 'T-1', value: 500, currency: 'EUR' },
      { name: 'page_view', personless: true, page: 'https://shop.example/tea', device: 'mobile' },
    ]);
    expect(events[3]).not.toHaveProperty('engaged_ms');
    expect(events[1]!.items![0]).not.toHaveProperty('brand');
  });
});

describe("Matomo's visits", () => {
  it('give an event of each action, and orders with their items', async () => {
    const { events, reasons } = await eventsOf('matomo-visits.json', { preset: 'matomo' });
    expect(reasons).toEqual([]);
    const visitor = { user: '8ff2b86ec7d8b4b1', country: 'ES', device: 'mobile', browser: 'Firefox' };
    expect(events).toMatchObject([
      {
        ...visitor,
        name: 'view_item',
        ts: 1764580500000,
        items: [{ id: 'SHOE', name: 'Shoe', category: 'Shoes', amount: 5990 }],
        ...{ source: 'google', medium: 'organic', channel: 'Organic Search' },
      },
      { ...visitor, name: 'search', search_term: 'socks' },
      { ...visitor, name: 'play_started' },
      {
        ...visitor,
        name: 'purchase',
        transaction_id: 'M-1',
        value: 6980,
        items: [
          { id: 'SHOE', quantity: 1, amount: 5990 },
          { id: 'SOCK', quantity: 2, amount: 990 },
        ],
      },
      { name: 'page_view', user: 'ana', known: true, device: 'desktop' },
    ]);
    expect(events[4]).not.toHaveProperty('country');
    expect(new Set(events.map(({ id }) => id)).size).toBe(5);
  });
});

describe("Segment's raw messages", () => {
  it('are read as its HTTP API is', async () => {
    const { events, reasons } = await eventsOf('segment-messages.ndjson', { preset: 'segment' });
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([
      {
        id: 'm-1',
        name: 'page_view',
        user: 'a-1',
        ts: Date.UTC(2025, 11, 1, 9, 15),
        browser: 'Chrome',
        source: 'google',
      },
      {
        id: 'm-2',
        name: 'purchase',
        user: 'ana',
        transaction_id: 'S-1',
        value: 6485,
        items: [{ amount: 5990 }, { amount: 495 }],
      },
      { id: 'm-3', name: 'identify', user: 'a-1', identifies: 'ana' },
    ]);
  });
});

describe('a table of a spreadsheet', () => {
  const columns = 'ts=Datum,user=Kunde,event=Ereignis,product=Artikel,name=Name,quantity=Menge,price=Preis';

  it.each([
    ["Excel's CSV UTF-8", 'excel-utf8.csv', 'utf-8', ';'],
    ["Excel's CSV", 'excel-ansi.csv', 'windows-1252', ';'],
    ["Excel's Unicode text", 'excel-unicode.txt', 'utf-16le', '\t'],
    ["LibreOffice's CSV", 'libreoffice.csv', 'utf-8', ','],
  ])('of %s gives the same events', async (_, file, encoding, delimiter) => {
    const { events, reasons, survey } = await eventsOf(file, { columns });
    expect(reasons).toEqual([]);
    expect(survey.understanding.layout).toMatchObject({ encoding: { name: encoding }, delimiter });
    expect(events).toMatchObject([
      {
        user: 'Jürgen',
        ts: Date.UTC(2025, 11, 1, 9, 15),
        items: [{ id: 'K-250', name: 'Käse; jung "Extra"', quantity: 1.5, amount: 1875 }],
      },
      {
        user: 'Ana',
        ts: Date.UTC(2025, 11, 13, 9, 16),
        items: [{ id: 'W-1', quantity: 2, amount: 259_800 }],
      },
    ]);
  });
});
