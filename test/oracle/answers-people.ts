import type { FootfallEvent } from '../../shared/event/event.ts';
import { newAndReturning, visits } from './answers.ts';
import { amountsOf, cartOf, lastProducts, monthBefore, namesIn } from './answers-shop.ts';
import { cartsOf } from './carts.ts';
import { averageOrder, byMost, byName, decimal, median, money, rate, sum } from './figures.ts';
import { isNobody } from './nobody.ts';
import {
  COHORTS_KEPT,
  datesOf,
  entriesOf,
  type NaiveFunnel,
  path,
  periodStart,
  periodsBetween,
  seconds,
  sessionsOf,
  shownSteps,
} from './people.ts';
import type { NaiveShop, Range } from './shop.ts';

/** The naive program's answers about people: who came, who came back, and how far. */

export function uniqueUsers(shop: NaiveShop, range: Range) {
  return { ...shop.covered(range), ...newAndReturning(shop, range) };
}

/** Cohorts of the periods that a range touches. Each is followed for a number of periods, its own included. */
export function retention(
  shop: NaiveShop,
  range: Range,
  { period, periods }: { period: 'day' | 'week' | 'month'; periods: number },
) {
  const { from, to } = shop.covered(range);
  const startOf = (date: string) => periodStart(date, period);
  const people = [...shop.people.values()].map((theirs) => datesOf(theirs, shop.site).map(startOf));
  const cohorts = [...Map.groupBy(people, ([first]) => first!)]
    .filter(([start]) => start >= startOf(from) && start <= startOf(to))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([start, members]) => {
      const begun = periodsBetween(start, startOf(shop.today), period) + 1;
      const length = Math.max(1, Math.min(periods, begun, COHORTS_KEPT[period] + 1));
      const retained = Array.from({ length }, (_, n) => {
        const users = members.filter((starts) =>
          starts.some((one) => periodsBetween(start, one, period) === n),
        ).length;
        return { period: n, users, rate: rate(users, members.length) };
      });
      return { start, users: members.length, retained };
    });
  return { period, cohorts };
}

/** People, or sessions, that entered in a range, and how far they came. */
export function funnel(
  shop: NaiveShop,
  range: Range,
  { id, name, ...definition }: NamedFunnel,
  { interval }: { interval?: 'day' } = {},
) {
  const { by, window_hours } = definition;
  const { from, to } = shop.covered(range);
  // The funnel of those steps alone, in which nothing is skipped.
  const { skips: _, ...rest } = definition;
  const steps = shownSteps(shop.events, definition, shop.site, { from, to });
  const shown = { ...rest, steps };
  // Numbers of sessions stay after an erasure.
  const entries = [...(by === 'session' ? shop.everybody : shop.people)].flatMap(([user, theirs]) =>
    (steps.length === 0 ? [] : entriesOf(theirs, shown, shop.site))
      .filter(({ date }) => date >= from && date <= to)
      .map(({ date, taken }) => ({ user, date, times: taken.map(({ ts }) => ts) })),
  );
  const countOf = (some: typeof entries) =>
    steps.map((_, i) => {
      const reached = some.filter(({ times }) => times.length > i);
      return by === 'session' ? reached.length : new Set(reached.map(({ user }) => user)).size;
    });
  const counts = countOf(entries);
  return {
    id,
    name,
    by,
    window_hours,
    from,
    to,
    steps: steps.map((step, i) => {
      const before = i === 0 ? counts[0]! : counts[i - 1]!;
      const taken = entries.filter(({ times }) => i > 0 && times.length > i);
      return {
        step: i + 1,
        ...step,
        count: counts[i]!,
        rate_from_first: rate(counts[i]!, counts[0]!),
        rate_from_previous: rate(counts[i]!, before),
        drop_off: before - counts[i]!,
        median_seconds: median(taken.map(({ times }) => seconds(times[i]! - times[i - 1]!))),
      };
    }),
    ...(interval && {
      days: shop
        .datesWithin(range)
        .map((date) => ({ date, counts: countOf(entries.filter((one) => one.date === date)) })),
    }),
  };
}

export type NamedFunnel = NaiveFunnel & { id: string; name: string };

export function sessions(shop: NaiveShop, range: Range) {
  const all = shop.sessionsWithin(range);
  return {
    ...shop.covered(range),
    ...visits(all),
    session_ms: all.reduce((total, { ms }) => total + ms, 0),
    days: shop
      .datesWithin(range)
      .map((date) => ({ date, ...visits(shop.sessionsWithin({ from: date, to: date })) })),
  };
}

