import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { planImport, readFlags } from '../../cli/import/plan.ts';
import { runImport } from '../../cli/import/run.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

/** What spreadsheets and shop systems write. */
const NOW = Date.UTC(2026, 0, 15);
const sites = new Sites([
  siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 9000 }),
]);
const columns =
  'ts=date,user=who,event=what,product=sku,name=name,price=price,quantity=qty,transaction=order';
const plan = planImport(readFlags({ site: 'shop', columns }), sites);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-exports-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: string | Buffer, name = 'export.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function eventsOf(content: string | Buffer, name?: string) {
  const file = fileOf(content, name);
  const survey = await surveyFile(file, plan, NOW);
  const events: FootfallEvent[] = [];
  const reasons: string[] = [];
  for await (const batch of readBatches(file, plan, survey)) {
    events.push(...batch.events);
    reasons.push(...batch.rejects.map(({ reason }) => reason));
  }
  return { events, reasons };
}

const HEADER = 'date;who;what;sku;name;price;qty;order';
const row = (price: string, order = '1', name = 'Tea', sku = 'A') =>
  `31.12.2025;ana;purchase;${sku};${name};${price};2;${order}`;
const table = (rows: string[], lineEnd = '\r\n') => `${[HEADER, ...rows].join(lineEnd)}${lineEnd}`;

describe('a price', () => {
  it.each(['12,50 EUR', 'EUR 12,50', '12,50EUR', '12,50 €'])('%s is in euros', async (price) => {
    expect((await eventsOf(table([row(price)]))).events).toMatchObject([{ items: [{ amount: 2_500 }] }]);
  });

  it('without cents may have a dash for them', async () => {
    const { events } = await eventsOf(table([row('12,-'), row('3,50')]));
    expect(events).toMatchObject([{ items: [{ amount: 2_400 }, { amount: 700 }] }]);
  });

  it('in another currency than its line is rejected', async () => {
    const { events, reasons } = await eventsOf(table([row('12,50 USD'), row('1,00 EUR', '2')]));
    expect(events).toHaveLength(1);
    expect(reasons).toEqual(['The price "12,50 USD" is in USD, but the line is in EUR.']);
  });
});

describe('a file', () => {
  it('is unpacked by its content, whatever its name says', async () => {
    const content = table([row('12,50')]);
    expect((await eventsOf(gzipSync(content), 'export.csv')).events).toHaveLength(1);
    expect((await eventsOf(content, 'export.csv.gz')).events).toHaveLength(1);
  });

  it('that is a spreadsheet or another archive is an error', async () => {
    await expect(eventsOf('PK\u0003\u0004\u0014')).rejects.toMatchObject({
      code: 'unreadable_file',
      message: expect.stringMatching(/save the spreadsheet as CSV/),
    });
  });

  it('whose lines end with CR may have LF inside a field', async () => {
    const { events } = await eventsOf(table([row('12,50', '1', '"Tea\nred"'), row('1,00', '2')], '\r'));
    expect(events).toMatchObject([{ items: [{ name: 'Tea\nred' }] }, { items: [{ amount: 200 }] }]);
  });

  it('of which no order can be made is an error', async () => {
    const file = fileOf(table([row('-12,50')]));
    const rejectsFile = join(folder, 'rejects.ndjson');
    await expect(runImport({ file, plan, rejectsFile, now: NOW })).rejects.toMatchObject({
      code: 'nothing_understood',
      message: expect.stringMatching(/Line 2: The total of the order is negative/),
    });
  });
});

describe('orders', () => {
  it('with a placeholder for their number are not one order', async () => {
    const rows = ['0', 'null', 'undefined', '0'].map((order) => row('12,50', order));
    const { events } = await eventsOf(table(rows));
    expect(events.map((event) => event.transaction_id)).toEqual(Array(4).fill(undefined));
    expect(new Set(events.map(({ id }) => id)).size).toBe(4);
  });

  it('of more than 2,000 lines keep the value of all', async () => {
    const rows = Array.from({ length: 2_345 }, (_, n) => row('0,01', '1', 'Tea', `P${n}`));
    const { events, reasons } = await eventsOf(table(rows));
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([{ value: 4_690 }]);
    expect(events[0]!.items).toHaveLength(2_000);
  });
});
