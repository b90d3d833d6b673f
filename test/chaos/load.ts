import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpResponse } from '../../shared/platform/http/stack.ts';
import type { Random } from '../../shared/simulation/random.ts';
import { requestOf } from '../support/http.ts';
import type { Child } from './child.ts';
import { SITES } from './environment.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Footfall remembers at least 50 orders and 100 sessions of a user; the naive count has no such limit. */
const EVENTS_A_CROWD = 1_500;
const VISITORS = 30;
const CUSTOMERS = 10;
const CLIENTS = 3;
const PAUSE_MS = 120;
/** collect's own limit is 20 s (serverless.yml). A client waits less, so two equal requests may be under way. */
const PATIENCE_MS = 6_000;

const PAGES = ['/', '/zapatos', '/sale?colour=red', '/café'];
const PRODUCTS = ['p1', 'p2', '__proto__', 'a|b', '商品', 'p6', 'p7'];
const FUNNEL = ['view_item', 'add_to_cart', 'begin_checkout', 'purchase'];

export interface Sent {
  site: string;
  user: string;
  id: string;
}

/** An event as shops send it, in the plain format. */
export type Plain = Record<string, unknown> & { id: string; timestamp: string };

/** Whether an event counts in the numbers: it is not from a bot, and comes in time. */
const isCounted = ({ user_agent, timestamp }: Plain) =>
  user_agent === undefined && Date.now() - Date.parse(timestamp) < 75 * HOUR;

/**
 * Shops' clients: they make up events, send them to collect, and repeat them with the same ids until the answer is 202.
 * One event in thirty is sent once more after that.
 */
export class Load {
  readonly #collect: Child;
  readonly #dice: Random;
  #going = Promise.withResolvers<void>();
  #stopped = false;
  #busy = 0;
  #count = 0;
  /**
   * Countable events of each site, each once: those that were sent to collect, and those that it answered with 202.
   */
  readonly attempted = new Map<string, number>();
  readonly accepted = new Map<string, number>();
  /** Everything that was answered with 202, by site and id. Ids are unique in a site. */
  readonly acknowledged = new Map<string, Sent>();
  readonly answers = new Map<number | 'none', number>();
  readonly #earlier: { site: string; event: Plain }[] = [];
  #clients: Promise<void>[] = [];
  #failure: unknown;

  constructor(collect: Child, dice: Random) {
    this.#collect = collect;
    this.#dice = dice;
    this.resume();
  }

