import type { FootfallEvent } from '../event/event.ts';
import type { Verdict } from '../event/order-note.ts';
import type { FunnelDefinition } from '../funnels/definition.ts';
import {
  addStep,
  contributionsOf,
  mergeFunnels,
  newFunnelState,
  settleFunnel,
  takesStep,
} from '../funnels/progress.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { type Day, HOUR_MS, localDay, type Month } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import { type ActivityChanges, addActiveDay, removeActiveDays } from './active-days.ts';
import { addToCart, type CartCourse, followCarts, isAboutCarts, mergeCarts, settleCarts } from './cart.ts';
import { cartDays } from './cart-days.ts';
import { openCheckout } from './checkout.ts';
import type { MinuteDelta, MonthDelta, UserDelta } from './chunk-delta.ts';
import { countSession, recountSessions, type Visits } from './count-sessions.ts';
import {
  eventCount,
  IMPRESSIONS,
  isEventCount,
  NEW_ACCOUNTS,
  NEW_USERS,
  refundedIn,
} from './counter-names.ts';
import { CustomerChange } from './customer-change.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import { refundsOf } from './order-refunds.ts';
import { refundOf } from './order-state.ts';
import {
  mergePersonOrders,
  orderKey,
  type PersonOrder,
  sumShare,
  takeOldestOrders,
  transactionOf,
  withPersonCopy,
  withVerdict,
} from './person-orders.ts';
import { addEvent, closeSessions, mergeSessions, opensSession } from './sessions.ts';
import { timelineEntry } from './timeline.ts';
import {
  addAlias,
  type Erased,
  keptOnDetaching,
  MAX_TIMELINE_LENGTH,
  newUserState,
  seeProduct,
  type UserState,
} from './user-state.ts';
import { visitOrders } from './visit-orders.ts';

/** Cost of a user's state or a block of interactions besides their bytes: they are longer than other writes. */
const STRING_COST = 2;
/**
 * About what a session that is counted at the chunk's end adds to its cost. Many sessions share times and values.
 */
const SESSION_COST = 8;
/** The same of an order that is taken back or counted again for its buyer. */
const SALE_COST = 4;
const CHECKOUT_COST = 2;
/** Cost of a cart's places in lists, and of noting what it is worth. */
const CART_COST = 6;
/** Counters that a user may have. Events with further names share one. */
const MAX_COUNTERS = 1_000;
const OTHER_EVENTS = eventCount('(other)');

/** A person's order under its key, see person-orders.ts. */
export type NamedOrder = [key: string, order: PersonOrder];

/** What homes of orders have to be told. */
export interface OrderNews {
  /** Whether the event's order is to be told of it. */
  isNews: boolean;
  /** Orders that the user's state has forgotten. */
  released: NamedOrder[];
}

/**
 * What a chunk changes of one user. Sessions and funnels are not counted event by event: a late event may join, extend
 * or shorten what was counted. At the chunk's end, `settle` takes back what the user added before and adds what the
 * user adds now, as far as the two differ.
 */
export class UserChange {
  readonly delta: UserDelta;
  readonly #builder: DeltaBuilder;
  readonly #funnels: readonly FunnelDefinition[];
  readonly #visitsBefore: Visits;
  readonly #checkoutBefore: number | undefined;
  readonly #activity: ActivityChanges;
  /** Undefined as long as no order has changed. */
  #customerChange: CustomerChange | undefined;
  /** By the key of each funnel that may have changed: what the user had added to it before. */
  readonly #funnelsBefore = new Map<string, Map<Day, Counters>>();
  /** The carts that were counted before; undefined when no event of the chunk was about one. */
  #cartsBefore: readonly CartCourse[] | undefined;
  #cartIsNew = false;
  #isErased = false;

