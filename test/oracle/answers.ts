import type { FootfallEvent } from '../../shared/events/event.ts';
import { currencyExponent } from '../../shared/money.ts';
import type { Site } from '../../shared/sites.ts';
import { counted, countedProducts, DAY, distinct, timeline, wallClock } from './naive.ts';

/** The answers of the naive program to the questions of the API, over days that are both inclusive. */
export class NaiveShop {
  readonly #site: Site;
  readonly #all: FootfallEvent[];

  constructor(events: readonly FootfallEvent[], site: Site) {
    this.#site = site;
    this.#all = distinct(events).filter((event) => event.site === site.id);
  }

  #date = (ts: number) => wallClock(ts, this.#site.zone).date;

  get dates(): string[] {
    return [...new Set(this.#all.map(({ ts }) => this.#date(ts)))].sort();
  }

  get users(): string[] {
    return [...new Set(this.#all.map(({ user }) => user))];
  }

  within(from: string, to: string): FootfallEvent[] {
    return this.#all.filter(({ ts }) => this.#date(ts) >= from && this.#date(ts) <= to);
  }

  overview(from: string, to: string) {
    const events = this.within(from, to);
    const firsts = (list: FootfallEvent[]) =>
      [...Map.groupBy(list, ({ user }) => user).values()]
        .map((theirs) => this.#date(Math.min(...theirs.map(({ ts }) => ts))))
        .filter((date) => date >= from && date <= to).length;
    return {
      from,
      to,
      total_events: events.length,
      new_users: firsts(this.#all),
      new_customers: firsts(this.#all.filter(({ known }) => known)),
      orders: sum(events, 'orders'),
      refunds: sum(events, 'refunds'),
      units: sum(events, 'units'),
      units_refunded: sum(events, 'units_refunded'),
      products: new Set(events.flatMap(countedProducts).map(([product]) => product)).size,
      money: money(events),
    };
  }

  frequency(from: string, to: string) {
    const events = this.within(from, to);
    return { from, to, total: events.length, events: byName(events) };
  }

  /** A day's points with events, by where they begin: the date, or an instant in ISO. */
  series(grain: 'day' | 'hour' | 'minute', date: string, until: number) {
    const keptFor = { day: Infinity, hour: 90 * DAY, minute: 2 * DAY }[grain];
    const kept = this.within(date, date).filter(({ ts, received }) => received - ts < keptFor);
    const starts = Map.groupBy(kept, ({ ts }) => {
      const { intoHour, intoMinute } = wallClock(ts, this.#site.zone);
      return grain === 'day' ? date : new Date(ts - (grain === 'hour' ? intoHour : intoMinute)).toISOString();
    });
    const begun = [...starts].filter(([start]) => Date.parse(start) < until);
    return Object.fromEntries(begun.map(([start, events]) => [start, byName(events)]));
  }

  /** Products by a metric as stored, best first; those that come to nothing are left out. */
  products(metrics: readonly string[], from: string, to: string): [string, number][] {
    const sums = new Map<string, number>();
    for (const [product, metric, amount] of this.within(from, to).flatMap(countedProducts)) {
      if (metrics.includes(metric)) sums.set(product, (sums.get(product) ?? 0) + amount);
    }
    return [...sums].filter(([, amount]) => amount !== 0).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }

  revenue(by: 'day' | 'month' | 'country', from: string, to: string) {
    const groups = Map.groupBy(
      this.within(from, to).filter(({ name }) => name === 'purchase' || name === 'refund'),
      ({ ts, country }) => {
        if (by === 'country') return country;
        return this.#date(ts).slice(0, by === 'day' ? 10 : 7);
      },
    );
    return [...groups]
      .filter(([key]) => key !== undefined)
      .map(([key, events]) => ({
        key,
        orders: sum(events, 'orders'),
        refunds: sum(events, 'refunds'),
        money: money(events),
      }))
      .sort((a, b) => (a.key! < b.key! ? -1 : 1));
  }

  user(user: string) {
    const theirs = this.#all.filter((event) => event.user === user);
    const times = theirs.map(({ ts }) => ts);
    return {
      user_id: user,
      known: theirs.some(({ known }) => known),
      first_seen: new Date(Math.min(...times)).toISOString(),
      last_seen: new Date(Math.max(...times)).toISOString(),
      total_events: theirs.length,
      events: byName(theirs),
      orders: sum(theirs, 'orders'),
      refunds: sum(theirs, 'refunds'),
      money: money(theirs),
    };
  }

  interactions(user: string, from: string, to: string): { id: string; name: string; timestamp: string }[] {
    return timeline(this.within(from, to), this.#site.id, user).map(({ id, name, ts }) => ({
      id,
      name,
      timestamp: new Date(ts).toISOString(),
    }));
  }
}

function sum(events: FootfallEvent[], counter: string): number {
  return events
    .flatMap(counted)
    .filter(([name]) => name === counter)
    .reduce((total, [, amount]) => total + amount, 0);
}

function byName(events: FootfallEvent[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(events, ({ name }) => name)].map(([name, list]) => [name, list.length]),
  );
}

function money(events: FootfallEvent[]) {
  const currencies = events
    .filter(({ name, currency }) => currency && (name === 'purchase' || name === 'refund'))
    .map(({ currency }) => currency!);
  return [...new Set(currencies)].sort().map((currency) => {
    const revenue = sum(events, `revenue:${currency}`);
    const refunded = sum(events, `refunded:${currency}`);
    return {
      currency,
      revenue: decimal(revenue, currency),
      refunded: decimal(refunded, currency),
      net: decimal(revenue - refunded, currency),
      revenue_minor: revenue,
      refunded_minor: refunded,
      net_minor: revenue - refunded,
    };
  });
}

const decimal = (minor: number, currency: string) =>
  (minor / 10 ** currencyExponent(currency)).toFixed(currencyExponent(currency));
