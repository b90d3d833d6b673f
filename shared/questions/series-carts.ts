import { type Day, formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { cartFiguresOf, cartsOfDays } from './carts-daily.ts';
import { type CalendarGrain, startOfPeriod } from './time-buckets.ts';

export const CART_MONEY_METRICS = ['carts_left_value', 'carts_recovered_value'] as const;
/** The figures of `/v1/carts/daily`, by the day on which a cart was last touched. */
export const CART_METRICS = [
  ...(['carts_filled', 'carts_emptied', 'carts_bought', 'carts_left', 'carts_left_rate'] as const),
  ...(['carts_recovered', 'carts_recovery_rate'] as const),
  ...CART_MONEY_METRICS,
] as const;
export type CartMetric = (typeof CART_METRICS)[number];

export const isCartMetric = (metric: string): metric is CartMetric =>
  (CART_METRICS as readonly string[]).includes(metric);

type CartFigures = ReturnType<typeof cartFiguresOf>;

/**
 * The figures of carts by day, week or month, for each period with one of the days. `start` is YYYY-MM-DD.
 * @param options.thresholdMinutes without a change after which a cart is left
 */
export async function cartPeriods(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  options: { grain: CalendarGrain; thresholdMinutes: number; now: number },
): Promise<{ start: string; figures: CartFigures }[]> {
  const parts = await cartsOfDays(store, site, days, options);
  const periods = Map.groupBy(parts, ({ day }) => startOfPeriod(day, options.grain));
  return [...periods].map(([start, own]) => ({ start: formatDay(start), figures: cartFiguresOf(own) }));
}

/** A metric of some figures; money in minor units of the currency. */
export function cartValue(figures: CartFigures, metric: CartMetric, currency: string): number | null {
  const name = metric.slice('carts_'.length) as CartMetric extends `carts_${infer Name}` ? Name : never;
  const value = figures[name];
  if (!Array.isArray(value)) return value;
  return value.find((one) => one.currency === currency)?.amount_minor ?? 0;
}
