import { type SeriesQuestion, series } from './answers.ts';
import { cartsDaily } from './answers-shop.ts';
import { breakdown } from './answers-values.ts';
import { byMost, decimal } from './figures.ts';
import { periodStart } from './people.ts';
import { datesBetween, type NaiveShop } from './shop.ts';

/** The naive program's series by value, and by weekday and hour. Only of metrics that can be added up. */

/** By the kind of their values. */
export const METRICS_BY = [
  ['country', ['sessions', 'orders', 'revenue', 'events']],
  ['device', ['engaged_sessions', 'events']],
  ['search_term', ['events', 'refunds', 'refunded', 'net']],
  ['coupon', ['orders', 'revenue']],
  ['category', ['units', 'units_refunded', 'revenue', 'net']],
  ['channel', ['sessions', 'engaged_sessions', 'bounces', 'carted_sessions', 'orders', 'revenue']],
  ['landing_page', ['sessions', 'revenue']],
] as const;

interface CartAmount {
  currency: string;
  amount_minor: number;
}

type By = (typeof METRICS_BY)[number][0];

interface Question {
  metric: string;
  grain: 'day' | 'week' | 'month';
  from: string;
  to: string;
  by: By;
  top: number;
  currency: 'EUR' | 'KWD';
}

const MONEY = ['revenue', 'refunded', 'net'];
/** Units have three decimals, whose sum is not exact. */
const exact = (sum: number) => Math.round(sum * 1_000) / 1_000;

/** A metric of each value within some days. */
function valuesOf(shop: NaiveShop, { metric, by, currency }: Question, days: { from: string; to: string }) {
  const { rows } = breakdown(shop, by, { ...days, metric: 'orders', currency });
  return new Map(
    rows.map((row): [string, number] => {
      if (!MONEY.includes(metric)) return [row.value, row[metric] as number];
      const paid = row.money?.find((one) => one.currency === currency);
      const sold = row.revenue?.find((one) => one.currency === currency);
      const revenue = paid?.revenue_minor ?? sold?.amount_minor ?? 0;
      const refunded = paid?.refunded_minor ?? 0;
      return [row.value, { revenue, refunded, net: revenue - refunded }[metric as 'net']];
    }),
  );
}

/** The largest values over time and the rest, beside the whole series. */
export function seriesBy(shop: NaiveShop, question: Question) {
  const { by, top, currency, metric, grain } = question;
  const { points, ...whole } = series(shop, question as SeriesQuestion);
  const last = datesBetween(question.from, question.to)
    .filter((date) => date <= shop.today)
    .at(-1);
  const to = last ?? question.from;
  const dates = Map.groupBy(datesBetween(question.from, to), (date) => periodStart(date, grain));
  const bucket = new Map(
    [...dates].map(([start, own]) => [start, valuesOf(shop, question, { from: own[0]!, to: own.at(-1)! })]),
  );
  const all = [...valuesOf(shop, question, { from: question.from, to })]
    .filter(([value, amount]) => [amount, ...bucket.values().map((own) => own.get(value))].some(Boolean))
    .sort(byMost);
  const isMoney = MONEY.includes(metric);
  const seriesOf = (value: string, values: readonly (readonly [string, number])[]) => {
    const sum = (amounts: ReadonlyMap<string, number>) =>
      exact(values.reduce((total, [one]) => total + (amounts.get(one) ?? 0), 0));
    return {
      value,
      total: exact(values.reduce((total, [, amount]) => total + amount, 0)),
      points: points.map(({ start }) => {
        const amount = sum(bucket.get(start)!);
        return { start, value: amount, ...(isMoney && { amount: decimal(amount, currency) }) };
      }),
    };
  };
  const rest = all.slice(top);
  return {
    ...whole,
    points,
    by,
    series: [
      ...all.slice(0, top).map((one) => seriesOf(one[0], [one])),
      ...(rest.length > 0 ? [seriesOf('(rest)', rest)] : []),
    ],
  };
}

export const CART_METRICS = [
  ...(['carts_filled', 'carts_emptied', 'carts_bought', 'carts_left', 'carts_left_rate'] as const),
  ...(['carts_recovered', 'carts_recovery_rate', 'carts_left_value', 'carts_recovered_value'] as const),
] as const;

/** A metric of carts over time. @param minutes without a change after which a cart is left */
export function seriesOfCarts(
  shop: NaiveShop,
  question: Pick<Question, 'grain' | 'from' | 'to'> & {
    metric: (typeof CART_METRICS)[number];
    currency: 'EUR';
  },
  minutes: number,
) {
  const { metric, grain, from, to, currency } = question;
  const last = [from, [to, shop.today].sort()[0]!].sort()[1]!;
  const isMoney = metric.endsWith('_value');
  const dates = Map.groupBy(datesBetween(from, last), (date) => periodStart(date, grain));
  return {
    ...{ metric, grain, zone: shop.site.zone, ...(isMoney && { currency }) },
    points: [...dates].map(([start, own]) => {
      const figures: Record<string, unknown> = cartsDaily(shop, { from: own[0]!, to: own.at(-1)! }, minutes);
      const figure = figures[metric.slice('carts_'.length)] as number | null | CartAmount[];
      if (!Array.isArray(figure)) return { start, value: figure };
      const value = figure.find((one) => one.currency === currency)?.amount_minor ?? 0;
      return { start, value, amount: decimal(value, currency) };
    }),
  };
}

/** One metric by weekday and hour. */
export function weekdayHour(
  shop: NaiveShop,
  { metric, from, to, currency }: Pick<Question, 'metric' | 'from' | 'to' | 'currency'>,
) {
  const isMoney = MONEY.includes(metric);
  const { points } = series(shop, { metric, grain: 'hour', from, to, currency } as SeriesQuestion);
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: shop.site.zone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' },
  });
  const groups = Map.groupBy(points, ({ start }) => {
    const parts = Object.fromEntries(
      clock.formatToParts(Date.parse(start)).map((one) => [one.type, one.value]),
    );
    return `${parts.weekday} ${Number(parts.hour)}`;
  });
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  return {
    metric,
    ...(isMoney && { currency }),
    from,
    to,
    hours: days.flatMap((day, i) =>
      Array.from({ length: 24 }, (_, hour) => {
        const own = groups.get(`${day} ${hour}`) ?? [];
        const value = exact(own.reduce((total, point) => total + point.value!, 0));
        return {
          ...{ weekday: i + 1, hour, times: own.length, value },
          ...(isMoney && { amount: decimal(value, currency) }),
        };
      }),
    ),
  };
}
