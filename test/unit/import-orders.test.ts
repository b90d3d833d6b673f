import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { type ImportFlags, planImport, readFlags } from '../../cli/import/plan.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

const NOW = Date.UTC(2026, 0, 15);
const sites = new Sites([
  siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 9000 }),
]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-orders-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns =
  'ts=when,user=customer,event=what,product=sku,price=price,quantity=qty,transaction=order,country=country,currency=cur,value=total';
const header = 'when,customer,what,sku,price,qty,order,country,cur,total';

async function eventsOf(rows: readonly string[], flags: Partial<ImportFlags> = { columns }) {
  const file = join(folder, 'orders.csv');
  writeFileSync(file, `${[header, ...rows].join('\n')}\n`);
  const plan = planImport(readFlags({ site: 'shop', ...flags }), sites);
  const survey = await surveyFile(file, plan, NOW);
  const events: FootfallEvent[] = [];
  const reasons: [number, string][] = [];
  for await (const batch of readBatches(file, plan, survey)) {
    events.push(...batch.events);
    reasons.push(...batch.rejects.map(({ line, reason }): [number, string] => [line, reason]));
  }
  return { events, reasons };
}

const row = (what: string, sku: string, price: string, qty: number, order: string, more = ',,', day = '01') =>
  `2025-12-${day} 10:00,ana,${what},${sku},${price},${qty},${order},${more}`;

