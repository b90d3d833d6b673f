import { STORED_DIMENSIONS, VALUES } from '../../shared/event/dimensions.ts';
import { PERIODS, periodOf, periodStart } from '../../shared/fold/cohorts.ts';
import { PRODUCT_COUNTS } from '../../shared/fold/counter-names.ts';
import { BUYER_PERIODS } from '../../shared/fold/customer.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { formatDay } from '../../shared/platform/time.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import type { Site } from '../../shared/sites/site.ts';
import { totalsOf } from '../support/sums.ts';
import { addUser } from './folded.ts';
import { type Numbers, Tally } from './naive.ts';

const METRICS = [
  ...PRODUCT_COUNTS,
  ...['EUR', 'JPY', 'KWD'].flatMap((currency) => [`revenue:${currency}`, `refunded:${currency}`]),
];

/** Everything that the store has about these sites and users, under the names of naive.ts. */
export async function stored(
  reader: StoreReader,
  sites: readonly Site[],
  users: readonly string[],
): Promise<Numbers> {
  const tally = new Tally();
  await Promise.all(
    sites.map(async (site) => {
      const days = await reader.days(site.id);
      const [counters, hours, minutes, gaps, seconds, carts] = await Promise.all([
        reader.dayHashes('day', site.id, days),
        reader.dayHashes('hours', site.id, days),
        reader.dayHashes('minutes', site.id, days),
        reader.dayHashes('gaps', site.id, days),
        reader.dayHashes('secondOrders', site.id, days),
        reader.dayHashes('cartDay', site.id, days),
      ]);
      for (const { day, sums } of counters) {
        for (const [counter, amount] of sums) tally.add(['day', site.id, formatDay(day), counter], amount);
      }
      for (const [grain, list] of [
        ['hour', hours],
        ['minute', minutes],
      ] as const) {
        for (const { day, sums } of list) {
          for (const [field, amount] of sums) {
            const [start, counter] = split(field);
            const instant = new Date(Number(start) * 1_000).toISOString();
            tally.add([grain, site.id, formatDay(day), instant, counter], amount);
          }
        }
      }
      for (const { day, sums } of gaps) {
        for (const [gap, users] of sums) tally.add(['gap', site.id, formatDay(day), gap], users);
      }
      for (const { day, sums } of seconds) {
        for (const [gap, buyers] of sums) tally.add(['second', site.id, formatDay(day), gap], buyers);
      }
      for (const { day, sums } of carts) {
        for (const [field, amount] of sums) tally.add(['carts', site.id, formatDay(day), field], amount);
      }
      for (const dimension of STORED_DIMENSIONS) {
        for (const { day, sums } of await reader.breakdown(site.id, days, dimension)) {
          for (const [field, amount] of sums) {
            if (field === VALUES) continue;
            const [counter, value] = split(field);
            tally.add(['breakdown', site.id, formatDay(day), dimension, counter, value], amount);
          }
        }
      }
      for (const period of PERIODS) {
        const starts = [...new Set(days.map((day) => periodStart(periodOf(day, period), period)))];
        for (const { day, sums } of await reader.cohorts(site.id, period, starts)) {
          for (const [n, users] of sums) tally.add(['cohort', site.id, period, formatDay(day), n], users);
        }
      }
      for (const period of BUYER_PERIODS) {
        const starts = [...new Set(days.map((day) => periodStart(periodOf(day, period), period)))];
        for (const { day, sums } of await reader.buyers(site.id, period, starts)) {
          for (const [field, amount] of sums) {
            tally.add(['buyers', site.id, period, formatDay(day), field], amount);
          }
        }
      }
      for (const { day, sums } of await reader.funnel(site.id, SHOP_FUNNEL.key, days)) {
        for (const [field, count] of sums) {
          tally.add(['funnel', site.id, SHOP_FUNNEL.key, formatDay(day), field], count);
        }
      }
      await Promise.all(
        days.flatMap((day) =>
          METRICS.map(async (metric) => {
            for (const [product, amount] of totalsOf(await reader.products(site.id, [day], [metric]))) {
              tally.add(['product', site.id, formatDay(day), metric, product], amount);
            }
          }),
        ),
      );
      for (const user of users) {
        const state = await reader.user(site.id, user);
        if (state) addUser(tally, site.id, user, state);
      }
    }),
  );
  return tally.numbers();
}

/** A stored field's parts; the second may hold the bar itself. */
function split(field: string): [string, string] {
  const bar = field.indexOf('|');
  return [field.slice(0, bar), field.slice(bar + 1)];
}
