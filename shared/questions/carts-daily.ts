import * as z from 'zod';
import { CARTS_EMPTIED, CARTS_FILLED, cartField } from '../fold/cart-days.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { type Day, formatDay, MINUTE_MS } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { rate, sumOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { amountRows, amountSchema } from './money-figures.ts';
import { question, rowsIn } from './question.ts';
import { rateSchema } from './session-figures.ts';

export const cartsDailyQuery = z.object(rangeParameters);

const count = z.number().int();

const cartFigures = {
  filled: count.meta({ description: 'Carts by the day on which they were last touched' }),
  emptied: count.meta({ description: 'Of these: everything was taken out again' }),
  bought: count.meta({ description: 'Bought before they counted as left' }),
  active: count.meta({ description: 'Filled now, and touched within `threshold_minutes`' }),
  left: count.meta({
    description: 'filled − emptied − bought − active: not touched for `threshold_minutes`',
  }),
  left_rate: rateSchema.meta({ description: 'left / (filled − emptied − active)' }),
  recovered: count.meta({ description: 'Of those left: bought later' }),
  recovery_rate: rateSchema.meta({ description: 'recovered / left' }),
  left_value: z.array(amountSchema).meta({ description: 'What was in the carts left, by currency' }),
  recovered_value: z
    .array(amountSchema)
    .meta({ description: 'What was in those recovered, before the purchase' }),
};

const example = {
  filled: 410,
  emptied: 31,
  bought: 128,
  active: 9,
  left: 242,
  left_rate: 0.6541,
  recovered: 23,
  recovery_rate: 0.095,
  left_value: [{ currency: 'EUR', amount: '18204.50', amount_minor: 1_820_450 }],
  recovered_value: [{ currency: 'EUR', amount: '1920.00', amount_minor: 192_000 }],
};

export const cartsDailySchema = z
  .object({
    threshold_minutes: count.meta({ description: 'A cart without a change for this long counts as left' }),
    from: z.iso.date(),
    to: z.iso.date(),
    ...cartFigures,
    days: z.array(z.object({ date: z.iso.date(), ...cartFigures })),
  })
  .meta({
    id: 'CartsDaily',
    examples: [
      {
        threshold_minutes: 60,
        from: '2026-03-31',
        to: '2026-03-31',
        ...example,
        days: [{ date: '2026-03-31', ...example }],
      },
    ],
  });

/** Carts of a range, in total and by the day of their last touch: filled, bought, left and recovered. */
export async function readCartsDaily(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof cartsDailyQuery>,
  thresholdMinutes: number,
  now = Date.now(),
): Promise<z.infer<typeof cartsDailySchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  const parts = await cartsOfDays(store, site, days, { thresholdMinutes, now });
  return {
    threshold_minutes: thresholdMinutes,
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    ...cartFiguresOf(parts),
    days: parts.map((one) => ({ date: formatDay(one.day), ...cartFiguresOf([one]) })),
  };
}

/** What each of the days has of carts. @param options.thresholdMinutes without a change after which a cart is left */
export async function cartsOfDays(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  { thresholdMinutes, now }: { thresholdMinutes: number; now: number },
): Promise<CartsOfDay[]> {
  const [byDay, active] = await Promise.all([
    store.dayHashes('cartDay', site.id, days),
    // At just that age it is left.
    store.cartsSince(site, now - thresholdMinutes * MINUTE_MS + 1),
  ]);
  return byDay.map(({ day, sums }) => partsOf(day, sums, active.get(day), thresholdMinutes));
}

/** What a day has of carts, still apart. */
export interface CartsOfDay {
  day: Day;
  filled: number;
  emptied: number;
  bought: number;
  recovered: number;
  active: number;
  leftValue: Counters;
  recoveredValue: Counters;
}

function partsOf(
  day: Day,
  sums: Counters,
  active: { carts: number; value: Counters } | undefined,
  thresholdMinutes: number,
): CartsOfDay {
  const parts: CartsOfDay = {
    day,
    filled: sums.get(CARTS_FILLED) ?? 0,
    emptied: sums.get(CARTS_EMPTIED) ?? 0,
    bought: 0,
    recovered: 0,
    active: active?.carts ?? 0,
    leftValue: new Map(),
    recoveredValue: new Map(),
  };
  for (const [field, amount] of sums) {
    const found = cartField(field);
    if (!found) continue;
    const isLate = found.kind !== 'open_value' && found.minutes >= thresholdMinutes;
    if (found.kind === 'bought') parts[isLate ? 'recovered' : 'bought'] += amount;
    else if (found.kind === 'open_value' || isLate) increase(parts.leftValue, found.currency, amount);
    if (found.kind === 'bought_value' && isLate) increase(parts.recoveredValue, found.currency, amount);
  }
  for (const [currency, minor] of active?.value ?? []) increase(parts.leftValue, currency, -minor);
  return parts;
}

/** The figures of some days together. */
export function cartFiguresOf(days: readonly CartsOfDay[]) {
  const sum = (part: 'filled' | 'emptied' | 'bought' | 'recovered' | 'active') =>
    days.reduce((total, day) => total + day[part], 0);
  const [filled, emptied, bought, active] = [sum('filled'), sum('emptied'), sum('bought'), sum('active')];
  const left = filled - emptied - bought - active;
  return {
    filled,
    emptied,
    bought,
    active,
    left,
    left_rate: rate(left, filled - emptied - active),
    recovered: sum('recovered'),
    recovery_rate: rate(sum('recovered'), left),
    left_value: amountRows(sumOf(days.map(({ leftValue }) => leftValue))),
    recovered_value: amountRows(sumOf(days.map(({ recoveredValue }) => recoveredValue))),
  };
}

/** A cart may be that old before it counts as left: the most that CART_ABANDONED_MINUTES allows, in days. */
export const LONGEST_WAIT_DAYS = 7;

export const cartsDailyQuestion = question({
  path: '/v1/carts/daily',
  summary: 'Carts that were filled, bought, left and recovered, in total and by day',
  query: cartsDailyQuery,
  answer: cartsDailySchema,
  cached: 'days',
  laterDays: LONGEST_WAIT_DAYS,
  csv: rowsIn(cartsDailySchema, 'days'),
  read: ({ store, site, cartAbandonedMinutes }, _, query) =>
    readCartsDaily(store, site, query, cartAbandonedMinutes),
});
