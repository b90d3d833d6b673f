import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DateTime } from 'luxon';
import { readBatches, surveyFile } from '../../local/import/batches.ts';
import { planImport } from '../../local/import/plan.ts';
import { Sites, siteSchema } from '../../shared/sites.ts';

/**
 * The import's events, added up, against test/oracle/online_retail.py. The whole file (UCI Online Retail, not
 * part of this repository) is compared where it is present; a small one with all its oddities always.
 */
const root = resolve(import.meta.dirname, '../..');
const sample = join(root, 'test/fixtures/online-retail-sample.csv');
const whole = process.env.FOOTFALL_ONLINE_RETAIL ?? resolve(root, '../shared/data/online-retail.csv.gz');
const sites = new Sites([siteSchema.parse({ id: 'retail', zone: 'Europe/London', retention_days: 36_500 })]);

async function addUp(file: string) {
  const plan = planImport({ site: 'retail', preset: 'online-retail' }, sites);
  const survey = await surveyFile(file, plan, Date.now());
  const totals = { lines: 0, rejected: 0, orders: 0, refunds: 0, gross_revenue: 0, refunded: 0 };
  const customers = new Set<string>();
  const products = new Set<string>();
  const months: Record<string, number> = {};
  const countries: Record<string, number> = {};
  for await (const batch of readBatches(file, plan, survey)) {
    totals.lines += batch.lines;
    totals.rejected += batch.rejects.length;
    for (const event of batch.events) {
      const value = event.items!.reduce((sum, { amount }) => sum + amount!, 0);
      if (event.value !== value) throw new Error(`The value of ${event.id} is not its items' sum.`);
      const refund = event.name === 'refund';
      totals[refund ? 'refunds' : 'orders'] += 1;
      totals[refund ? 'refunded' : 'gross_revenue'] += value;
      const net = refund ? -value : value;
      const month = DateTime.fromMillis(event.ts, { zone: 'Europe/London' }).toFormat('yyyy-MM');
      months[month] = (months[month] ?? 0) + net;
      countries[event.country!] = (countries[event.country!] ?? 0) + net;
      if (event.known) customers.add(event.user);
      for (const { id } of event.items!) products.add(id);
    }
  }
  return {
    ...totals,
    customers: customers.size,
    products: products.size,
    net_revenue_by_month: months,
    net_revenue_by_country: countries,
  };
}

async function oracle(file: string) {
  const script = join(root, 'test/oracle/online_retail.py');
  return JSON.parse((await promisify(execFile)('python3', [script, file])).stdout);
}

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

(hasPython ? describe : describe.skip)('the Online Retail import against an independent count', () => {
  it('agrees on the sample with all oddities', async () => {
    const totals = await addUp(sample);
    expect(totals.rejected).toBe(7);
    expect(totals).toEqual(await oracle(sample));
  });

  (existsSync(whole) ? it : it.skip)(
    'agrees on the whole file, to the penny',
    async () => {
      const totals = await addUp(whole);
      expect(totals).toMatchObject({ orders: 22_064, refunds: 3_836, customers: 4_372, products: 4_070 });
      expect(totals).toEqual(await oracle(whole));
    },
    120_000,
  );
});
