import type { FootfallEvent } from '../../shared/event/event.ts';
import { cartsOf, linesAt, type NaiveCart, worthOf } from './carts.ts';
import { DAY } from './clock.ts';
import { byMost, decimal, moneyOf, rate, sumRows } from './figures.ts';
import { type Counted, countedProducts, KIND, linesOf } from './naive.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's answers about products and carts. */

const COUNTS = [...Object.values(KIND), 'others'];
export const PRODUCT_METRICS = [
  ...['interactions', ...COUNTS, 'units', 'units_refunded', 'revenue', 'refunded'],
  ...['view_to_cart_rate', 'cart_to_purchase_rate'],
] as ('interactions' | 'views' | 'revenue' | 'view_to_cart_rate')[];

type Rows = (readonly [metric: string, amount: number])[];

/** What happened to each product, as lists of metrics with amounts. */
const rowsByProduct = (list: readonly Counted[]): Map<string, Rows> =>
  new Map(
    [...Map.groupBy(list.flatMap(countedProducts), ([product]) => product)].map(([product, rows]) => [
      product,
      rows.map(([, metric, amount]) => [metric, amount] as const),
    ]),
  );

const interactionsIn = (rows: Rows) => rows.filter(([metric]) => COUNTS.includes(metric)).length;

function figures(rows: Rows) {
  const [views, carts, purchases] = ['views', 'carts', 'purchases'].map((metric) => sumRows(rows, metric));
  return {
    views: views!,
    carts: carts!,
    purchases: purchases!,
    units: sumRows(rows, 'units'),
    view_to_cart_rate: rate(carts!, views!),
    cart_to_purchase_rate: rate(purchases!, carts!),
  };
}

/** The names that products had in some months (YYYY-MM). */
export function namesIn(shop: NaiveShop, months: readonly string[]): Map<string, string> {
  const items = shop.events.filter(({ ts }) => months.includes(shop.date(ts).slice(0, 7))).flatMap(linesOf);
  return new Map(items.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const])));
}

/** The names in the last three months in which a range has events. */
const namesOf = (shop: NaiveShop, range: Range) =>
  namesIn(shop, [...new Set(shop.datesWithin(range).map((date) => date.slice(0, 7)))].slice(-3));

export interface ProductsQuestion extends Range {
  metric: (typeof PRODUCT_METRICS)[number];
  currency?: 'EUR' | 'JPY' | 'KWD';
  search?: string;
}

/** All products by a metric, in one page. */
export function products(shop: NaiveShop, { metric, search, ...query }: ProductsQuestion) {
  const { currency = shop.site.currency, ...range } = query;
  const isMoney = metric === 'revenue' || (metric as string) === 'refunded';
  // A rate may be zero. With nothing to divide by there is no rate.
  const isRate = metric.endsWith('_rate');
  const names = namesOf(shop, range);
  const rows = rowsByProduct(shop.allWithin(range));
  const amountOf = (own: Rows): number => {
    if (metric === 'interactions') return interactionsIn(own);
    if (isMoney) return sumRows(own, `${metric}:${currency}`);
    return isRate ? (figures(own)[metric as 'views'] ?? Number.NaN) : sumRows(own, metric);
  };
  const ranked = [...rows]
    .map(([product, own]) => [product, amountOf(own)] as const)
    .filter(
      ([product, value]) =>
        (isRate ? !Number.isNaN(value) : value !== 0) &&
        [product, names.get(product)].some((text) =>
          text?.toLowerCase().includes((search ?? '').toLowerCase()),
        ),
    )
    .sort(byMost);
  return {
    metric,
    ...(isMoney && { currency }),
    total_products: ranked.length,
    products: ranked.map(([product, value], i) => ({
      rank: i + 1,
      product_id: product,
      ...(names.has(product) && { name: names.get(product) }),
      value,
      ...(isMoney && { amount: decimal(value, currency) }),
      ...figures(rows.get(product)!),
    })),
  };
}

