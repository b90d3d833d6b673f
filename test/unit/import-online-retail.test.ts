import { DateTime } from 'luxon';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { planImport, readFlags } from '../../cli/import/plan.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { countOnlineRetail, sampleFile } from '../oracle/online-retail.ts';

/**
 * The import's events, added up, against test/oracle/online_retail.py. The whole way, and the whole file:
 * test/integration/import-counted.test.ts.
 */
const sites = new Sites([siteSchema.parse({ id: 'retail', zone: 'Europe/London', retention_days: 36_500 })]);

async function addUp(file: string) {
  const plan = planImport(readFlags({ site: 'retail', preset: 'online-retail' }), sites);
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

describe('the Online Retail import against an independent count', () => {
  it('agrees on the sample with all oddities', async () => {
    const totals = await addUp(sampleFile);
    expect(totals.rejected).toBe(7);
    const { buyers: _, cohorts: __, first_revenue: ___, ...expected } = await countOnlineRetail(sampleFile);
    expect(totals).toEqual(expected);
  });
});
