/** A tea shop for pictures: two months of visits, always the same but for the clock. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DAYS = 62;

const [TEA, POTS, SETS] = ['Tea', 'Pots and cups', 'Gift sets'];
/** Id, name, price, category, brand, and how often it is looked at. */
const PRODUCTS = [
  ['sencha', 'Sencha Uji, 100 g', 14.5, TEA, 'Kaze', 10],
  ['earl-grey', 'Earl Grey Bergamotto, 100 g', 8.9, TEA, 'Harbour', 9],
  ['matcha', 'Matcha for cooking, 80 g', 17.9, TEA, 'Kaze', 8],
  ['darjeeling', 'Darjeeling First Flush, 50 g', 19.5, TEA, 'Hill Garden', 7],
  ['chamomile', 'Chamomile flowers, 60 g', 6.4, TEA, 'Harbour', 6],
  ['oolong', 'Oolong Dong Ding, 50 g', 16.8, TEA, 'Hill Garden', 6],
  ['rooibos', 'Rooibos Vanilla, 100 g', 7.2, TEA, 'Harbour', 5],
  ['teapot-iron', 'Cast-iron teapot, 0.8 l', 64, POTS, 'Nami', 5],
  ['jasmine', 'Jasmine Pearls, 50 g', 15.2, TEA, 'Hill Garden', 4],
  ['cup-set', 'Stoneware cups, set of 4', 36, POTS, 'Nami', 4],
  ['gift-green', 'Gift box Green Mornings', 42, SETS, 'Harbour', 4],
  ['whisk', 'Bamboo whisk', 18.5, POTS, 'Kaze', 3],
  ['glass-pot', 'Glass pot with strainer, 1 l', 29.9, POTS, 'Nami', 3],
  ['pu-erh', 'Pu-erh, 8 years, 100 g', 24, TEA, 'Hill Garden', 2],
  ['gift-winter', 'Gift box Winter Evenings', 49, SETS, 'Harbour', 2],
  ['tin', 'Tea tin, 100 g', 5.9, POTS, 'Nami', 2],
] as const;

const SOURCES: readonly (readonly [object, number])[] = [
  [{ referrer: 'https://www.google.com/' }, 9],
  [{}, 7],
  [{ source: 'newsletter', medium: 'email', campaign: 'autumn-teas' }, 5],
  [{ source: 'google', medium: 'cpc', campaign: 'brand' }, 4],
  [{ referrer: 'https://www.instagram.com/' }, 3],
  [{ referrer: 'https://tea-notes.example/best-sencha' }, 1],
];

const DEVICES: readonly (readonly [object, number])[] = [
  [{ device: 'mobile', browser: 'Chrome', os: 'Android' }, 6],
  [{ device: 'mobile', browser: 'Safari', os: 'iOS' }, 5],
  [{ device: 'desktop', browser: 'Chrome', os: 'Windows' }, 5],
  [{ device: 'desktop', browser: 'Firefox', os: 'Linux' }, 1],
  [{ device: 'tablet', browser: 'Safari', os: 'iOS' }, 1],
];

const COUNTRIES = [
  ['ES', 10],
  ['PT', 4],
  ['FR', 3],
  ['DE', 2],
  ['IT', 1],
] as const;
const LANDINGS = [
  ['/', 5],
  ['/tea', 3],
  ['/tea/green', 2],
  ['/guide/how-to-brew', 2],
] as const;
const TERMS = [
  ['green tea', 5],
  ['matcha', 4],
  ['teapot', 3],
  ['gift', 2],
  ['decaf', 1],
] as const;

/** Visits by the hour of the day, from midnight: more before noon, most in the evening. */
const HOURS = [1, 1, 0, 0, 0, 1, 2, 4, 6, 7, 8, 8, 7, 6, 6, 6, 7, 8, 10, 12, 13, 11, 7, 3];
/** From Sunday. */
const WEEKDAYS = [1.25, 0.95, 0.9, 0.9, 1, 0.95, 1.1];

/** A generator of numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The customer whose page is shown: comes about once a week. */
export const REGULAR = 'customer-1042';

/** Visits of the shop, one after the other. */
class TeaShop {
  readonly events: object[] = [];
  readonly #random = numbers(20);
  #orders = 1_000;

  pick<T>(list: readonly (readonly [T, number])[]): T {
    let left = this.#random() * list.reduce((sum, [, weight]) => sum + weight, 0);
    return list.find(([, weight]) => {
      left -= weight;
      return left < 0;
    })![0];
  }

