import type { FootfallEvent } from '../../shared/event/event.ts';
import { recountSessions } from '../../shared/fold/count-sessions.ts';
import { DeltaBuilder } from '../../shared/fold/delta-builder.ts';
import { type Session, sessionOf } from '../../shared/fold/sessions.ts';
import { FoldedLog, inTurn } from '../oracle/folded.ts';
import { type Numbers, recount } from '../oracle/naive.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

/** What a visit counts by what it is: its device, its country, where it came from. */

const MINUTE = 60_000;
let ids = 0;
const event = (fields: Partial<FootfallEvent> = {}) =>
  eventOf({ id: `e${ids++}`, received: NOON + 60 * MINUTE, ...fields });

const numbersOf = (events: readonly FootfallEvent[]): Numbers =>
  new FoldedLog([shop], 3).append(events).read(inTurn(2)).numbers();

/** Compares some numbers with what is expected, and all of them with the independent count. */
function expectNumbers(events: readonly FootfallEvent[], expected: Numbers): void {
  for (const order of [events, events.toReversed()]) {
    const numbers = numbersOf(order);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, numbers[name] ?? 0]))).toEqual(
      expected,
    );
    expect(numbers).toEqual(recount(order, [shop]));
  }
}

const by = (dimension: string, counter: string, value: string) =>
  `breakdown / shop / 2026-06-10 / ${dimension} / ${counter} / ${value}`;
const TODAY = 'day / shop / 2026-06-10';

describe("an order that a shop's server sends", () => {
  const visit = [
    event({ device: 'mobile', country: 'ES', session_id: '17' }),
    event({ ts: NOON + MINUTE, name: 'add_to_cart', session_id: '17' }),
    event({ ts: NOON + 2 * MINUTE, name: 'begin_checkout', session_id: '17' }),
  ];
  const order = event({
    ...{ ts: NOON + 3 * MINUTE, name: 'purchase', server: true, session_id: '17', transaction_id: 'T-1' },
    ...{ value: 5_000, currency: 'EUR', country: 'PT' },
  });

  test('counts for the device and country of its visit, and for its own country', () => {
    expectNumbers([...visit, order], {
      [by('visit_device', 'converted_sessions', 'mobile')]: 1,
      [by('visit_device', 'orders', 'mobile')]: 1,
      [by('visit_device', 'revenue:EUR', 'mobile')]: 5_000,
      [by('visit_country', 'revenue:EUR', 'ES')]: 5_000,
      [by('visit_country', 'sessions', 'PT')]: 0,
      [by('country', 'revenue:EUR', 'PT')]: 5_000,
      [by('device', 'events', 'mobile')]: 1,
      [by('device', 'orders', 'mobile')]: 0,
    });
  });

  test('leaves the steps to what happens on the device', () => {
    expectNumbers([...visit, event({ ...order, id: 's', name: 'view_item' })], {
      [`${TODAY} / viewed_sessions`]: 1,
      [`${TODAY} / carted_sessions`]: 1,
      [`${TODAY} / checkout_sessions`]: 1,
      [by('visit_device', 'checkout_sessions', 'mobile')]: 1,
      [by('channel', 'carted_sessions', 'Direct')]: 1,
    });
    expectNumbers([event({ name: 'page_view' }), event({ name: 'view_item', server: true })], {
      [`${TODAY} / sessions`]: 1,
      [`${TODAY} / viewed_sessions`]: 0,
    });
  });
});

test('a late event takes the visit to another device, with its steps and orders', () => {
  const visit = [
    event({ device: 'desktop', os: 'Windows' }),
    event({ ts: NOON + MINUTE, name: 'purchase', value: 700, currency: 'EUR', device: 'desktop' }),
  ];
  const late = event({ ts: NOON - MINUTE, name: 'page_view', device: 'mobile' });
  expectNumbers(visit, {
    [by('visit_device', 'viewed_sessions', 'desktop')]: 1,
    [by('visit_device', 'revenue:EUR', 'desktop')]: 700,
  });
  expectNumbers([...visit, late], {
    [by('visit_device', 'sessions', 'desktop')]: 0,
    [by('visit_device', 'viewed_sessions', 'desktop')]: 0,
    [by('visit_device', 'viewed_sessions', 'mobile')]: 1,
    [by('visit_device', 'revenue:EUR', 'mobile')]: 700,
    [by('visit_os', 'sessions', 'Windows')]: 1,
  });
});

test('a visit that two ids have made has what either says', () => {
  const events = [
    event({ user: 'cookie', name: 'view_item', device: 'mobile' }),
    event({ user: 'ana', known: true, ts: NOON + MINUTE, name: 'begin_checkout', country: 'ES' }),
    event({ user: 'cookie', ts: NOON + 2 * MINUTE, name: 'identify', identifies: 'ana' }),
  ];
  expectNumbers(events, {
    [`${TODAY} / sessions`]: 1,
    [by('visit_device', 'checkout_sessions', 'mobile')]: 1,
    [by('visit_country', 'viewed_sessions', 'ES')]: 1,
    [by('visit_country', 'sessions', '(not set)')]: 0,
  });
});

test('visits without a device are told apart', () => {
  expectNumbers([event(), event({ user: 'ben', device: 'mobile' })], {
    [by('visit_device', 'sessions', '(not set)')]: 1,
    [by('visit_device', 'sessions', 'mobile')]: 1,
    [by('visit_browser', 'sessions', '(not set)')]: 2,
  });
});

test('of a visit that goes on, only what it has more is written', () => {
  const builder = new DeltaBuilder();
  const [old, first] = [NOON - 100 * MINUTE, NOON].map((ts) =>
    sessionOf(event({ ts, device: 'mobile' }), 'minute'),
  );
  const longer: Session = { ...first!, end: NOON + 5_000, views: 1 };
  const bought = new Map();
  recountSessions(
    { sessions: [old!, first!], bought },
    { sessions: [old!, longer], bought },
    { site: shop, builder },
  );
  const [minute, ...more] = builder.delta.minutes.get(shop)!;
  expect(more).toEqual([]);
  expect([...minute!.counters]).toEqual([['session_ms', 5_000]]);
  expect([...minute!.dayDelta.breakdowns.get('visit_device')!]).toEqual([
    ['mobile', new Map([['session_ms', 5_000]])],
  ]);
});
