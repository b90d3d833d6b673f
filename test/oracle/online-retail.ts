import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findPython } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';
import { isAll } from '../support/runs.ts';

/** What online_retail.py counts from an Online Retail file; money in pence. */
export interface OnlineRetailTotals {
  lines: number;
  rejected: number;
  orders: number;
  refunds: number;
  /** Those with a number of the shop's. */
  customers: number;
  /** All who bought something; an order without a customer has a buyer of its own. */
  buyers: number;
  first_revenue: number;
  /** By the first day of the month of the first order. */
  cohorts: Record<string, [monthsLater: number, buyers: number, orders: number, revenue: number][]>;
  products: number;
  gross_revenue: number;
  refunded: number;
  net_revenue_by_month: Record<string, number>;
  net_revenue_by_country: Record<string, number>;
}

const root = resolve(import.meta.dirname, '../..');

/** A small file with all the oddities of the real one. */
export const sampleFile = join(root, 'test/fixtures/online-retail-sample.csv');

/** UCI's whole file, which is not part of this repository; undefined where it is not at hand. */
export const wholeFile = [
  process.env.FOOTFALL_ONLINE_RETAIL,
  // It takes a minute.
  isAll ? resolve(root, '../shared/data/online-retail.csv.gz') : undefined,
].find((file) => file !== undefined && existsSync(file));

/** The oracle is in Python 3 and shares no code with what it checks. */
export async function countOnlineRetail(file: string): Promise<OnlineRetailTotals> {
  const script = join(root, 'test/oracle/online_retail.py');
  const python = await findPython({
    cacheDir: join(footfallDir, 'cache'),
    env: process.env,
    folders: [dirname(file)],
    log: console.log,
  });
  return JSON.parse((await promisify(execFile)(python.command, [...python.args, script, file])).stdout);
}
