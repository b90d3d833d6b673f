import type { FootfallEvent, Item } from '../event/event.ts';
import { chooseArrival, type Device } from './arrival.ts';
import type { Random } from './random.ts';
import { CATEGORIES, lineOf, type Product, type Shop } from './shop.ts';

/** A visitor. Replaced by the account when an anonymous visitor signs in. */
export interface Shopper {
  user: string;
  known: boolean;
  country: string;
  device: Device;
  /** The account that an anonymous visitor signs in to, always the same. */
  account?: Shopper;
}

/** A visitor's next event, and how long before it (ms) the visitor looked at the previous page. */
export interface Step {
  wait: number;
  event: Pick<FootfallEvent, 'name'> &
    Partial<
      Pick<
        FootfallEvent,
        | 'items'
        | 'value'
        | 'page'
        | 'search_term'
        | 'transaction_id'
        | 'props'
        | 'identifies'
        | 'referrer'
        | 'source'
        | 'medium'
        | 'campaign'
        | 'channel'
      >
    >;
  /** The account, if this step signs the visitor in. */
  signIn?: Shopper;
}

export interface VisitContext {
  shop: Shop;
  random: Random;
  /** Makes an order number. */
  newOrder(): string;
  /** The account of a visitor who signs in. */
  account(): Shopper;
}

type CartLine = { product: Product; quantity: number };

/**
 * One visit from the first page to the last. A third of the visitors leave at once; the others browse, some
 * fill a cart, and about half of the carts are abandoned. Some anonymous visitors sign in, at the start or at
 * checkout.
 */
export function* visit(context: VisitContext, shopper: Shopper): Generator<Step, void> {
  const { shop, random } = context;
  yield { wait: 0, event: { name: 'page_view', ...chooseArrival(shop, random) } };
  if (random.chance(0.33)) return;
  let isStranger = !shopper.known;
  if (isStranger && random.chance(0.2)) {
    yield* signIn(context, '/account');
    isStranger = false;
  }
  const cart: CartLine[] = [];
  do {
    yield* lookAround(context, cart);
  } while (random.chance(0.6));
  if (cart.length === 0) return;
  if (random.chance(0.8)) yield step(random, 'view_cart', { page: '/cart', ...lines(shop, cart) });
  if (random.chance(0.15)) {
    const removed = cart.splice(random.below(cart.length), 1);
    yield step(random, 'remove_from_cart', { page: '/cart', ...lines(shop, removed) });
    if (cart.length === 0) return;
  }
  if (random.chance(0.4)) return;
  if (isStranger && random.chance(0.5)) yield* signIn(context, '/checkout');
  yield* checkOut(context, cart);
}

/** The visitor signs in: the last event under the anonymous id. */
function* signIn({ random, account }: VisitContext, page: string): Generator<Step, void> {
  const signedIn = account();
  yield step(random, 'identify', { page, identifies: signedIn.user });
  yield { ...step(random, 'login', { page }), signIn: signedIn };
}

function* lookAround({ shop, random }: VisitContext, cart: CartLine[]): Generator<Step, void> {
  let product = shop.products[shop.popularity.draw(random)]!;
  let page: string;
  if (random.chance(0.3)) {
    const term = product.name.toLowerCase();
    page = '/search';
    yield step(random, 'search', { page, search_term: random.chance(0.5) ? term : term.split(' ').at(-1)! });
  } else {
    page = `/c/${random.chance(0.7) ? product.category : random.pick(CATEGORIES)}`;
    const shown = Array.from({ length: 3 }, () => shop.products[shop.popularity.draw(random)]!);
    yield step(random, 'view_item_list', { page, items: [product, ...shown].map((one) => asSeen(one)) });
  }
  const looks = 1 + random.below(3);
  for (let look = 0; look < looks; look += 1) {
    yield step(random, 'select_item', { page, items: [asSeen(product)] });
    yield step(random, 'view_item', { page: `/p/${product.id}`, ...lines(shop, [{ product, quantity: 1 }]) });
    if (random.chance(0.22)) {
      const line = { product, quantity: random.chance(0.8) ? 1 : 2 + random.below(3) };
      cart.push(line);
      yield step(random, 'add_to_cart', { page: `/p/${product.id}`, ...lines(shop, [line]) });
    }
    product = shop.products[shop.popularity.draw(random)]!;
  }
}

function* checkOut({ shop, random, newOrder }: VisitContext, cart: CartLine[]): Generator<Step, void> {
  const page = '/checkout';
  yield step(random, 'begin_checkout', { page, ...lines(shop, cart) });
  if (random.chance(0.12)) return;
  const payment_type = random.pick(['card', 'paypal', 'transfer']);
  yield step(random, 'add_payment_info', { page, props: { payment_type }, ...lines(shop, cart) });
  if (random.chance(0.06)) return;
  yield step(random, 'purchase', { page, transaction_id: newOrder(), ...lines(shop, cart) });
}

/** A product in a list, without an amount. */
const asSeen = ({ id, name, brand, category }: Product): Item => ({ id, name, brand, category, quantity: 1 });

function lines(shop: Shop, cart: readonly CartLine[]) {
  const items = cart.map(({ product, quantity }) => lineOf(shop, product, quantity));
  return { items, value: items.reduce((sum, { amount }) => sum + amount, 0) };
}

/** Visitors look at a page for half a minute on average, and at least a second. */
const step = (random: Random, name: string, details: Omit<Step['event'], 'name'>): Step => ({
  wait: 1000 + random.exponential(29_000),
  event: { name, ...details },
});
