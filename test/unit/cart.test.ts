import {
  addToCart,
  type CartState,
  cartOf,
  followCarts,
  mergeCarts,
  newCart,
  settleCarts,
} from '../../shared/fold/cart.ts';
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

  test('is not less because more was taken out than was in it', () => {
    const steps: Step[] = [
      ['remove_from_cart', 0, 'shoe', 2],
      ['add_to_cart', 1, 'shoe'],
      ['remove_from_cart', 2, 'shoe'],
      ['remove_from_cart', 3, 'shoe'],
      ['add_to_cart', 4, 'shoe'],
    ];
    for (const all of [steps, steps.toReversed()]) {
      const cart = cartAfter(...all);
      expect(lines(cart)).toEqual([['shoe', 1, 1_000]]);
      expect(courses(cart)).toEqual([
        [2, 'removal 2', undefined],
        [4, undefined, 1_000],
      ]);
    }
  });

  test('keeps its share of its worth, whatever the price of what is taken out', () => {
    const worth = (amount: number | undefined, removal: object) => {
      const cart = newCart();
      const items = (quantity: number, of: number | undefined) => [
        { id: 'shoe', quantity, ...(of !== undefined && { amount: of }) },
      ];
      addToCart(cart, eventOf({ name: 'add_to_cart', ts: NOON, currency: 'EUR', items: items(3, amount) }));
      addToCart(
        cart,
        eventOf({ name: 'remove_from_cart', ts: NOON + 1, items: items(1, undefined), ...removal }),
      );
      return [...cartOf(cart)!.lines[0]!.amounts];
    };
    const dear = { currency: 'EUR', items: [{ id: 'shoe', quantity: 1, amount: 9_999 }] };
    expect(worth(1_000, {})).toEqual([['EUR', 667]]);
    expect(worth(1_000, dear)).toEqual([['EUR', 667]]);
    expect(worth(1_000, { ...dear, currency: 'USD' })).toEqual([['EUR', 667]]);
    expect(worth(undefined, dear)).toEqual([['EUR', 0]]);
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
    settleCarts(cart, NOON);
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
    addToCart(cart, stepOf(['add_to_cart', 7, 'shoe']));
    expect(cartOf(cart)).toBeUndefined();
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

/** What became of the carts: the minutes after noon of the last touch and of the end, what ended them, and their worth. */
const courses = (cart: CartState) =>
  followCarts(cart).map(({ lastTouch, end, value }) => [
    (lastTouch - NOON) / 60_000,
    end && `${end.by} ${(end.at - NOON) / 60_000}`,
    value.get('EUR'),
  ]);

describe('the course of carts', () => {
  test('begins with the line that fills an empty one, and ends with a purchase or with the last line taken out', () => {
    const steps: Step[] = [
      ['view_cart', 0],
      ['add_to_cart', 1, 'shoe', 2],
      ['view_cart', 5],
      ['purchase', 90],
      ['purchase', 91],
      ['add_to_cart', 100, 'hat'],
      ['remove_from_cart', 101, 'hat'],
      ['begin_checkout', 102],
      ['add_to_cart', 110, 'scarf', 3],
      ['add_payment_info', 112],
    ];
    const expected = [
      [5, 'purchase 90', 2_000],
      [101, 'removal 101', undefined],
      [112, undefined, 3_000],
    ];
    expect(courses(cartAfter(...steps))).toEqual(expected);
    expect(courses(cartAfter(...steps.toReversed()))).toEqual(expected);
  });

  test('has a purchase of the same instant as its last line', () => {
    const steps: Step[] = [
      ['purchase', 3],
      ['add_to_cart', 3, 'shoe'],
    ];
    expect(courses(cartAfter(...steps))).toEqual([[3, 'purchase 3', 1_000]]);
  });

  test('changes when a purchase comes late', () => {
    const cart = cartAfter(['add_to_cart', 0, 'shoe'], ['add_to_cart', 10, 'hat'], ['purchase', 20]);
    expect(courses(cart)).toEqual([[10, 'purchase 20', 2_000]]);
    addToCart(cart, stepOf(['purchase', 5]));
    expect(courses(cart)).toEqual([
      [0, 'purchase 5', 1_000],
      [10, 'purchase 20', 1_000],
    ]);
  });
});

describe('what is remembered', () => {
  const bought = (days: number): Step[] =>
    Array.from({ length: days }, (_, day): Step[] => [
      ['add_to_cart', day * 1_440, `p${day}`],
      ['view_cart', day * 1_440 + 1],
      ['purchase', day * 1_440 + 2],
    ]).flat();

  test('is everything, as long as it is little', () => {
    const cart = cartAfter(...bought(50));
    expect(settleCarts(cart, Infinity)).toBeUndefined();
    expect(followCarts(cart)).toHaveLength(50);
  });

  test('is what late events may still change, and the present cart', () => {
    const cart = cartAfter(...bought(150), ['add_to_cart', 150 * 1_440, 'hat']);
    const settled = settleCarts(cart, NOON + 140 * 86_400_000)!;
    expect(settled).toHaveLength(140);
    expect(courses(cart)).toHaveLength(11);
    expect(courses(cart).at(-1)).toEqual([150 * 1_440, undefined, 1_000]);
    // Nothing comes before that any more.
    addToCart(cart, stepOf(['add_to_cart', 1_440, 'late']));
    expect(courses(cart)).toHaveLength(11);
  });

  test('is no more than that, however much comes at once', () => {
    const cart = cartAfter(...bought(400));
    expect(settleCarts(cart, NOON)).toHaveLength(400);
    expect([cart.purchases, cart.touches, cart.changes].map(({ length }) => length)).toEqual([1, 0, 0]);
  });

  test('has few bytes, however long the names of products are', () => {
    const cart = cartAfter(
      ...Array.from({ length: 190 }, (_, i): Step => ['add_to_cart', i, `${i} ${'商'.repeat(200)}`]),
    );
    settleCarts(cart, NOON);
    expect(lines(cart)!.length).toBeGreaterThan(50);
    expect(Buffer.byteLength(JSON.stringify(cart))).toBeLessThan(60_000);
    expect(lines(cart)!.map(([product]) => String(product).split(' ')[0])).toContain('189');
  });

  test('takes out what is there and no more, also of carts that are settled', () => {
    const cart = cartAfter(
      ...bought(110),
      ['add_to_cart', 200_000, 'hat'],
      ['remove_from_cart', 200_001, 'hat', 3],
    );
    settleCarts(cart, Infinity);
    addToCart(cart, stepOf(['add_to_cart', 300_000, 'hat', 2]));
    expect(lines(cart)).toEqual([['hat', 2, 2_000]]);
  });

  test('of a cart of very many lines is its newest ones, with their worth and its last touch', () => {
    const cart = cartAfter(...Array.from({ length: 250 }, (_, i): Step => ['add_to_cart', i, `p${i}`, 2]));
    addToCart(cart, stepOf(['remove_from_cart', 300, 'p240', 1]));
    addToCart(cart, stepOf(['remove_from_cart', 301, 'p241', 2]));
    addToCart(cart, eventOf({ ...stepOf(['add_to_cart', 302, 'p242']), currency: 'USD' }));
    addToCart(cart, stepOf(['remove_from_cart', 303, 'p5', 2]));
    settleCarts(cart, NOON);
    const { lastActivity, lines: left } = cartOf(cart)!;
    expect(lastActivity).toBe(NOON + 303 * 60_000);
    const about = (id: string) => left.find(({ product }) => product === id);
    expect(about('p240')).toEqual({ product: 'p240', quantity: 1, amounts: new Map([['EUR', 1_000]]) });
    expect(about('p241')).toBeUndefined();
    const amounts = new Map([
      ['EUR', 2_000],
      ['USD', 1_000],
    ]);
    expect(about('p242')).toEqual({ product: 'p242', quantity: 3, amounts });
  });
});