describe('rows of one user with one transaction', () => {
  it('are one order, with what any of its rows says', async () => {
    const { events, reasons } = await eventsOf([
      row('purchase', 'SHOE', '59.90', 1, '#1', ',,', '02'),
      row('view_item', 'SHOE', '', 1, '#1'),
      row('purchase', 'SOCK', '4.95', 2, '#1', 'ES,,71.80'),
      row('purchase', 'LACE', '2.00', 1, '#1'),
    ]);
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([
      { name: 'view_item' },
      {
        id: 'purchase:#1',
        name: 'purchase',
        // The earliest row counts.
        ts: Date.UTC(2025, 11, 1, 9),
        transaction_id: '#1',
        currency: 'EUR',
        value: 7180,
        country: 'ES',
        items: [
          { id: 'SHOE', quantity: 1, amount: 5990 },
          { id: 'SOCK', quantity: 2, amount: 990 },
          { id: 'LACE', quantity: 1, amount: 200 },
        ],
      },
    ]);
  });

  it('are two orders when the users differ, and another event when the names do', async () => {
    const { events } = await eventsOf([
      row('purchase', 'SHOE', '59.90', 1, '#1'),
      row('purchase', 'SHOE', '59.90', 1, '#1').replace('ana', 'bo'),
      row('refund', 'SHOE', '59.90', 1, '#1'),
    ]);
    expect(events.map(({ name, user }) => [name, user])).toEqual([
      ['purchase', 'ana'],
      ['purchase', 'bo'],
      ['refund', 'ana'],
    ]);
  });

  it('without a user are a guest, whom the order identifies', async () => {
    const rows = [row('purchase', 'A', '1', 1, '#1'), row('purchase', 'B', '1', 1, '#1')];
    const { events } = await eventsOf(rows.map((line) => line.replace('ana', '')));
    expect(events).toMatchObject([{ user: 'order-#1', items: [{ id: 'A' }, { id: 'B' }] }]);
    expect(events[0]).not.toHaveProperty('known');
  });

  it('take from the row before what only the first of them says', async () => {
    const { events, reasons } = await eventsOf([
      '2025-12-01 10:00,ana,purchase,A,1,1,#1,ES,USD,3.00',
      ',,,B,2,1,#1,,,',
      '2025-12-01 11:00,bo,purchase,C,1,1,#2,,,',
      ',,,D,1,1,,,,',
    ]);
    expect(events).toMatchObject([
      { user: 'ana', currency: 'USD', value: 300, items: [{ amount: 100 }, { amount: 200 }] },
      { user: 'bo', currency: 'EUR', items: [{ amount: 100 }] },
    ]);
    expect(reasons).toEqual([[5, 'The time is blank.']]);
  });

  it('are in the currency that any of them names', async () => {
    const { events, reasons } = await eventsOf([
      row('purchase', 'A', '1', 1, '#1'),
      row('view_item', 'A', '', 1, ''),
      row('purchase', 'B', '2', 1, '#1', ',USD,'),
      row('purchase', 'A', '1', 1, '#2'),
      row('view_item', 'A', '', 1, ''),
      row('purchase', 'B', '2', 1, '#2', ',JPY,'),
    ]);
    expect(events.filter(({ name }) => name === 'purchase')).toMatchObject([
      { currency: 'USD', items: [{ amount: 100 }, { amount: 200 }] },
    ]);
    expect(reasons).toEqual([[7, 'Rows of order #2 (lines 5, 7) do not say that their prices are in JPY.']]);
  });

  it('with prices in two currencies are rejected', async () => {
    const { events, reasons } = await eventsOf([
      row('view_item', 'A', '', 1, ''),
      row('purchase', 'A', '1', 1, '#1', ',USD,'),
      row('purchase', 'B', '1', 1, '#1', ',EUR,'),
    ]);
    expect(events).toHaveLength(1);
    expect(reasons).toEqual([[4, 'The rows of order #1 (lines 3, 4) have prices in USD and in EUR.']]);
  });

  it('give the same orders in any order of the rows', async () => {
    const line = fc.record({
      order: fc.integer({ min: 1, max: 4 }),
      user: fc.constantFrom('ana', 'bo'),
      cents: fc.integer({ min: 1, max: 99_999 }),
      quantity: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (lines) => {
        const sums = new Map<string, number>();
        for (const { order, user, cents, quantity } of lines) {
          const key = `${user} ${order}`;
          sums.set(key, (sums.get(key) ?? 0) + cents * quantity);
        }
        const { events } = await eventsOf(
          lines.map(({ order, user, cents, quantity }, n) =>
            row('purchase', `P${n}`, (cents / 100).toFixed(2), quantity, String(order)).replace('ana', user),
          ),
        );
        const found = events.map(({ user, transaction_id, items }): [string, number] => [
          `${user} ${transaction_id}`,
          items!.reduce((sum, { amount }) => sum + amount!, 0),
        ]);
        expect(new Map(found)).toEqual(sums);
        expect(found).toHaveLength(sums.size);
      }),
      { numRuns: 100 },
    );
  });
});