  run(): void {
    this.#clients = Array.from({ length: CLIENTS }, () =>
      this.#client().catch((error) => {
        this.#failure = error;
      }),
    );
  }

  /** Stops making events, and waits until all were answered with 202. */
  async pause(): Promise<void> {
    this.#going = Promise.withResolvers();
    for (const deadline = Date.now() + 90_000; this.#busy > 0; await sleep(20)) {
      if (this.#failure) throw this.#failure;
      if (Date.now() > deadline) throw new Error('collect has not accepted everything for 90 s.');
    }
  }

  resume(): void {
    this.#going.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.resume();
    await Promise.all(this.#clients);
  }

  get events(): number {
    return this.acknowledged.size;
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      await this.#going.promise;
      const { id: site } = this.#dice.pick(SITES);
      const events: Plain[] = [];
      for (let n = 1 + this.#dice.below(30); n > 0; n--) events.push(this.#next(site));
      this.#busy++;
      await this.send(site, events);
      this.#busy--;
      for (const event of events) this.#earlier[this.#dice.below(1_000)] = { site, event };
      await sleep(PAUSE_MS);
    }
  }

  /** Sends events until they are accepted. */
  async send(site: string, events: readonly Plain[]): Promise<void> {
    const fresh = events.filter(({ id }) => !this.acknowledged.has(`${site} ${id}`));
    const counted = fresh.filter(isCounted).length;
    this.#add(this.attempted, site, counted);
    const request = requestOf('POST', '/v1/events', {
      headers: { authorization: `Bearer ${site}-write-key`, 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    while (!this.#stopped) {
      const { answer, body } = await this.#ask(request);
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      if (answer === 202) break;
      if (answer !== 'none' && answer < 500) {
        throw new Error(`collect refused valid events with ${answer}: ${body}`);
      }
      await sleep(150 + this.#dice.below(300));
    }
    if (this.#stopped) return;
    this.#add(this.accepted, site, counted);
    for (const { id, user_id, anonymous_id, name } of fresh) {
      const user = String(name === 'identify' ? anonymous_id : (user_id ?? anonymous_id));
      this.acknowledged.set(`${site} ${id}`, { site, user, id });
    }
  }

  async #ask(request: unknown): Promise<{ answer: number | 'none'; body?: string | undefined }> {
    const late = sleep(PATIENCE_MS, { answer: 'none' as const }, { ref: false });
    const answered = this.#collect.invoke(request).then(
      (response) => {
        const { statusCode = 0, body } = response as HttpResponse;
        return { answer: statusCode, body };
      },
      () => ({ answer: 'none' as const }),
    );
    return Promise.race([answered, late]);
  }

  #add(counts: Map<string, number>, site: string, amount: number): void {
    counts.set(site, (counts.get(site) ?? 0) + amount);
  }

  /** An event of some person, mostly of the last hours. */
  #next(site: string): Plain {
    const dice = this.#dice;
    const again = this.#earlier[dice.below(1_000)];
    if (again?.site === site && dice.chance(0.03)) return again.event;
    const number = this.#count++;
    const crowd = Math.floor(number / EVENTS_A_CROWD);
    const visitor = dice.below(VISITORS);
    const isCustomer = dice.chance(0.4);
    const customer = `c${crowd}-${visitor % CUSTOMERS}`;
    const base = {
      id: `e${number}`,
      ...(isCustomer ? { user_id: customer } : { anonymous_id: `v${crowd}-${visitor}` }),
      timestamp: new Date(Date.now() - this.#age()).toISOString(),
      page: dice.pick(PAGES),
      ...(dice.chance(0.3) && { source: dice.pick(['newsletter', 'google']), medium: 'email' }),
      ...(dice.chance(0.3) && { country: dice.pick(['ES', 'US', 'IN']) }),
    };
    // Each visitor becomes one customer, at any time.
    if (dice.chance(0.02) && !isCustomer) return { ...base, name: 'identify', user_id: customer };
    if (dice.chance(0.03)) return { ...base, name: 'page_view', user_agent: 'Googlebot/2.1' };
    const order = `${crowd}-${customer}-${dice.below(8)}`;
    if (dice.chance(0.03)) return { ...base, name: 'refund', transaction_id: order };
    if (dice.chance(0.02)) {
      return { ...base, name: 'refund', transaction_id: `${order}-part`, value: 5, currency: 'EUR' };
    }
    if (dice.chance(0.1)) return { ...base, name: 'search', search_term: dice.pick(['shoes', 'a|b']) };
    if (dice.chance(0.2)) return { ...base, name: 'page_view' };
    const name = dice.pick(FUNNEL);
    const items = Array.from({ length: 1 + dice.below(3) }, () => ({
      item_id: dice.pick(PRODUCTS),
      quantity: 1 + dice.below(3),
      price: 1 + dice.below(5_000),
    }));
    return {
      ...base,
      name,
      items,
      currency: 'EUR',
      ...(name === 'purchase' && { transaction_id: order, value: 10 + dice.below(10_000) }),
    };
  }

  /** ms. */
  #age(): number {
    // Too late for every clock, also one that is twelve hours off.
    if (this.#dice.chance(0.01)) return 100 * HOUR;
    if (this.#dice.chance(0.1)) return this.#dice.below(30 * HOUR);
    return this.#dice.below(3 * HOUR);
  }
}
