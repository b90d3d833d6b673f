import { addToCart, type CartState, cartOf, mergeCarts, newCart } from '../../shared/fold/cart.ts';
import { eventOf, NOON } from '../support/events.ts';

/** An event of a cart, in minutes after noon. */
type Step = [name: string, minutes: number, product?: string, quantity?: number];

const stepOf = ([name, minutes, product, quantity = 1]: Step) =>
  eventOf({
    ...{ name, ts: NOON + minutes * 60_000, currency: 'EUR' },
    ...(product !== undefined && { items: [{ id: product, quantity, amount: quantity * 1_000 }] }),
  });

function cartAfter(...steps: Step[]): CartState {
  const cart = newCart();
  for (const step of steps) addToCart(cart, stepOf(step));
  return cart;
}

const lines = (cart: CartState) =>
  cartOf(cart)?.lines.map(({ product, quantity, amounts }) => [product, quantity, amounts.get('EUR')]);

describe('what a cart holds', () => {
  test('is what was put in and not taken out, by product', () => {
    const cart = cartAfter(
      ['add_to_cart', 0, 'shoe', 2],
      ['add_to_cart', 1, 'hat'],
      ['remove_from_cart', 2, 'shoe', 1],
    );
    expect(lines(cart)).toEqual([
      ['hat', 1, 1_000],
      ['shoe', 1, 1_000],
    ]);
  });

  test('has parts of pieces, without what binary arithmetic leaves', () => {
    const cart = cartAfter(
      ['add_to_cart', 0, 'tea', 0.1],
      ['add_to_cart', 1, 'tea', 0.2],
      ['add_to_cart', 2, 'wire', 0.3],
      ['remove_from_cart', 3, 'wire', 0.1],
      ['remove_from_cart', 4, 'wire', 0.2],
    );
    expect(lines(cart)).toEqual([['tea', 0.3, 300]]);
  });

  test('is nothing once all of it was taken out', () => {
    expect(cartOf(cartAfter(['add_to_cart', 0, 'shoe'], ['remove_from_cart', 1, 'shoe']))).toBeUndefined();
  });

  test('does not depend on the order in which its events come', () => {
    const steps: Step[] = [
      ['add_to_cart', 0, 'shoe'],
      ['purchase', 5],
      ['add_to_cart', 9, 'hat'],
    ];
    expect(lines(cartAfter(...steps))).toEqual([['hat', 1, 1_000]]);
    expect(lines(cartAfter(...steps.toReversed()))).toEqual([['hat', 1, 1_000]]);
  });

  test('is the newest 200 lines at most', () => {
    const cart = cartAfter(...Array.from({ length: 250 }, (_, i): Step => ['add_to_cart', i, `p${i}`]));
    expect(lines(cart)).toHaveLength(200);
    expect(lines(cart)!.map(([product]) => product)).not.toContain('p49');
  });
});

describe('a purchase', () => {
  test('takes what was put in before it', () => {
    const cart = cartAfter(['add_to_cart', 0, 'shoe'], ['add_to_cart', 10, 'hat']);
    expect(addToCart(cart, stepOf(['purchase', 5]))).toBe('bought');
    expect(lines(cart)).toEqual([['hat', 1, 1_000]]);
  });

  test('of before the first line says nothing of this cart', () => {
    const cart = cartAfter(['add_to_cart', 10, 'shoe']);
    expect(addToCart(cart, stepOf(['purchase', 5]))).toBe('touched');
    expect(lines(cart)).toEqual([['shoe', 1, 1_000]]);
  });

  test('that comes late changes nothing when a later one has come', () => {
    const cart = cartAfter(['purchase', 9]);
    expect(addToCart(cart, stepOf(['purchase', 5]))).toBe('touched');
    expect(cart.purchase).toBe(NOON + 9 * 60_000);
  });
});

describe('the last activity', () => {
  test('is that of the latest event about the cart', () => {
    const cart = cartAfter(['add_to_cart', 0, 'shoe'], ['begin_checkout', 8], ['view_cart', 3]);
    expect(cartOf(cart)!.lastActivity).toBe(NOON + 8 * 60_000);
  });

  test('is not moved by events that have nothing to do with carts', () => {
    const cart = cartAfter(['add_to_cart', 0, 'shoe']);
    expect(addToCart(cart, stepOf(['view_item', 9, 'shoe']))).toBeUndefined();
    expect(cartOf(cart)!.lastActivity).toBe(NOON);
  });
});

test('the carts of two ids of a person become one, without what either of them has bought', () => {
  const cart = cartAfter(['add_to_cart', 0, 'shoe'], ['add_to_cart', 20, 'hat']);
  mergeCarts(cart, cartAfter(['purchase', 10], ['add_to_cart', 15, 'scarf']));
  expect(lines(cart)).toEqual([
    ['hat', 1, 1_000],
    ['scarf', 1, 1_000],
  ]);
});
