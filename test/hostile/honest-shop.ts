/** A shop like any other: what it sends, what it asks, and its own count of what it has sent. */

const PRODUCTS = 20;
const VISITORS = 60;
export const MEASUREMENT_ID = 'G-HONEST1';

interface Counted {
  events: Map<string, number>;
  views: Map<string, number>;
  users: Set<string>;
  orders: number;
  cents: number;
}

export class HonestShop {
  readonly counted: Counted = { events: new Map(), views: new Map(), users: new Set(), orders: 0, cents: 0 };
  /** Requests that were not answered with 2xx, by status. */
  readonly refusals = new Map<number, number>();
  /** Questions without an answer. */
  readonly failures: string[] = [];
  /** When each accepted event was answered, in order, ms. */
  readonly sentAt: number[] = [];
  /** How long each answer took to the events and to the questions, ms. */
  readonly sendMs: number[] = [];
  readonly #collect: string;
  readonly #analytics: string;
  #made = 0;
  #asked = 0;

  constructor(collect: string, analytics: string) {
    this.#collect = collect;
    this.#analytics = analytics;
  }

  /** Sends the next events of a visitor: a view, and now and then an order; or a hit of gtag.js without any key. */
  async send(): Promise<void> {
    const n = this.#made++;
    const visitor = `visitor-${n % VISITORS}`;
    const product = `tea-${n % PRODUCTS}`;
    const cents = 1_000 + (n % 7) * 33;
    const base = { anonymous_id: visitor, page: `https://honest.example/${product}` };
    const items = [{ item_id: product, item_name: `Tea ${product}`, price: cents / 100, quantity: 1 }];
    const began = performance.now();
    if (n % 10 === 3) {
      const query = `v=2&tid=${MEASUREMENT_ID}&cid=${visitor}&_p=${n}&_s=1&en=page_view&dl=${encodeURIComponent(base.page)}`;
      await this.#post(`/g/collect?${query}`, undefined, [{ name: 'page_view', visitor }]);
    } else if (n % 5 === 0) {
      const order = { transaction_id: `order-${n}`, currency: 'EUR', value: cents / 100 };
      await this.#post('/v1/events', { name: 'purchase', id: `e-${n}`, ...base, ...order, items }, [
        { name: 'purchase', visitor, cents },
      ]);
    } else {
      await this.#post('/v1/events', { name: 'view_item', id: `e-${n}`, ...base, items }, [
        { name: 'view_item', visitor, product },
      ]);
    }
    this.sendMs.push(performance.now() - began);
  }

  async #post(
    path: string,
    body: object | undefined,
    events: { name: string; visitor: string; product?: string; cents?: number }[],
  ): Promise<void> {
    const status = await fetch(`${this.#collect}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0',
        ...(body && { authorization: 'Bearer honest-write-key' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).then(
      (response) => response.arrayBuffer().then(() => response.status),
      () => 0,
    );
    if (status < 200 || status > 299) {
      this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
      return;
    }
    for (const { name, visitor, product, cents } of events) {
      const { counted } = this;
      this.sentAt.push(Date.now());
      counted.events.set(name, (counted.events.get(name) ?? 0) + 1);
      counted.users.add(visitor);
      if (product !== undefined) counted.views.set(product, (counted.views.get(product) ?? 0) + 1);
      if (cents === undefined) continue;
      counted.orders++;
      counted.cents += cents;
    }
  }

  /** @throws for an answer that is none. */
  async get<T>(target: string): Promise<T> {
    const response = await fetch(`${this.#analytics}${target}`, {
      headers: { authorization: 'Bearer honest-read-key' },
    });
    const body = await response.json();
    if (response.status !== 200) throw new Error(`${target}: ${response.status} ${JSON.stringify(body)}`);
    return body as T;
  }

  /** Asks the next question, in turn. @returns how long the answer took, ms; undefined when there was none. */
  async ask(): Promise<number | undefined> {
    const n = this.#asked++;
    const questions = [
      '/v1/overview',
      `/v1/series?metric=${['events', 'revenue', 'sessions'][n % 3]}&grain=hour`,
      `/v1/products?limit=${1 + (n % 500)}`,
      `/v1/breakdowns/page?limit=${1 + (n % 500)}`,
      '/v1/revenue?by=day',
      `/v1/users/visitor-${n % 10}`,
      '/v1/funnels/shop',
      '/v1/live',
    ];
    const began = performance.now();
    try {
      await this.get(questions[n % questions.length]!);
      return performance.now() - began;
    } catch (error) {
      this.failures.push(String(error).slice(0, 300));
      return undefined;
    }
  }

  /** The numbers of its answers that its own count has, too. */
  async answers(): Promise<object> {
    const [overview, events, products] = await Promise.all([
      this.get<{ data: Record<string, number> & { money: { currency: string; revenue_minor: number }[] } }>(
        '/v1/overview',
      ),
      this.get<{ data: { events: Record<string, number> } }>('/v1/events'),
      this.get<{ data: { products: { product_id: string; views: number }[] } }>(
        '/v1/products?metric=views&limit=1000',
      ),
    ]);
    const { total_events, orders, refunds, users, bots, money } = overview.data;
    return {
      ...{ total_events, orders, refunds, users, bots },
      money: money.map(({ currency, revenue_minor }) => [currency, revenue_minor]),
      events: Object.fromEntries(Object.entries(events.data.events).sort()),
      views: Object.fromEntries(
        products.data.products.map(({ product_id, views }) => [product_id, views]).sort(),
      ),
    };
  }

  /** The same by its own count. */
  expected(): object {
    const { events, views, users, orders, cents } = this.counted;
    const sum = [...events.values()].reduce((total, one) => total + one, 0);
    return {
      ...{ total_events: sum, orders, refunds: 0, users: users.size, bots: 0 },
      money: [['EUR', cents]],
      events: Object.fromEntries([...events].sort()),
      views: Object.fromEntries([...views].sort()),
    };
  }
}