/** One product; undefined when nothing happened to it. */
export function product(shop: NaiveShop, id: string, { currency, ...range }: Range & { currency: string }) {
  const rowsIn = (part: Range) => rowsByProduct(shop.allWithin(part)).get(id) ?? [];
  const counts = (rows: Rows) => ({
    ...figures(rows),
    clicks: sumRows(rows, 'clicks'),
    refunds: sumRows(rows, 'refunds'),
    others: sumRows(rows, 'others'),
    units_refunded: sumRows(rows, 'units_refunded'),
  });
  const all = rowsIn(range);
  if (all.length === 0) return undefined;
  const name = namesOf(shop, range).get(id);
  return {
    product_id: id,
    ...(name !== undefined && { name }),
    ...shop.covered(range),
    interactions: interactionsIn(all),
    ...counts(all),
    money: moneyOf(all.filter(([metric]) => metric.endsWith(`:${currency}`))),
    days: shop
      .datesWithin(range)
      .map((date) => [date, rowsIn({ from: date, to: date })] as const)
      .filter(([, rows]) => rows.length > 0)
      .map(([date, rows]) => ({ date, ...counts(rows) })),
  };
}

const HOUR = 3_600_000;

/** Products by their weight in the last 48 hours; the weight of an hour halves with its age. */
export function trending(shop: NaiveShop, metric: 'views' | 'carts' | 'purchases', halfLife: number) {
  const scores = new Map<string, number>();
  for (const one of [...shop.events, ...shop.trades]) {
    const hour = new Date(one.ts).setUTCMinutes(0, 0, 0);
    const isKept = one.received - one.ts < 2 * DAY;
    if (!isKept || hour > shop.now || hour <= shop.now - 48 * HOUR) continue;
    for (const [id, kind] of countedProducts(one)) {
      const worth = 0.5 ** ((shop.now - hour) / HOUR / halfLife);
      if (kind === metric) scores.set(id, (scores.get(id) ?? 0) + worth);
    }
  }
  const names = namesIn(shop, [shop.today.slice(0, 7), monthBefore(shop.today)]);
  return {
    metric,
    half_life_hours: halfLife,
    products: [...scores]
      .map(([id, score]) => [id, Number(score.toFixed(4))] as const)
      .filter(([, score]) => score > 0)
      .sort(byMost)
      .map(([id, score], i) => ({
        rank: i + 1,
        product_id: id,
        ...(names.has(id) && { name: names.get(id) }),
        score,
      })),
  };
}

export function monthBefore(date: string): string {
  const day = new Date(`${date.slice(0, 7)}-01`);
  day.setUTCDate(0);
  return day.toISOString().slice(0, 7);
}

const OF_CARTS = [
  ...['add_to_cart', 'remove_from_cart', 'view_cart'],
  ...['begin_checkout', 'add_shipping_info', 'add_payment_info'],
];

/** The cart of a person since their last purchase; undefined when it is empty. */
export function cartOf(theirs: readonly FootfallEvent[]) {
  const amounts = linesAt(theirs, Infinity);
  const lines = [...Map.groupBy(amounts, ({ id }) => id)]
    .map(([product_id, [line]]) => ({ product_id, quantity: line!.pieces / 1_000 }))
    .sort((a, b) => (a.product_id < b.product_id ? -1 : 1));
  if (lines.length === 0) return undefined;
  const currencies = [...new Set(amounts.flatMap(({ currency }) => currency ?? []))].sort();
  return {
    last_activity: new Date(Math.max(...timesOf(theirs, OF_CARTS))).toISOString(),
    lines,
    value: currencies.map((currency) => {
      const own = amounts.filter((one) => one.currency === currency);
      const minor = own.reduce((total, { amount }) => total + amount, 0);
      return { currency, amount: decimal(minor, currency), amount_minor: minor };
    }),
  };
}

