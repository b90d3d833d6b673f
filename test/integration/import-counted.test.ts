import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { addSites } from '../../local/sites/demo-sites.ts';
import { outageOf } from '../../shared/platform/http/outage-errors.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { customerCohortsQuery, readCustomerCohorts } from '../../shared/questions/customer-cohorts.ts';
import { overviewQuery, readOverview } from '../../shared/questions/overview.ts';
import { readRevenue, revenueQuery } from '../../shared/questions/revenue.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { countOnlineRetail, sampleFile, wholeFile } from '../oracle/online-retail.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { openReader } from '../support/reader.ts';

/** A shop's history from the file to the answers: the command, Kafka, aggregate, Redis, analytics. */
const folder = closing(mkdtempSync(join(tmpdir(), 'footfall-counted-')), (path) =>
  rmSync(path, { recursive: true }),
);

async function importFile(file: string, config: TestConfig): Promise<void> {
  const command = resolve(import.meta.dirname, '../../cli/main.ts');
  const options = ['--site', 'online-retail', '--preset', 'online-retail', '--no-wait', '--restart'];
  await promisify(execFile)(process.execPath, [command, 'import', file, ...options], {
    env: {
      ...process.env,
      ...envOf(config),
      INIT_CWD: folder,
    },
  });
}

async function applyTopic(config: TestConfig): Promise<void> {
  const consumer = openConsumer(config);
  const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
  const applied = new Map<number, number>();
  // Shards send each other records of orders, which may lead to more.
  for (;;) {
    const ends = await offsets.fetch();
    const behind = ends.filter(({ partition, high }) => high > (applied.get(partition) ?? 0));
    if (behind.length === 0) break;
    await Promise.all(
      behind.map(async ({ partition, high }) => {
        await readRange(config.kafka, partition, applied.get(partition) ?? 0, high, async (records) => {
          await retried(() => consumer.apply(records));
        });
        applied.set(partition, high);
      }),
    );
  }
}

/** As Lambda's poller gives a failed batch again: on a busy machine Kafka or Redis may not answer in time. */
async function retried(apply: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await apply();
      return;
    } catch (error) {
      const isOutage = outageOf(error) !== undefined || (error as { status?: number }).status === 503;
      if (!isOutage) throw error;
    }
  }
}

/** Net minor units by the rows' key. */
async function netBy(store: StoreReader, config: TestConfig, by: 'month' | 'country') {
  const site = config.sites.find(({ id }) => id === 'online-retail')!;
  const { rows } = await readRevenue(store, site, revenueQuery.parse({ by }));
  return Object.fromEntries(rows.map(({ key, money }) => [key, money[0]?.net_minor ?? 0]));
}

/** By the month of the first order: buyers, orders and revenue of each month with an order. */
async function cohortsOf(store: StoreReader, config: TestConfig) {
  const site = config.sites.find(({ id }) => id === 'online-retail')!;
  const query = customerCohortsQuery.parse({ periods: 37 });
  const { cohorts } = await readCustomerCohorts(store, site, query);
  return Object.fromEntries(
    cohorts.map(({ start, periods }) => {
      const until = periods.map(({ net_revenue }) => net_revenue[0]?.amount_minor ?? 0);
      const rows = periods.map(({ period, customers, orders }, i) => [
        ...[period, customers, orders],
        until[i]! - (until[i - 1] ?? 0),
      ]);
      return [start, rows.filter(([, customers]) => customers! > 0)];
    }),
  );
}

const files = [sampleFile, ...(wholeFile === undefined ? [] : [wholeFile])];

test.each(files)(
  'the answers about %s are what an independent script counts, to the penny, also when it comes twice',
  async (file) => {
    const config = await freshConfig({ partitions: 4 });
    await addSites(config, config.sites);
    const site = config.sites.find(({ id }) => id === 'online-retail')!;
    const expected = await countOnlineRetail(file);
    const { reader: store } = openReader(config);
    for (let time = 1; time <= 2; time++) {
      await importFile(file, config);
      await applyTopic(config);
      const overview = await readOverview(store, site, overviewQuery.parse({}));
      expect(overview).toMatchObject({
        total_events: expected.orders + expected.refunds,
        orders: expected.orders,
        refunds: expected.refunds,
        new_accounts: expected.customers,
        new_customers: expected.buyers,
        repeat_orders: expected.orders - expected.buyers,
        first_revenue: [{ currency: 'GBP', amount_minor: expected.first_revenue }],
        products: expected.products,
        money: [
          { currency: 'GBP', revenue_minor: expected.gross_revenue, refunded_minor: expected.refunded },
        ],
      });
      expect(await cohortsOf(store, config)).toEqual(expected.cohorts);
      expect(await netBy(store, config, 'month')).toEqual(expected.net_revenue_by_month);
      expect(await netBy(store, config, 'country')).toEqual(expected.net_revenue_by_country);
    }
  },
);
