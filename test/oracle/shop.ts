import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Site } from '../../shared/sites/site.ts';
import { wallClock } from './clock.ts';
import { type Customer, customersOf } from './customers.ts';
import { type Counted, distinct, tradesOf } from './naive.ts';
import { isNobody, isOfPerson } from './nobody.ts';
import { type Order, ordersByVisitor, ordersOf, type Trade } from './orders.ts';
import { asPeople, type NaiveSession, sessionsOf } from './people.ts';

/** Days of a site, both inclusive; from the first one that there is when `from` is absent. */
export interface Range {
  from?: string;
  to: string;
}

/** What the naive program knows of one site: all events, under the ids of their people. */
export class NaiveShop {
  readonly site: Site;
  /** ms; the instant at which it is asked. */
  readonly now: number;
  readonly events: FootfallEvent[];
  readonly orders: Order[];
  /** Each order once, and each refund with what it gives back. */
  readonly trades: Trade[];
  /** Events of bots, with repetitions. */
  readonly bots: FootfallEvent[];
  /** Everyone who has bought something, also erased people. */
  readonly customers: Customer[];
  /** Whether an order is the first one of its buyer. Orders without a buyer have no kind. */
  readonly kinds: Map<Trade, 'first' | 'repeat'>;
  readonly people: Map<string, FootfallEvent[]>;
  /** Includes erased people, whose events stay in sessions. */
  readonly everybody: Map<string, FootfallEvent[]>;
  readonly sessions: NaiveSession[];
  /** Those on which something happened, in order. */
  readonly dates: string[];
  /** The lists by date, grouped once for all questions. */
  readonly #byDate: Map<string, FootfallEvent[]>;
  readonly #tradesByDate: Map<string, Trade[]>;

  /**
   * @param all in the order in which they arrive: the first identify of a visitor decides.
   * @param told the same under the ids of people, when more than the identifies decides it.
   */
  constructor(all: readonly FootfallEvent[], site: Site, now: number, told = asPeople(distinct(all))) {
    this.site = site;
    this.now = now;
    this.events = told.filter((event) => event.site === site.id);
    this.bots = all.filter((event) => event.site === site.id && event.bot !== undefined);
    const orders = ordersOf(this.events);
    this.orders = orders;
    this.trades = tradesOf(orders);
    this.customers = customersOf(orders);
    this.kinds = new Map(
      this.customers.flatMap((customer) =>
        customer.map(({ sale }, i) => [sale, i === 0 ? 'first' : 'repeat'] as const),
      ),
    );
    const withPerson = this.events.filter(({ personless }) => !personless);
    this.everybody = Map.groupBy(withPerson, ({ user }) => user);
    this.people = new Map([...this.everybody].filter(([user]) => !isNobody(user)));
    const bought = ordersByVisitor(orders);
    this.sessions = [...this.everybody].flatMap(([user, theirs]) =>
      sessionsOf(theirs, site, bought.get(user)),
    );
    this.#byDate = Map.groupBy(this.events, ({ ts }) => this.date(ts));
    this.#tradesByDate = Map.groupBy(this.trades, ({ ts }) => this.date(ts));
    this.dates = [...new Set([...this.#byDate.keys(), ...this.bots.map(({ ts }) => this.date(ts))])].sort();
  }

  date(ts: number): string {
    return wallClock(ts, this.site.zone).date;
  }

  get today(): string {
    return this.date(this.now);
  }

  /** The range with its first day: the first one on which something happened when the question names none. */
  covered({ from, to }: Range): Required<Range> {
    return { from: from ?? this.dates.find((date) => date <= to) ?? to, to };
  }

  /** Those of a range on which something happened. */
  datesWithin(range: Range): string[] {
    const { from, to } = this.covered(range);
    return this.dates.filter((date) => date >= from && date <= to);
  }

  within(range: Range): FootfallEvent[] {
    return this.datesWithin(range).flatMap((date) => this.#byDate.get(date) ?? []);
  }

  tradesWithin(range: Range): Trade[] {
    return this.datesWithin(range).flatMap((date) => this.#tradesByDate.get(date) ?? []);
  }

  /** Events, orders and refunds. */
  allWithin(range: Range): Counted[] {
    return [...this.within(range), ...this.tradesWithin(range)];
  }

  botsWithin(range: Range): FootfallEvent[] {
    const dates = new Set(this.datesWithin(range));
    return this.bots.filter(({ ts }) => dates.has(this.date(ts)));
  }

  usersWithin(range: Range): number {
    return new Set(
      this.within(range)
        .filter(isOfPerson)
        .map(({ user }) => user),
    ).size;
  }

  sessionsWithin(range: Range): NaiveSession[] {
    const { from, to } = this.covered(range);
    return this.sessions.filter(({ date }) => date >= from && date <= to);
  }

  /** How many people had their first event of this kind in a range. */
  firsts(range: Range, isMeant: (event: FootfallEvent) => boolean = () => true): number {
    const { from, to } = this.covered(range);
    let count = 0;
    for (const theirs of this.people.values()) {
      const times = theirs.filter(isMeant).map(({ ts }) => ts);
      if (times.length === 0) continue;
      const date = this.date(Math.min(...times));
      if (date >= from && date <= to) count++;
    }
    return count;
  }
}

/** All days from one to another. */
export function datesBetween(from: string, to: string): string[] {
  const dates: string[] = [];
  const day = new Date(from);
  for (let date = from; date <= to; date = day.toISOString().slice(0, 10)) {
    dates.push(date);
    day.setUTCDate(day.getUTCDate() + 1);
  }
  return dates;
}
