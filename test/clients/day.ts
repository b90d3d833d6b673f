import { Random } from '../../shared/simulation/random.ts';

/**
 * A shop's day that every client sends in its own words, and what it comes to. Amounts are kept twice: as the floats
 * that a shop's code works with, and as the minor units that they mean. The recount adds the second.
 */

export interface Line {
  id: string;
  name: string;
  /** Of one piece, as a program computed it. */
  price: number;
  /** Of one piece, in minor units of the order's currency. */
  minor: number;
  quantity: number;
}

export type Action =
  | { kind: 'page'; visitor: string; url: string }
  | { kind: 'view' | 'cart'; visitor: string; line: Line }
  | {
      kind: 'order';
      visitor: string;
      order: string;
      currency: string;
      lines: Line[];
      /** As floats add up; absent: the order is the sum of its lines. `nan`: the program divided by zero. */
      total?: number | 'nan';
      totalMinor: number;
      /** How often the client sends it. */
      copies: number;
    }
  | { kind: 'refund'; visitor: string; order: string; currency: string; value?: number; valueMinor?: number };

/** Prices as shops' code computes them, and what they mean in cents. */
const PRICES: readonly (readonly [price: number, cents: number])[] = [
  [0.1 + 0.2, 30],
  [1.1 * 3, 330],
  [0.7 * 3, 210],
  [19.99, 1_999],
  [59.97 - 19.99, 3_998],
  [4.35 * 100, 43_500],
  [837, 83_700],
  [0.01, 1],
  [1e3, 100_000],
  [2.675 + 0.005, 268],
  [9_999.99, 999_999],
];

const IDS = ['tea-1', 'té/verde', '緑茶', '🍵 set', 'A&B=C', 'sku~7', '100%', '00042', 'Ünïcode_é'];
const VISITORS = ['ada', 'josé', '木村', '👩‍🔧', "O'Brien", 'a+b@shop.example', '007', 'ñandú'];

const CURRENCIES = ['EUR', 'EUR', 'EUR', 'USD'];

/**
 * A day with views, carts, orders in two currencies, copies of orders, refunds, amounts that floats cannot hold, ids of
 * 64 bits, and one order of nearly the largest amount.
 * @param seed the same seed makes the same day
 */
export function dayOf(seed: number, visits = 60): Action[] {
  const random = new Random(seed);
  const lineOf = (id: string): Line => {
    const [price, minor] = random.pick(PRICES);
    return { id, name: `Product ${id}`, price, minor, quantity: 1 + random.below(4) };
  };
  const actions: Action[] = [];
  for (let visit = 0; visit < visits; visit++) {
    const visitor = random.pick(VISITORS);
    actions.push({
      kind: 'page',
      visitor,
      url: `https://shop.example/?q=${encodeURIComponent(random.pick(IDS))}`,
    });
    const ids = [...new Set([random.pick(IDS), random.pick(IDS), random.pick(IDS)])];
    const lines = ids.map(lineOf);
    for (const line of lines) actions.push({ kind: 'view', visitor, line });
    if (random.chance(0.6)) actions.push({ kind: 'cart', visitor, line: lines[0]! });
    if (random.chance(0.5)) continue;
    const order = `o-${seed}-${visit}`;
    const currency = random.pick(CURRENCIES);
    const linesMinor = lines.reduce((sum, { minor, quantity }) => sum + minor * quantity, 0);
    const shipping = random.chance(0.3) ? 4.9 : 0;
    const hasTotal = random.chance(0.7);
    actions.push({
      kind: 'order',
      visitor,
      order,
      currency,
      lines,
      ...(hasTotal && {
        total: lines.reduce((sum, { price, quantity }) => sum + price * quantity, shipping),
      }),
      totalMinor: hasTotal ? linesMinor + Math.round(shipping * 100) : linesMinor,
      copies: random.chance(0.3) ? 3 : 1,
    });
    if (random.chance(0.4)) {
      const part = random.chance(0.5) && { value: 0.1 + 0.2, valueMinor: 30 };
      actions.push({ kind: 'refund', visitor, order, currency, ...part });
    }
  }
  const dear = { id: 'yacht', name: 'Yacht', price: 9_999_999_999.99, minor: 999_999_999_999, quantity: 1 };
  actions.push({
    ...{ kind: 'order', visitor: 'ada', order: `o-${seed}-dear`, currency: 'EUR' },
    ...{ lines: [dear], total: dear.price, totalMinor: dear.minor, copies: 1 },
  });
  const lines = [lineOf('tea-1')];
  actions.push({
    ...{ kind: 'order', visitor: 'ada', order: `o-${seed}-nan`, currency: 'EUR', lines, total: 'nan' },
    ...{ totalMinor: lines[0]!.minor * lines[0]!.quantity, copies: 1 },
  });
  // Ids of 64 bits, which a float would make one.
  for (const order of ['9007199254740992', '9007199254740993']) {
    const price = { currency: 'EUR', lines: [lineOf('tea-1')] };
    const [{ minor, quantity }] = price.lines as [Line];
    actions.push({ kind: 'order', visitor: 'ada', order, ...price, totalMinor: minor * quantity, copies: 1 });
  }
  return actions;
}

