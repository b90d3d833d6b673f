import fc from 'fast-check';
import { erasureEvent } from '../../shared/event/erasure.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { FoldedLog, inTurn, readings } from '../oracle/folded.ts';
import { type Numbers, recount } from '../oracle/naive.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 30);
const DAY = 24 * 3_600_000;
const MINUTE = 60_000;
const JUNE = 'buyers / shop / month / 2026-06-01';

const purchase = (transaction_id: string, fields: Partial<FootfallEvent> = {}) =>
  eventOf({
    ...{ id: `p-${transaction_id}`, name: 'purchase', transaction_id, currency: 'EUR', value: 1_000 },
    ...{ backfill: true, received: NOON + DAY },
    ...fields,
  });
const identify = (user: string, identifies: string, ts = NOON) =>
  eventOf({ id: `in-${user}`, name: 'identify', user, identifies, ts, received: NOON + DAY });

/** What there is of customers among some numbers. */
const customersIn = (numbers: Numbers): Numbers =>
  Object.fromEntries(
    Object.entries(numbers).filter(([name]) =>
      /^(second|buyers) \/|\/ (first|repeat)_(orders|revenue)/.test(name),
    ),
  );

function foldInTurn(steps: readonly FootfallEvent[][], partitions = 16): Numbers {
  const log = new FoldedLog([shop], partitions);
  for (const events of steps) log.append(events).read(inTurn(5));
  return log.folded.numbers();
}

describe("a buyer's orders", () => {
  test('the earliest is the first one, whichever comes first', () => {
    const late = purchase('T-0', { ts: NOON - 40 * DAY, value: 700 });
    const numbers = foldInTurn([[purchase('T-1')], [late], [purchase('T-2', { ts: NOON + 1 })]]);
    expect(customersIn(numbers)).toMatchObject({
      'day / shop / 2026-05-01 / first_orders': 1,
      'day / shop / 2026-05-01 / first_revenue:EUR': 700,
      'day / shop / 2026-06-10 / repeat_orders': 2,
      'day / shop / 2026-06-10 / repeat_revenue:EUR': 2_000,
      'second / shop / 2026-05-01 / 40': 1,
      'buyers / shop / month / 2026-05-01 / b0': 1,
      'buyers / shop / month / 2026-05-01 / b1': 1,
      'buyers / shop / month / 2026-05-01 / o1': 2,
      'buyers / shop / month / 2026-05-01 / v1:EUR': 2_000,
    });
    expect(numbers).not.toHaveProperty(['day / shop / 2026-06-10 / first_orders']);
    expect(numbers).not.toHaveProperty([`${JUNE} / b0`]);
  });

  test('those of ids that turn out to be one person are one buyer', () => {
    const events = [purchase('T-1', { user: 'cookie', ts: NOON - DAY }), purchase('T-2')];
    const apart = foldInTurn([events]);
    expect(apart['day / shop / 2026-06-10 / first_orders']).toBe(1);
    expect(apart[`${JUNE} / b0`]).toBe(2);
    const together = foldInTurn([events, [identify('cookie', 'ana')]]);
    expect(customersIn(together)).toMatchObject({
      'day / shop / 2026-06-09 / first_orders': 1,
      'day / shop / 2026-06-10 / repeat_orders': 1,
      'second / shop / 2026-06-09 / 1': 1,
      [`${JUNE} / b0`]: 1,
    });
    expect(together).not.toHaveProperty(['day / shop / 2026-06-10 / first_orders']);
  });

  test('an order counts at its own time, also when the copy is not the buyer’s', () => {
    const steps = [
      [purchase('T-1', { id: 'known', user: 'ana', known: true })],
      [purchase('T-1', { id: 'cookie', user: 'cookie', ts: NOON - 2 * DAY })],
    ];
    const numbers = foldInTurn(steps);
    expect(customersIn(numbers)).toEqual(customersIn(recount(steps.flat(), [shop])));
    expect(numbers['day / shop / 2026-06-08 / first_orders']).toBe(1);
  });

  test('an earlier copy moves the order also for someone who was told of it, and joins the buyer later', () => {
    const steps = [
      [purchase('T-1', { id: '2', user: 'cookie', ts: NOON })],
      [purchase('T-1', { id: '3', user: 'ana', known: true, ts: NOON + 1 })],
      [purchase('T-1', { id: '1', user: 'ana', server: true, ts: NOON - DAY })],
      [identify('cookie', 'ana', NOON + 2)],
    ];
    const numbers = foldInTurn(steps);
    expect(numbers['day / shop / 2026-06-09 / first_orders']).toBe(1);
    expect(customersIn(numbers)).toEqual(customersIn(recount(steps.flat(), [shop])));
  });

  test('one without a person is neither a first nor a later one', () => {
    const numbers = foldInTurn([[purchase('T-1', { user: '~nobody-0', personless: true })]]);
    expect(numbers['day / shop / 2026-06-10 / orders']).toBe(1);
    expect(customersIn(numbers)).toEqual({});
  });

  test('a refund stands in the period of its order', () => {
    const refund = eventOf({
      id: 'r',
      name: 'refund',
      transaction_id: 'T-1',
      ts: NOON,
      received: NOON + DAY,
    });
    const numbers = foldInTurn([[refund], [purchase('T-1', { ts: NOON - 50 * DAY })]]);
    expect(customersIn(numbers)).toMatchObject({
      'buyers / shop / month / 2026-04-01 / v0:EUR': 1_000,
      'buyers / shop / month / 2026-04-01 / f0:EUR': 1_000,
    });
  });

  test('those of an erased person stay counted, and what the person buys later is a first order again', () => {
    const before = [purchase('T-1'), purchase('T-2', { ts: NOON + MINUTE })];
    const at = NOON + 2 * DAY;
    const erasure = erasureEvent({ site: shop.id, user: 'ana', at, erases: { receipt: 'r', of: 1 } });
    const after = purchase('T-3', { ts: at + DAY, received: at + DAY });
    const numbers = foldInTurn([before, [erasure], [after]]);
    expect(customersIn(numbers)).toMatchObject({
      'day / shop / 2026-06-10 / first_orders': 1,
      'day / shop / 2026-06-10 / repeat_orders': 1,
      'day / shop / 2026-06-13 / first_orders': 1,
      [`${JUNE} / b0`]: 2,
      [`${JUNE} / o0`]: 3,
    });
  });
});