  constructor(
    { site, user, state }: { site: Site; user: string; state: UserState },
    funnels: readonly FunnelDefinition[],
    builder: DeltaBuilder,
  ) {
    this.delta = { site, user, state, months: [] };
    this.#builder = builder;
    this.#funnels = funnels;
    this.#visitsBefore = {
      sessions: [...state.sessions.open],
      bought: visitOrders(state.sessions, state.orders),
    };
    this.#checkoutBefore = openCheckout(state);
    this.#activity = {
      gap: (day, gap, amount) => builder.add(builder.day(site, day).gaps, gap, amount),
      cohort: (period, start, n, amount) => {
        const cohorts = getOrMake(builder.site(site).cohorts, period, () => new Map());
        builder.add(
          getOrMake(cohorts, start, () => new Map()),
          n,
          amount,
        );
      },
    };
    builder.delta.users.push(this.delta);
    builder.delta.cost += STRING_COST + SESSION_COST;
    builder.addBytes(state.bytes);
    // The state of a removed funnel would be kept forever.
    for (const key of state.funnels.keys()) {
      if (!funnels.some((funnel) => funnel.key === key)) state.funnels.delete(key);
    }
    // A session that grows may take a later step of a funnel by session.
    for (const funnel of funnels) {
      if (funnel.by === 'session' && state.funnels.has(funnel.key)) this.#rememberFunnel(funnel);
    }
  }

  /** @returns what the homes of orders have to be told. */
  add(event: FootfallEvent, minute: MinuteDelta): OrderNews {
    const { state } = this.delta;
    this.#moveFirsts(event, minute);
    if (event.ts > state.last) state.last = event.ts;
    increaseBounded(state.sums, eventCount(event.name), 1);
    addActiveDay(state.days, minute.day, this.#activity);
    if (event.items && !IMPRESSIONS.has(event.name)) {
      for (const { id } of event.items) seeProduct(state.products, id, event.ts);
    }
    if (opensSession(event)) addEvent(state.sessions, event, minute.resolution);
    if (event.name === 'refund' && transactionOf(event) === undefined) this.#sumRefund(event, minute);
    const news = event.name === 'purchase' ? this.#addCopy(event, minute) : { isNews: true, released: [] };
    for (const funnel of this.#funnels) this.#addToFunnel(funnel, event);
    if (isAboutCarts(event.name)) this.#addToCart(event);
    this.#addToTimeline(event, minute);
    return news;
  }

  /** Keeps the ids of events that belong to no person for as long as a user with an event at `ts` (ms) would be kept. */
  keep(ts: number): void {
    const { state } = this.delta;
    if (ts > state.last) state.last = ts;
  }

  /**
   * Takes back all that the visitor has added to numbers of people, and returns it: the visitor is the user `alias`.
   */
  detach(alias: string): UserState {
    const { state, site } = this.delta;
    const left = { ...state, sessions: { ...state.sessions } };
    this.#rememberOrders();
    if (state.first !== Infinity) {
      this.#builder.add(this.#builder.day(site, localDay(state.first, site.zone)).counters, NEW_USERS, -1);
    }
    removeActiveDays(state.days, this.#activity);
    this.#builder.delta.cost += state.sessions.open.length * SESSION_COST + state.orders.size * SALE_COST;
    for (const funnel of this.#funnels) if (state.funnels.has(funnel.key)) this.#rememberFunnel(funnel);
    this.#rememberCarts();
    this.delta.isDetached = true;
    Object.assign(state, newUserState(), keptOnDetaching(state), { alias });
    return left;
  }

  /**
   * Forgets the user, and takes back what they have added to numbers of people. Events, money, sessions and funnels by
   * session are the shop's and stay.
   * @returns other ids of the same person, the person's orders, the months in which the user has a timeline, and the
   *   day of the last change to a filled cart.
   */
  erase(erased: Erased): { ids: string[]; orders: NamedOrder[]; months: Month[]; cartDay: Day | undefined } {
    const { state, site } = this.delta;
    for (const [counter, ts] of [
      [NEW_USERS, state.first],
      [NEW_ACCOUNTS, state.firstKnown],
    ] as const) {
      if (ts !== Infinity)
        this.#builder.add(this.#builder.day(site, localDay(ts, site.zone)).counters, counter, -1);
    }
    removeActiveDays(state.days, this.#activity);
    for (const funnel of this.#funnels) if (state.funnels.has(funnel.key)) this.#rememberFunnel(funnel);
    this.#settleSessions();
    this.#customerChange?.settle();
    for (const funnel of this.#funnels) this.#settleFunnel(funnel, { isErased: true });
    const carts = this.#rememberCarts();
    this.#countCarts(carts, -1);
    this.#isErased = true;
    const { users } = this.#builder.delta;
    users.splice(users.indexOf(this.delta), 1);
    const ids = state.alias === undefined ? state.aliases : [...state.aliases, state.alias];
    const months = [...state.months.keys()];
    const orders = [...state.orders];
    Object.assign(state, newUserState(), { erased });
    return { ids, orders, months, cartDay: this.#dayOf(openCart(carts)) };
  }

  /**
   * Adds all that another shard knew of an anonymous visitor who turned out to be this user.
   * @param visitor undefined when it is the visitor's own, and has come back
   * @param ts of the `identify` event, which follows as an event of this user
   * @returns orders that the user's state has no room for
   */
  merge(visitor: string | undefined, other: UserState, ts: number): NamedOrder[] {
    const { state, site } = this.delta;
    for (const alias of other.aliases) this.#addAlias(alias);
    if (visitor !== undefined) this.#addAlias(visitor);
    if (other.first < state.first) {
      this.#moveFirst(NEW_USERS, state.first, localDay(other.first, site.zone));
      state.first = other.first;
    }
    // How long a state is kept follows from its last event. A new user gets theirs with the event that follows.
    state.last = Math.max(state.last, other.last, ts);
    for (const [counter, amount] of other.sums) increaseBounded(state.sums, counter, amount);
    const refused = this.#mergeOrders(other);
    for (const day of other.days) addActiveDay(state.days, day, this.#activity);
    for (const [product, ts] of other.products) seeProduct(state.products, product, ts);
    this.#mergeSessions(other);
    this.#builder.delta.cost += other.sessions.open.length * SESSION_COST + other.orders.size * SALE_COST;
    for (const funnel of this.#funnels) {
      const theirs = other.funnels.get(funnel.key);
      if (!theirs) continue;
      this.#rememberFunnel(funnel);
      const ours = getOrMake(state.funnels, funnel.key, () => newFunnelState(funnel.steps.length));
      const { sessions } = state;
      const context = { sessions, theirs: other.sessions.open, zone: site.zone };
      this.#countFunnel(funnel.key, mergeFunnels(ours, theirs, funnel, context), 1);
    }
    this.#rememberCarts();
    mergeCarts(state.cart, other.cart);
    this.#forgetOrders(refused);
    return [...refused, ...this.#takeOldestOrders()];
  }

  /** Makes the visitor one again who was taken for a user. */
  refuse(user: string): void {
    const { state } = this.delta;
    if (state.alias === user) state.alias = undefined;
    state.refused = user;
  }

  /**
   * Takes what the home of a person's order says of it.
   * @returns orders that the user's state has forgotten
   */
  judge(key: string, verdict: Verdict): NamedOrder[] {
    const order = this.delta.state.orders.get(key);
    if (!order) return [];
    this.#setOrder(key, withVerdict(order, verdict));
    return this.#takeOldestOrders();
  }

  /** Counts the user's sessions, funnels and cart as they are at the chunk's end. */
  settle(): void {
    if (this.#isErased) return;
    const { state, site } = this.delta;
    this.#settleSessions();
    this.#customerChange?.settle();
    for (const funnel of this.#funnels) this.#settleFunnel(funnel);
    this.#closeSessions((site.lateness_hours + 1) * HOUR_MS);
    this.#settleCarts((site.lateness_hours + 1) * HOUR_MS);
    const begun = openCheckout(state);
    if (begun === this.#checkoutBefore) return;
    this.delta.checkout = { begun };
    this.#builder.delta.cost += CHECKOUT_COST;
  }

  #settleSessions(): void {
    const { sessions, orders } = this.delta.state;
    const after = { sessions: sessions.open, bought: visitOrders(sessions, orders) };
    recountSessions(this.#visitsBefore, after, { site: this.delta.site, builder: this.#builder });
  }

  /** Closes sessions, and notes which orders are counted in them for good. */
  #closeSessions(inTime: number): void {
    const { sessions, orders, last } = this.delta.state;
    const { closedUntil } = sessions;
    const closed = closeSessions(sessions, last, inTime);
    if (closed.length === 0) return;
    const before = { ...sessions, open: [...closed, ...sessions.open], closedUntil };
    const bought = visitOrders(before, orders);
    for (const session of closed) this.#settleOrders(bought.get(session));
  }

  #settleOrders(bought: { keys: readonly string[] } | undefined): void {
    const { orders } = this.delta.state;
    for (const key of bought?.keys ?? []) orders.set(key, { ...orders.get(key)!, isSettled: true });
  }

  /** @param options.isErased then funnels by user lose what was counted */
  #settleFunnel(funnel: FunnelDefinition, { isErased = false } = {}): void {
    const { state, site } = this.delta;
    const counted = this.#funnelsBefore.get(funnel.key);
    if (!counted) return;
    this.#countFunnel(funnel.key, counted, -1);
    const funnelState = state.funnels.get(funnel.key);
    if (!funnelState || (isErased && funnel.by === 'user')) return;
    const { open } = state.sessions;
    this.#countFunnel(funnel.key, contributionsOf(funnelState, funnel, { open, zone: site.zone }), 1);
    if (!isErased) settleFunnel(funnelState, funnel, site, state.last);
  }

  #addToCart(event: FootfallEvent): void {
    this.#rememberCarts();
    if (addToCart(this.delta.state.cart, event) === 'bought') this.#cartIsNew = true;
  }

  #rememberCarts(): readonly CartCourse[] {
    this.#cartsBefore ??= followCarts(this.delta.state.cart);
    return this.#cartsBefore;
  }

  /** @param inTime how much earlier than the user's last event one may still happen, ms */
  #settleCarts(inTime: number): void {
    const before = this.#cartsBefore;
    if (!before) return;
    const { cart, last } = this.delta.state;
    const carts = followCarts(cart);
    this.#countCarts(before, -1);
    this.#countCarts(carts, 1);
    const settled = settleCarts(cart, last - inTime);
    const present = settled ? followCarts(cart) : carts;
    if (settled) {
      // What is taken back next time is what then follows from the state.
      this.#countCarts(carts, -1);
      this.#countCarts(settled, 1);
      this.#countCarts(present, 1);
    }
    const open = openCart(present);
    this.delta.cart = {
      filled: open?.lastTouch,
      value: open?.value ?? new Map(),
      day: this.#dayOf(open),
      dayBefore: this.#dayOf(openCart(before)),
      isNew: this.#cartIsNew || !open,
    };
    this.#builder.delta.cost += CART_COST;
  }

  #dayOf(cart: CartCourse | undefined): Day | undefined {
    return cart && localDay(cart.lastTouch, this.delta.site.zone);
  }

  #countCarts(carts: readonly CartCourse[], sign: 1 | -1): void {
    const { site } = this.delta;
    for (const [day, fields] of cartDays(carts, site.zone)) {
      const sums = this.#builder.day(site, day).carts;
      for (const [field, amount] of fields) this.#builder.add(sums, field, sign * amount);
    }
  }

  /** A refund that names no order is its sender's. Others come with the verdict of their order's home. */
  #sumRefund(event: FootfallEvent, { resolution }: MinuteDelta): void {
    const refunds = [refundOf(event, resolution)];
    for (const { money } of refundsOf({ money: undefined, lines: undefined, refunds })) {
      if (money) increase(this.delta.state.sums, refundedIn(money[0]), money[1]);
    }
  }

  #addAlias(alias: string): void {
    const further = addAlias(this.delta.state.aliases, alias);
    if (further === undefined) return;
    this.delta.furtherAliases ??= [];
    this.delta.furtherAliases.push(further);
    this.delta.state.furtherAliases++;
  }

  #moveFirsts(event: FootfallEvent, minute: MinuteDelta): void {
    const { state } = this.delta;
    if (event.ts < state.first) {
      this.#moveFirst(NEW_USERS, state.first, minute.day);
      state.first = event.ts;
    }
    if (event.known && event.ts < state.firstKnown) {
      this.#moveFirst(NEW_ACCOUNTS, state.firstKnown, minute.day);
      state.firstKnown = event.ts;
    }
  }

  /** The user's first event turned out to be an earlier one. Its day gains the user, the former day loses it. */
  #moveFirst(counter: string, former: number, to: Day): void {
    const { site } = this.delta;
    if (former !== Infinity) {
      const formerDay = localDay(former, site.zone);
      if (formerDay === to) return;
      this.#builder.add(this.#builder.day(site, formerDay).counters, counter, -1);
    }
    this.#builder.add(this.#builder.day(site, to).counters, counter, 1);
  }

  #addCopy(event: FootfallEvent, { resolution }: MinuteDelta): OrderNews {
    const key = orderKey(event);
    const order = withPersonCopy(this.delta.state.orders.get(key), event, resolution);
    if (!order) return { isNews: false, released: [] };
    this.#setOrder(key, order);
    return { isNews: true, released: this.#takeOldestOrders() };
  }

  /** Notes what the person has added as a customer. Call it before the orders change. */
  #rememberOrders(): void {
    const { site, state } = this.delta;
    this.#customerChange ??= new CustomerChange(site, state, this.#builder);
  }

  #setOrder(key: string, order: PersonOrder): void {
    this.#rememberOrders();
    const { orders, sums } = this.delta.state;
    sumShare(sums, orders.get(key), -1);
    sumShare(sums, order, 1);
    orders.set(key, order);
  }

  /** The sums of both are added up already. @returns orders of the other one that there is no room for. */
  #mergeOrders(other: UserState): NamedOrder[] {
    const { orders, sums } = this.delta.state;
    const refused: NamedOrder[] = [];
    this.#rememberOrders();
    this.#customerChange!.merge(other);
    for (const [key, theirs] of other.orders) {
      const ours = orders.get(key);
      const merged = ours && mergePersonOrders(ours, theirs);
      if (!ours) orders.set(key, theirs);
      else if (!merged) refused.push([key, theirs]);
      else {
        sumShare(sums, theirs, -1);
        this.#setOrder(key, merged);
      }
    }
    return refused;
  }

  /** The orders are merged already. */
  #mergeSessions({ sessions }: UserState): void {
    const { state, site } = this.delta;
    const early = mergeSessions(state.sessions, sessions);
    if (early.length === 0) return;
    const bought = visitOrders({ ...sessions, open: early }, state.orders);
    for (const session of early) {
      countSession(session, bought.get(session), 1, { site, builder: this.#builder });
      this.#settleOrders(bought.get(session));
    }
  }

  /** Takes out orders that there is no room for. What is counted of them stays, so their sessions keep them. */
  #takeOldestOrders(): NamedOrder[] {
    const taken = takeOldestOrders(this.delta.state.orders);
    this.#forgetOrders(taken);
    return taken;
  }

  #forgetOrders(forgotten: readonly NamedOrder[]): void {
    const { sessions } = this.delta.state;
    for (const [key, order] of forgotten) {
      this.#customerChange!.release(order);
      for (const [session, bought] of visitOrders(sessions, new Map([[key, order]]))) {
        if (!bought.keys.includes(key)) continue;
        const { orders, money } = bought;
        sessions.open.splice(sessions.open.indexOf(session), 1, { ...session, forgotten: { orders, money } });
      }
    }
  }

  #addToTimeline(event: FootfallEvent, minute: MinuteDelta): void {
    const { state } = this.delta;
    const kept = state.months.get(minute.month) ?? 0;
    if (kept >= MAX_TIMELINE_LENGTH || event.received > minute.timelineEnd) return;
    const entry = timelineEntry(event);
    this.#month(minute.month).entries.push(entry);
    state.months.set(minute.month, kept + entry.length);
  }

  #month(month: Month): MonthDelta {
    const { months } = this.delta;
    // A chunk rarely spans the end of a month: nearly always there is one.
    for (const one of months) if (one.month === month) return one;
    const delta: MonthDelta = { month, entries: [] };
    months.push(delta);
    this.#builder.delta.cost += STRING_COST;
    return delta;
  }

  #addToFunnel(funnel: FunnelDefinition, event: FootfallEvent): void {
    if (event.received < funnel.effective_from) return;
    const { state, site } = this.delta;
    const { steps } = funnel;
    for (let i = 0; i < steps.length; i++) {
      if (!takesStep(steps[i]!, event)) continue;
      this.#rememberFunnel(funnel);
      const funnelState = getOrMake(state.funnels, funnel.key, () => newFunnelState(steps.length));
      addStep(funnelState, funnel, i, event.ts, { sessions: state.sessions, zone: site.zone });
    }
  }

  #rememberFunnel(funnel: FunnelDefinition): void {
    if (this.#funnelsBefore.has(funnel.key)) return;
    const { state, site } = this.delta;
    const before = state.funnels.get(funnel.key);
    const counted = before
      ? contributionsOf(before, funnel, { open: this.#visitsBefore.sessions, zone: site.zone })
      : new Map();
    this.#funnelsBefore.set(funnel.key, counted);
  }

  #countFunnel(key: string, days: Map<Day, Counters>, sign: 1 | -1): void {
    for (const [day, fields] of days) {
      const sums = getOrMake(this.#builder.day(this.delta.site, day).funnels, key, () => new Map());
      for (const [field, amount] of fields) this.#builder.add(sums, field, sign * amount);
    }
  }
}

/** The one that has not ended, if any. */
const openCart = (carts: readonly CartCourse[]): CartCourse | undefined =>
  carts.at(-1)?.end ? undefined : carts.at(-1);

/** Names of events are any text, so further ones share a counter. Currencies are few, and money stays money. */
function increaseBounded(sums: Counters, counter: string, amount: number): void {
  const hasRoom = sums.has(counter) || sums.size < MAX_COUNTERS || !isEventCount(counter);
  increase(sums, hasRoom ? counter : OTHER_EVENTS, amount);
}
