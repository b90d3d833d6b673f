import type { FootfallEvent } from '../../shared/event/event.ts';
import { MAX_CLAIMANTS } from '../../shared/event/order-note.ts';
import { MAX_JOINS_A_DAY } from '../../shared/fold/join-guard.ts';
import { copyOf } from '../../shared/fold/order-copy.ts';
import { newOrderState, packOrder, withCopy, withRelease } from '../../shared/fold/order-state.ts';
import { tell } from '../../shared/fold/order-verdict.ts';
import { FoldedLog, inTurn } from '../oracle/folded.ts';
import { recount } from '../oracle/naive.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

const TODAY = 'day / shop / 2026-06-10';

const purchase = (user: string, ts: number, fields: Partial<FootfallEvent> = {}) =>
  eventOf({
    ...{ id: `${user}-${ts}`, name: 'purchase', transaction_id: 'T-1', user, ts, received: NOON + 60_000 },
    ...{ currency: 'EUR', value: 500 },
    ...fields,
  });

test("a person's earlier copy reaches what another one was told, who joins the person later", () => {
  const steps = [
    [purchase('cookie', NOON + 10)],
    [purchase('ana', NOON + 20, { server: true })],
    [purchase('cookie', NOON - 3_600_000, { value: 700 })],
    [eventOf({ id: 'in', name: 'identify', user: 'cookie', identifies: 'ana', ts: NOON + 30 })],
  ];
  const right = recount(steps.flat(), [shop]);
  expect(right['user / shop / ana / revenue:EUR']).toBe(700);
  const log = new FoldedLog([shop], 16);
  for (const events of steps) log.append(events).read(inTurn(1));
  expect(log.folded.numbers()).toEqual(right);
});

test('people beyond those that are remembered are told that the order is not theirs', () => {
  const copies = Array.from({ length: MAX_CLAIMANTS + 3 }, (_, i) => purchase(`visitor-${i}`, NOON + i));
  const right = recount(copies, [shop]);
  expect(right[`${TODAY} / converted_sessions`]).toBe(1);
  const log = new FoldedLog([shop], 16);
  for (const copy of copies) log.append([copy]).read(inTurn(1));
  expect(log.folded.numbers()).toEqual(right);
});

test('a verdict for a visitor who is sent back to their own id comes back with the visitor', () => {
  const joined = Array.from({ length: MAX_JOINS_A_DAY + 1 }, (_, i) =>
    eventOf({ id: `in-${i}`, name: 'identify', user: `visitor-${i}`, identifies: 'constant', ts: NOON + i }),
  );
  const events = [
    purchase('late', NOON + 1_000),
    eventOf({ id: 'in', name: 'identify', user: 'late', identifies: 'constant', ts: NOON + 2_000 }),
    purchase('early', NOON + 500),
  ];
  for (let seed = 0; seed < 12; seed++) {
    const log = new FoldedLog([shop], 16).append(joined);
    log.read(inTurn(7));
    const turns = Array.from({ length: 30 }, (_, i) => ({
      partition: (seed * 7 + i * i * seed) % 15,
      size: 1,
    }));
    const numbers = log
      .append(events)
      .read({ ...inTurn(1), turns })
      .numbers();
    expect(numbers['user / shop / late / n:purchase']).toBe(1);
    expect(numbers['user / shop / late / orders']).toBeUndefined();
    expect(numbers[`${TODAY} / converted_sessions`]).toBe(1);
  }
});

test('what people were told of an order names none who was forgotten', () => {
  const [ana, bob] = ['ana', 'bob'].map((user, i) => purchase(user, NOON + i));
  const both = [ana!, bob!].reduce(
    (order, copy) => tell(withCopy(order, copyOf(copy), { by: copy.user }, 'minute')).order,
    newOrderState(),
  );
  const { order, verdict, people } = tell(withRelease(both, { people: ['ana'] }));
  expect(people).toEqual(['bob']);
  expect(JSON.stringify(verdict)).not.toContain('"by":"ana"');
  expect(packOrder(order).toString('latin1')).not.toMatch(/ana(?!-)/);
});