interface Money {
  revenue: number;
  refunded: number;
}

/** What `/v1/overview` and `/v1/products/{product}` have to say. */
export interface Recount {
  overview: {
    total_events: number;
    users: number;
    orders: number;
    refunds: number;
    units: number;
    units_refunded: number;
    products: number;
  };
  money: Map<string, Money>;
  products: Map<string, ProductRecount>;
}

interface ProductRecount {
  views: number;
  carts: number;
  purchases: number;
  units: number;
  refunds: number;
  units_refunded: number;
  money: Map<string, Money>;
}

/**
 * Counts a day by going through it once.
 * @param options.nan what a client makes of an order whose total is not a number: JavaScript writes null, so the lines
 *   decide; Python writes NaN, and the order is refused
 * @param options.copiesAreEvents whether further copies of an order are events of their own. They are never orders.
 */
export function recount(
  actions: readonly Action[],
  { nan, copiesAreEvents }: { nan: 'lines' | 'refused'; copiesAreEvents: boolean },
): Recount {
  const overview = { total_events: 0, users: 0, orders: 0, refunds: 0, units: 0, units_refunded: 0 };
  const visitors = new Set<string>();
  const products = new Map<string, ProductRecount>();
  const money = new Map<string, Money>();
  const orders = new Map<string, Extract<Action, { kind: 'order' }>>();
  const productOf = (id: string) => {
    const none = { views: 0, carts: 0, purchases: 0, units: 0, refunds: 0, units_refunded: 0 };
    return products.get(id) ?? products.set(id, { ...none, money: new Map() }).get(id)!;
  };
  const add = (to: Map<string, Money>, currency: string, what: keyof Money, minor: number) => {
    const sums = to.get(currency) ?? { revenue: 0, refunded: 0 };
    to.set(currency, { ...sums, [what]: sums[what] + minor });
  };
  for (const action of actions) {
    if (action.kind === 'order' && action.total === 'nan' && nan === 'refused') continue;
    visitors.add(action.visitor);
    overview.total_events += action.kind === 'order' && copiesAreEvents ? action.copies : 1;
    if (action.kind === 'view') productOf(action.line.id).views += 1;
    if (action.kind === 'cart') productOf(action.line.id).carts += 1;
    if (action.kind === 'order') {
      orders.set(action.order, action);
      overview.orders += 1;
      add(money, action.currency, 'revenue', action.totalMinor);
      for (const { id, minor, quantity } of action.lines) {
        overview.units += quantity;
        productOf(id).purchases += 1;
        productOf(id).units += quantity;
        add(productOf(id).money, action.currency, 'revenue', minor * quantity);
      }
    }
    if (action.kind === 'refund') {
      overview.refunds += 1;
      const bought = orders.get(action.order)!;
      const isWhole = action.valueMinor === undefined;
      add(money, action.currency, 'refunded', action.valueMinor ?? bought.totalMinor);
      for (const { id, minor, quantity } of isWhole ? bought.lines : []) {
        overview.units_refunded += quantity;
        productOf(id).units_refunded += quantity;
        productOf(id).refunds += 1;
        add(productOf(id).money, action.currency, 'refunded', minor * quantity);
      }
    }
  }
  return { overview: { ...overview, users: visitors.size, products: products.size }, money, products };
}