/** What is going on now. @param cartMinutes without a change after which a cart is abandoned */
export function live(shop: NaiveShop, cartMinutes: number) {
  const since = (minutes: number) =>
    [...shop.people.values()].filter((theirs) => theirs.some(({ ts }) => ts >= shop.now - minutes * 60_000))
      .length;
  const lastOf = (theirs: readonly FootfallEvent[], wanted: string) =>
    Math.max(-Infinity, ...theirs.filter(({ name }) => name === wanted).map(({ ts }) => ts));
  const everyone = [...shop.people.values()];
  const open = everyone.filter((theirs) => {
    const cart = cartOf(theirs);
    return cart !== undefined && Date.parse(cart.last_activity) > shop.now - cartMinutes * 60_000;
  });
  const checkouts = everyone.filter((theirs) => {
    const begun = lastOf(theirs, 'begin_checkout');
    return begun >= shop.now - 30 * 60_000 && begun > lastOf(theirs, 'purchase');
  });
  const minutes = Array.from({ length: 31 }, (_, i) => {
    const start = (Math.floor(shop.now / 60_000) - 30 + i) * 60_000;
    const isWithin = ({ ts }: { ts: number }) => ts >= start && ts < start + 60_000;
    const events = shop.events.filter(isWithin);
    const named = (wanted: string) => events.filter(({ name }) => name === wanted).length;
    const orders = shop.trades.filter((one) => one.name === 'purchase' && isWithin(one));
    return {
      ...{ start, events: events.length, views: named('view_item'), carts: named('add_to_cart') },
      ...{ checkouts: named('begin_checkout'), orders: orders.length, revenue: revenueOf(orders) },
    };
  });
  const isLately = ({ ts }: { ts: number }) => ts >= minutes[0]!.start && ts < minutes[30]!.start + 60_000;
  const sold = shop.trades.filter((one) => one.name === 'purchase' && isLately(one));
  const lately = shop.events.filter(isLately);
  const pages = lately
    .filter(({ name, page }) => (name === 'page_view' || name === 'screen_view') && page !== undefined)
    .map(({ page }) => path(page!));
  const products = lately
    .filter(({ name }) => name === 'view_item')
    .flatMap(({ items = [] }) => items.map(({ id }) => id));
  const names = namesIn(shop, [shop.today.slice(0, 7), monthBefore(shop.today)]);
  return {
    ...{ users_5m: since(5), users_30m: since(30) },
    open_carts: { users: open.length, value: amountsOf(open.map((theirs) => cartsOf(theirs).at(-1)!)) },
    ...{ checkouts: checkouts.length, orders_30m: sold.length, revenue_30m: revenueOf(sold), minutes },
    pages: mostOf(pages).map(([page, views]) => ({ page, views })),
    products: mostOf(products).map(([id, views]) => ({
      product_id: id,
      ...(names.has(id) && { name: names.get(id) }),
      views,
    })),
  };
}

/** The ten most frequent of some texts. */
const mostOf = (texts: readonly string[]) =>
  [...Map.groupBy(texts, (text) => text)]
    .map(([text, all]) => [text, all.length] as const)
    .sort(byMost)
    .slice(0, 10);

const revenueOf = (orders: NaiveShop['trades']) =>
  money(orders)
    .filter(({ revenue_minor }) => revenue_minor !== 0)
    .map(({ currency, revenue, revenue_minor }) => ({
      currency,
      amount: revenue,
      amount_minor: revenue_minor,
    }));

interface Shown {
  id: string;
  name: string;
  ts: number;
  person: string | null;
}

/** The newest interactions of the last half hour. */
export function newest(shop: NaiveShop, limit: number) {
  const shown = shop.events
    .filter(({ user, ts }) => !isNobody(user) && ts >= shop.now - 30 * 60_000)
    .map(({ id, name, ts, user, personless }): Shown => ({ id, name, ts, person: personless ? null : user }));
  shown.sort((a, b) => b.ts - a.ts);
  return determined(shown.slice(0, limit), limit);
}

/** What events of the same time leave open: which of them are the last of a full list, and in which order they are. */
export function determined(shown: readonly Shown[], limit: number) {
  const certain = shown.length < limit ? shown : shown.filter(({ ts }) => ts > shown.at(-1)!.ts);
  return { times: shown.map(({ ts }) => ts), certain: certain.map((one) => JSON.stringify(one)).sort() };
}

/** The user that an id was a visitor of. */
export const personOf = (visitors: ReadonlyMap<string, readonly string[]>, id: string) =>
  [...visitors].find(([, aliases]) => aliases.includes(id))?.[0];

/** @param asked the user's id, or one that they had as a visitor. */
export function user(shop: NaiveShop, id: string, asked: string) {
  const theirs = shop.people.get(id)!;
  const times = theirs.map(({ ts }) => ts);
  const trades = shop.trades.filter(({ buyer }) => buyer === id);
  return {
    user_id: id,
    asked,
    known: theirs.some(({ known }) => known),
    first_seen: new Date(Math.min(...times)).toISOString(),
    last_seen: new Date(Math.max(...times)).toISOString(),
    active_days: datesOf(theirs, shop.site).length,
    sessions: sessionsOf(theirs, shop.site).length,
    visits: sessionsOf(theirs, shop.site)
      .slice(-20)
      .reverse()
      .map(({ events, values }) => ({
        start: new Date(events[0]!.ts).toISOString(),
        end: new Date(events.at(-1)!.ts).toISOString(),
        ...values,
      })),
    total_events: theirs.length,
    events: byName(theirs),
    orders: sum(trades, 'orders'),
    refunds: theirs.filter(({ name }) => name === 'refund').length,
    money: money(trades),
    average_order: averageOrder(trades),
    products: lastProducts(shop, id),
    cart: cartOf(theirs) ?? null,
  };
}

/** The interactions of a person, oldest first. */
export function interactions(shop: NaiveShop, id: string, range: Required<Range>) {
  const { from, to } = range;
  return shop.people
    .get(id)!
    .filter(({ ts }) => shop.date(ts) >= from && shop.date(ts) <= to)
    .sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1))
    .map(shown);
}

function shown({ id, name, ts, items, currency, value, props, ...rest }: FootfallEvent) {
  const { page, search_term, transaction_id } = rest;
  const amountOf = (minor: number | undefined) =>
    minor === undefined || currency === undefined ? undefined : decimal(minor, currency);
  const fields = {
    id,
    name,
    timestamp: new Date(ts).toISOString(),
    items: items?.map((item) => ({
      item_id: item.id,
      item_name: item.name,
      quantity: item.quantity,
      amount: amountOf(item.amount),
    })),
    currency,
    value: amountOf(value),
    page,
    search_term,
    transaction_id,
    properties: props,
  };
  // As JSON has it: without fields that are undefined.
  return JSON.parse(JSON.stringify(fields));
}
