import { EVENT_VERSION, type FootfallEvent, type Item } from '../event/event.ts';
import type { Site } from '../sites/site.ts';
import { chooseDevice } from './arrival.ts';
import { Heap } from './heap.ts';
import { Random } from './random.ts';
import { busyness, openShop, type Shop } from './shop.ts';
import { type Shopper, type Step, visit } from './visit.ts';

/** Default length of a simulated day: short enough to watch a night pass. */
export const SIMULATED_DAY_MS = 5 * 60_000;

/** How long a visitor looks at a page on average, ms. Determines how many visitors a rate needs. */
export const MEAN_STEP_MS = 30_000;

/** Customers with an account, per shop. */
const CUSTOMERS = 5_000;
/** How many of a shop's latest anonymous visitors may return. */
const REMEMBERED = 1_000;

interface Visitor {
  /** On the shop's own clock, in ms of waiting; it stands still while no visitor acts. */
  due: number;
  shopper: Shopper;
  steps: Iterator<Step, void>;
  /** The step that happens at `due`. */
  step: Step;
}

interface Refund {
  due: number;
  event: FootfallEvent;
}

/** A shop, its present visitors, and those who may return. */
interface Crowd extends Shop {
  visitors: Heap<Visitor>;
  /** Ring of the latest anonymous visitors, and how many there were in all. */
  remembered: Shopper[];
  strangers: number;
}

export interface FactoryOptions {
  sites: readonly Site[];
  /** An integer; the same seed gives the same events. */
  seed: number;
  /** Visitors in all shops together at any time. */
  shoppers?: number;
  /** Length of a simulated day, ms. */
  dayMs?: number;
}

/**
 * Several shops full of visitors. Each call of {@link next} returns the next event of any of them.
 *
 * The caller decides when the next event happens, at any pace. How busy each shop is at its local hour
 * decides in which shop; there, the visitor whose wait ends first acts. When a visit ends, another begins.
 * Refunds follow one to four simulated days after the purchase.
 */
export class InteractionFactory {
  readonly #random: Random;
  readonly #shops: Crowd[];
  readonly #dayMs: number;
  readonly #tag: string;
  readonly #refunds = new Heap<Refund>();
  #events = 0;
  #people = 0;
  #orders = 0;

  constructor({ sites, seed, shoppers = 50, dayMs = SIMULATED_DAY_MS }: FactoryOptions) {
    if (sites.length === 0) throw new RangeError('A simulation needs at least one site.');
    this.#random = new Random(seed);
    this.#dayMs = dayMs;
    this.#tag = (seed >>> 0).toString(36);
    this.#shops = sites.map((site) => ({
      ...openShop(site),
      visitors: new Heap(),
      remembered: [],
      strangers: 0,
    }));
    for (const shop of this.#shops) {
      const size = Math.max(1, Math.round(shoppers / this.#shops.length));
      // The shops are full from the start, so spread the first steps over the time that a step takes.
      for (let n = 0; n < size; n += 1) this.#enter(shop, this.#random.unit() * MEAN_STEP_MS);
    }
  }

  /** How busy the shops are at a time (ms since the epoch); 1 is the average of a day. */
  busyness(ts: number): number {
    const sum = this.#shops.reduce((total, shop) => total + busyness(shop, ts, this.#dayMs), 0);
    return sum / this.#shops.length;
  }

  /**
   * Returns the next event.
   * @param ts when it happens, ms since the epoch; not before the previous one.
   * @param received when it is received, ms since the epoch; not before `ts`.
   */
  next(ts: number, received: number): FootfallEvent {
    const refund = this.#refunds.peek();
    if (refund && refund.due <= ts) {
      this.#refunds.pop();
      return { ...refund.event, id: this.#nextId(), ts, received };
    }
    const shop = this.#chooseShop(ts);
    const visitor = shop.visitors.pop()!;
    const { step } = visitor;
    // They stay on the device in their hands.
    if (step.signIn) visitor.shopper = { ...step.signIn, device: visitor.shopper.device };
    const event = this.#eventOf(shop, visitor.shopper, step, ts, received);
    if (event.name === 'purchase' && this.#random.chance(0.08)) this.#planRefund(event, ts);
    const following = visitor.steps.next();
    if (following.done) {
      this.#enter(shop, visitor.due + this.#random.exponential(MEAN_STEP_MS));
    } else {
      visitor.step = following.value;
      visitor.due += following.value.wait;
      shop.visitors.push(visitor);
    }
    return event;
  }

  #nextId(): string {
    this.#events += 1;
    return `sim-${this.#tag}-${this.#events.toString(36)}`;
  }

  #eventOf(shop: Crowd, shopper: Shopper, step: Step, ts: number, received: number): FootfallEvent {
    return {
      v: EVENT_VERSION,
      id: this.#nextId(),
      site: shop.site.id,
      user: shopper.user,
      ...(shopper.known && { known: true }),
      ts,
      received,
      country: shopper.country,
      ...shopper.device,
      ...step.event,
      ...(step.event.value !== undefined && { currency: shop.site.currency }),
    };
  }

  /** Adds a visitor whose first step happens at `due`. */
  #enter(shop: Crowd, due: number): void {
    const shopper = this.#choosePerson(shop);
    const steps = visit(
      {
        shop,
        random: this.#random,
        newOrder: () => {
          this.#orders += 1;
          return `order-${this.#tag}-${this.#orders.toString(36)}`;
        },
        account: () => {
          shopper.account ??= this.#customer(shop);
          return shopper.account;
        },
      },
      shopper,
    );
    this.#people += 1;
    shop.visitors.push({ due, shopper, steps, step: steps.next().value as Step });
  }

  #chooseShop(ts: number): Crowd {
    let target = this.#random.unit() * this.busyness(ts) * this.#shops.length;
    for (const shop of this.#shops) {
      target -= busyness(shop, ts, this.#dayMs);
      if (target < 0) return shop;
    }
    return this.#shops.at(-1)!;
  }

  #choosePerson(shop: Crowd): Shopper {
    const random = this.#random;
    if (random.chance(0.3)) return this.#customer(shop);
    if (shop.remembered.length > 0 && random.chance(0.2)) return random.pick(shop.remembered);
    const shopper: Shopper = {
      user: `anonymous-${this.#tag}-${this.#people.toString(36)}`,
      known: false,
      country: shop.countries[shop.countryWeights.draw(random)]!,
      device: chooseDevice(random),
    };
    shop.remembered[shop.strangers % REMEMBERED] = shopper;
    shop.strangers += 1;
    return shopper;
  }

  /** A customer with an account. The same in every simulation, always in the same country. */
  #customer(shop: Crowd): Shopper {
    const number = this.#random.below(CUSTOMERS);
    const own = new Random(number);
    const country = shop.countries[shop.countryWeights.draw(own)]!;
    return { user: `customer-${number}`, known: true, country, device: chooseDevice(own) };
  }

  /** Schedules the refund of an order or of one of its lines. */
  #planRefund(order: FootfallEvent, ts: number): void {
    const items: Item[] = this.#random.chance(0.5) ? order.items! : [this.#random.pick(order.items!)];
    const { page: _, ...rest } = order;
    const value = items.reduce((sum, { amount }) => sum + amount!, 0);
    const due = ts + (1 + this.#random.unit() * 3) * this.#dayMs;
    this.#refunds.push({ due, event: { ...rest, name: 'refund', items, value } });
  }
}