/** The last ten products of a person, the newest first. */
export function lastProducts(shop: NaiveShop, user: string) {
  const theirs = shop.people.get(user)!;
  const seen = theirs.flatMap((event) => linesOf(event).map(({ id }) => [id, event.ts] as const));
  const last = [...Map.groupBy(seen, ([id]) => id)]
    .map(([id, own]) => [id, Math.max(...own.map(([, ts]) => ts))] as const)
    .sort(byMost)
    .slice(0, 10);
  const months = last.map(([, ts]) => shop.date(ts).slice(0, 7));
  const names = namesIn(shop, [...new Set(months)].sort().slice(-3));
  return last.map(([id, ts]) => ({
    product_id: id,
    ...(names.has(id) && { name: names.get(id) }),
    last_seen: new Date(ts).toISOString(),
  }));
}

/** Filled carts without a change for a while, the latest first. */
export function carts(shop: NaiveShop, range: Required<Range>, thresholdMinutes: number) {
  const newest = Math.max(...shop.events.map(({ received }) => received));
  const found = [...shop.people]
    .flatMap(([user, theirs]) => {
      const cart = cartOf(theirs);
      return cart ? [{ user, touched: Date.parse(cart.last_activity), cart }] : [];
    })
    // After a month a cart is no longer waited for.
    .filter(({ touched }) => touched >= newest - 30 * DAY)
    .filter(({ touched }) => {
      const date = shop.date(touched);
      return date >= range.from && date <= range.to && touched <= shop.now - thresholdMinutes * 60_000;
    })
    .sort((a, b) => b.touched - a.touched || (a.user < b.user ? -1 : 1));
  return {
    threshold_minutes: thresholdMinutes,
    total: found.length,
    carts: found.map(({ user, cart }) => ({ user_id: user, signalled: false, ...cart })),
  };
}

const timesOf = (events: readonly FootfallEvent[], names: readonly string[]) =>
  events.filter(({ name }) => names.includes(name)).map(({ ts }) => ts);

/** What a site's carts have become, in total and by the day of their last touch. */
export function cartsDaily(shop: NaiveShop, range: Range, thresholdMinutes: number) {
  const wait = thresholdMinutes * 60_000;
  const all = [...shop.people.values()].flatMap(cartsOf);
  const figures = (carts: readonly NaiveCart[]) => {
    const emptied = carts.filter(({ ended }) => ended?.how === 'emptied').length;
    const isLate = ({ touched, ended }: NaiveCart) => ended !== undefined && ended.at - touched >= wait;
    const bought = carts.filter(({ ended }) => ended?.how === 'bought');
    const active = carts.filter(({ touched, ended }) => !ended && touched > shop.now - wait);
    const recovered = bought.filter(isLate);
    const open = carts.filter((cart) => !cart.ended && !active.includes(cart));
    const left = [...open, ...recovered];
    return {
      filled: carts.length,
      emptied,
      bought: bought.length - recovered.length,
      active: active.length,
      left: left.length,
      left_rate: rate(left.length, carts.length - emptied - active.length),
      recovered: recovered.length,
      recovery_rate: rate(recovered.length, left.length),
      left_value: amountsOf(left),
      recovered_value: amountsOf(recovered),
    };
  };
  const { from, to } = shop.covered(range);
  const on = (date: string) => all.filter(({ touched }) => shop.date(touched) === date);
  return {
    threshold_minutes: thresholdMinutes,
    from,
    to,
    ...figures(
      all.filter(({ touched }) => {
        const date = shop.date(touched);
        return date >= from && date <= to;
      }),
    ),
    days: shop.datesWithin(range).map((date) => ({ date, ...figures(on(date)) })),
  };
}

/** What some carts are worth together. */
export const amountsOf = (carts: readonly NaiveCart[]) =>
  [...worthOf(carts.flatMap(({ lines }) => lines))]
    .filter(([, minor]) => minor !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => ({ currency, amount: decimal(minor, currency), amount_minor: minor }));
