import { EVENT_VERSION, type FootfallEvent, type Item } from '../event/event.ts';
import type { Site } from '../sites/site.ts';
import { chooseDevice } from './arrival.ts';
import { Heap } from './heap.ts';
import { Random } from './random.ts';
import { busyness, openShop, type Shop } from './shop.ts';
import { type Shopper, type Step, visit } from './visit.ts';

/** A day of the simulation, unless said otherwise: short enough to watch a night pass. */
export const SIMULATED_DAY_MS = 5 * 60_000;

/** How long a visitor looks at a page on average, ms: what {@link InteractionFactory} needs to size the crowd. */
export const MEAN_STEP_MS = 30_000;

/** How many customers with an account each shop has. */
const CUSTOMERS = 5_000;
/** How many of the latest anonymous visitors of a shop may come back. */
const REMEMBERED = 1_000;

interface Visitor {
  /** On the shop's own clock, which stands still while nobody acts: ms of patience spent. */
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

/** A shop, the people in it and those who may come to it. */
interface Crowd extends Shop {
  visitors: Heap<Visitor>;
  /** The latest anonymous visitors, a ring, and how many there have been. */
  remembered: Shopper[];
  strangers: number;
}

export interface FactoryOptions {
  sites: readonly Site[];
  /** A whole number; the same seed gives the same events. */
  seed: number;
  /** How many people are in the shops at any time. */
  shoppers?: number;
  /** How long a day of the simulation lasts, ms. */
  dayMs?: number;
}

/**
 * A street of shops full of people. Each call of {@link next} is the next thing that anybody does.
 *
 * Time is the caller's: it says when the next event happens, at any pace. In which shop is drawn by how busy
 * each is at its hour; who acts there is whose patience ends first. When a visit ends, another begins. Goods come back one to four simulated days after they were bought.
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
      // The shops are full from the start: the first steps are spread over the time that a step takes.
      for (let n = 0; n < size; n += 1) this.#enter(shop, this.#random.unit() * MEAN_STEP_MS);
    }
  }

  /** How busy the shops are at an instant (ms since the epoch), 1 being the average of a day. */
  busyness(ts: number): number {
    const sum = this.#shops.reduce((total, shop) => total + busyness(shop, ts, this.#dayMs), 0);
    return sum / this.#shops.length;
  }

  /**
   * The next event.
   * @param ts when it happens, ms since the epoch; no earlier than the one before.
   * @param received when it is taken, ms since the epoch; no earlier than ts.
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
    // On the device that they hold, whatever they use at home.
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

  /** Somebody comes in and does the first step at `due`. */
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

  /** A person with an account. Accounts outlive a simulation, and their people do not move house. */
  #customer(shop: Crowd): Shopper {
    const number = this.#random.below(CUSTOMERS);
    const own = new Random(number);
    const country = shop.countries[shop.countryWeights.draw(own)]!;
    return { user: `customer-${number}`, known: true, country, device: chooseDevice(own) };
  }

  /** All of an order or one of its lines comes back. */
  #planRefund(order: FootfallEvent, ts: number): void {
    const items: Item[] = this.#random.chance(0.5) ? order.items! : [this.#random.pick(order.items!)];
    const { page: _, ...rest } = order;
    const value = items.reduce((sum, { amount }) => sum + amount!, 0);
    const due = ts + (1 + this.#random.unit() * 3) * this.#dayMs;
    this.#refunds.push({ due, event: { ...rest, name: 'refund', items, value } });
  }
}