describe('lines with negative quantities', () => {
  it('are a refund when nothing was bought with them', async () => {
    const { events, reasons } = await eventsOf([
      row('purchase', 'A', '10.00', -2, '#1', ',,-20.00'),
      row('purchase', 'B', '5.00', -1, ''),
      row('refund', 'C', '7.00', -1, '#2'),
    ]);
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([
      { name: 'refund', transaction_id: '#1', value: 2000, items: [{ id: 'A', quantity: 2, amount: 2000 }] },
      { name: 'refund', items: [{ id: 'B', quantity: 1, amount: 500 }] },
      { name: 'refund', transaction_id: '#2', items: [{ id: 'C', quantity: 1, amount: 700 }] },
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
  });

  it('are a refund beside the order of the other lines, at their own time', async () => {
    const { events } = await eventsOf([
      row('purchase', 'A', '10.00', 3, '#1', ',,22.00'),
      row('purchase', 'B', '8.00', -1, '#1', ',,', '03'),
    ]);
    expect(events).toMatchObject([
      { id: 'purchase:#1', name: 'purchase', value: 3000, items: [{ id: 'A', quantity: 3, amount: 3000 }] },
      {
        id: 'refund:purchase:#1',
        name: 'refund',
        ts: Date.UTC(2025, 11, 3, 9),
        transaction_id: '#1',
        items: [{ id: 'B', quantity: 1, amount: 800 }],
      },
    ]);
    expect(events[1]).not.toHaveProperty('value');
  });

  it('name no order when they are worth more than it', async () => {
    const { events } = await eventsOf([
      row('purchase', 'A', '10.00', 1, '#1'),
      row('purchase', 'B', '80.00', -1, '#1'),
    ]);
    expect(events).toMatchObject([{ items: [{ amount: 1000 }] }, { items: [{ amount: 8000 }] }]);
    expect(events[1]).not.toHaveProperty('transaction_id');
  });

  it('are rejected in other events, and so is an order that is worth less than nothing', async () => {
    const { events, reasons } = await eventsOf([
      row('add_to_cart', 'A', '10.00', -1, ''),
      row('purchase', 'A', '-10.00', 1, '#1'),
      row('purchase', 'A', '10.00', 1, '#2'),
      row('purchase', 'DISCOUNT', '-2.00', 1, '#2'),
    ]);
    expect(events).toMatchObject([{ items: [{ amount: 1000 }, { amount: -200 }] }]);
    expect(reasons.map(([line]) => line)).toEqual([2, 3]);
  });
});

describe('the totals of the rows of an order', () => {
  it('are one total when they are equal, and a line total by mistake when they differ', async () => {
    const { events, reasons } = await eventsOf([
      row('purchase', 'A', '1.00', 1, '#1', ',,3.00'),
      row('purchase', 'B', '2.00', 1, '#1', ',,3.00'),
      row('purchase', 'A', '1.00', 1, '#2', ',,1.00'),
      row('purchase', 'B', '2.00', 1, '#2', ',,2.00'),
    ]);
    expect(events).toMatchObject([{ value: 300 }]);
    expect(reasons).toEqual([
      [5, expect.stringMatching(/order #2 have different totals.*--columns amount=/)],
    ]);
  });
});

describe('what two values could mean', () => {
  it('is told from the whole file', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) =>
      row('view_item', `P${n}`, '"1,234"', 1, '').replace('2025-12-01', '03/04/2025'),
    );
    const decisive = row('purchase', 'P', '"12,50"', 1, '#1').replace('2025-12-01', '13/04/2025');
    const { events, reasons } = await eventsOf([...many, decisive]);
    expect(reasons).toEqual([]);
    expect(events[0]).toMatchObject({ ts: Date.UTC(2025, 3, 3, 8), items: [{ amount: 123 }] });
    expect(events.at(-1)).toMatchObject({ ts: Date.UTC(2025, 3, 13, 8), items: [{ amount: 1250 }] });
  });

  it('is rejected line by line, with the option, when a comma stays open', async () => {
    const { events, reasons } = await eventsOf([
      row('purchase', 'A', '"1,234"', 1, '#1'),
      row('purchase', 'B', '5', 1, '#2'),
    ]);
    expect(events).toHaveLength(1);
    expect(reasons).toEqual([
      [2, 'The price "1,234" could mean two numbers. Say which with --decimal "," or --decimal ".".'],
    ]);
    const comma = await eventsOf([row('purchase', 'A', '"1,234"', 1, '#1')], { columns, decimal: ',' });
    expect(comma.events).toMatchObject([{ items: [{ amount: 123 }] }]);
  });

  it('stops the import, with the option, when dates stay open', async () => {
    const rows = [row('purchase', 'A', '1', 1, '#1').replace('2025-12-01', '03/04/2025')];
    await expect(eventsOf(rows)).rejects.toMatchObject({
      code: 'ambiguous_dates',
      message: expect.stringMatching(/"03\/04\/2025 10:00" could be two dates.*--date-form/),
    });
    const { events } = await eventsOf(rows, { columns, dateForm: 'month-first' });
    expect(events).toMatchObject([{ ts: Date.UTC(2025, 2, 4, 9) }]);
  });
});