describe('a buyer with more orders than are remembered', () => {
  const orders = (user: string, count: number, from: number): FootfallEvent[] =>
    Array.from({ length: count }, (_, n) =>
      purchase(`${user}-${n}`, { user, ts: NOON - from * DAY + n * 3 * DAY, value: 100 + n }),
    );

  test('all orders stay counted, and the first one is never forgotten', () => {
    const events = orders('ana', 250, 1_000);
    const right = recount(events, [shop]);
    expect(right['second / shop / 2023-09-14 / 3']).toBe(1);
    expect(customersIn(foldInTurn([events]))).toEqual(customersIn(right));
  });

  test('an order that comes late and is earlier than all others becomes the first one', () => {
    const [events, late] = [orders('ana', 150, 1_000), purchase('late', { ts: NOON - 1_040 * DAY })];
    expect(customersIn(foldInTurn([events, [late]]))).toEqual(
      customersIn(recount([...events, late], [shop])),
    );
  });

  test.each([
    [130, 120],
    [5, 150],
    [150, 5],
    [150, 150],
  ])('%i orders of a visitor join %i of the user', (visitors, users) => {
    const events = [...orders('ana', users, 990), ...orders('cookie', visitors, 1_001)];
    const joined = [...events, identify('cookie', 'ana', NOON + MINUTE)];
    const right = customersIn(recount(joined, [shop]));
    expect(customersIn(foldInTurn([events, joined.slice(-1)]))).toEqual(right);
  });

  test('in any order of arrival', () => {
    const events = [...orders('ana', 130, 400), ...orders('cookie', 20, 401)];
    const all = [...events, identify('cookie', 'ana', NOON + MINUTE)];
    const right = customersIn(recount(all, [shop]));
    const shuffles = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    fc.assert(
      fc.property(shuffles, readings, (list, reading) => {
        const numbers = new FoldedLog([shop], 3).append(list).read(reading).numbers();
        expect(customersIn(numbers)).toEqual(right);
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
  });
});