  happens = (chance: number) => this.#random() < chance;
  upTo = (limit: number) => Math.floor(this.#random() * limit);

  /** When a visit of a day begins, ms. @param day ms, its beginning. */
  timeOf = (day: number) =>
    day + (this.pick(HOURS.map((weight, hour) => [hour, weight] as const)) * 60 + this.upTo(60)) * MINUTE_MS;

  /** @param at when it begins, ms. @param customer undefined: one of many. */
  visit(at: number, customer?: string): void {
    let ts = at;
    const person =
      customer !== undefined || this.happens(0.4)
        ? { user_id: customer ?? `customer-${1_000 + Math.floor(300 * this.#random() ** 2)}` }
        : { anonymous_id: `visitor-${this.upTo(100_000).toString(36)}` };
    const common = { ...person, ...this.pick(SOURCES), ...this.pick(DEVICES), country: this.pick(COUNTRIES) };
    const send = (name: string, fields: object) => {
      this.events.push({ ...common, name, timestamp: new Date(ts).toISOString(), backfill: true, ...fields });
      ts += (12 + this.upTo(70)) * 1_000;
    };
    send('page_view', { page: this.pick(LANDINGS) });
    if (this.happens(0.42)) return;
    if (this.happens(0.25)) send('search', { search_term: this.pick(TERMS), page: '/search' });
    const cart: object[] = [];
    for (let views = 1 + this.upTo(4); views > 0; views--) {
      const [item_id, item_name, price, item_category, item_brand] = this.pick(
        PRODUCTS.map((one) => [one, one[5]] as const),
      );
      const item = { item_id, item_name, price, item_category, item_brand };
      send('view_item', { items: [item], page: `/p/${item_id}` });
      if (!this.happens(0.13)) continue;
      const items = [{ ...item, quantity: this.happens(0.2) ? 2 : 1 }];
      send('add_to_cart', { items, currency: 'EUR', page: `/p/${item_id}` });
      cart.push(...items);
    }
    if (cart.length === 0 || !this.happens(0.66)) return;
    send('begin_checkout', { items: cart, currency: 'EUR', page: '/checkout' });
    if (!this.happens(0.76)) return;
    const transaction_id = `T-${++this.#orders}`;
    send('purchase', { items: cart, currency: 'EUR', transaction_id, page: '/thanks' });
    if (!this.happens(0.05)) return;
    ts += (2 + this.upTo(4)) * DAY_MS;
    send('refund', { transaction_id, currency: 'EUR', server: true });
  }
}

/**
 * What the shop has sent, up to now.
 * @param now ms. @returns events for /v1/events.
 */
export function teaShop(now: number): object[] {
  const shop = new TeaShop();
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  for (let day = DAYS; day >= 0; day--) {
    const start = today - day * DAY_MS;
    const growth = 1 + 0.4 * (1 - day / DAYS);
    const visits = Math.round((80 + shop.upTo(24)) * growth * WEEKDAYS[new Date(start).getUTCDay()]!);
    for (let i = 0; i < visits; i++) shop.visit(shop.timeOf(start));
    if (day % 6 === 1) shop.visit(start + 19 * 60 * MINUTE_MS, REGULAR);
  }
  for (let minute = 29; minute > 0; minute--) {
    for (let i = shop.upTo(3); i > 0; i--) shop.visit(now - minute * MINUTE_MS);
  }
  return (shop.events as { timestamp: string }[]).filter(({ timestamp }) => Date.parse(timestamp) < now);
}

/** Events that cannot be counted as they are. */
export const mistakes = (now: number): object[] => {
  const sencha = { item_id: 'sencha', item_name: 'Sencha Uji, 100 g', price: 14.5 };
  const at = (hours: number) => new Date(now - hours * 60 * MINUTE_MS).toISOString();
  return [
    {
      name: 'add_to_cart',
      user_id: 'customer-1007',
      items: [{ ...sencha, quantity: 'two' }],
      currency: 'EUR',
    },
    { name: 'view_item', user_id: 'customer-1019', items: [sencha], timestamp: at(24 * 12) },
    { name: 'view item', user_id: 'customer-1003', items: [sencha] },
    {
      ...{ name: 'purchase', user_id: 'customer-1011', transaction_id: 'T-9001', currency: 'EUR' },
      ...{ items: [{ ...sencha, quantity: 'two' }], page: '/thanks' },
    },
  ];
};
