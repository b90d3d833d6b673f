import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { SESSION_DIMENSIONS } from '../../shared/event/dimensions.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import {
  addEvent,
  addSession,
  closeSessions,
  countSessions,
  isEngaged,
  mergeSessions,
  newSessions,
  opensSession,
  packSessions,
  type Sessions,
  sessionOf,
  sessionValues,
  unpackSessions,
} from '../../shared/fold/sessions.ts';
import { eventOf, NOON } from '../support/events.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Minutes after noon, and whatever else the event says. */
type Visit = [minutes: number, fields?: Partial<FootfallEvent>];

const sessionAt = ([minutes, fields]: Visit) =>
  sessionOf(eventOf({ name: 'page_view', ts: NOON + minutes * MINUTE, ...fields }), 'minute');

function sessionsOf(...visits: Visit[]): Sessions {
  const sessions = newSessions();
  for (const visit of visits) addSession(sessions, sessionAt(visit));
  return sessions;
}

/** Of each session its first and last minute after noon, and its views. */
const outline = ({ open }: Sessions) =>
  open.map(({ start, end, views }) => [(start - NOON) / MINUTE, (end - NOON) / MINUTE, views]);

describe('a pause between two events', () => {
  test('of 30 minutes belongs to the session', () => {
    expect(outline(sessionsOf([0], [30]))).toEqual([[0, 30, 2]]);
  });

  test('of more ends it', () => {
    const late = NOON + 30 * MINUTE + 1;
    expect(sessionsOf([0], [0, { ts: late }]).open).toHaveLength(2);
  });
});

describe('a late event', () => {
  test('joins two sessions into one, as if it had come in time', () => {
    expect(outline(sessionsOf([0], [50], [25]))).toEqual([[0, 50, 3]]);
  });

  test('before all others begins a session of its own', () => {
    expect(outline(sessionsOf([0], [-100]))).toEqual([
      [-100, -100, 1],
      [0, 0, 1],
    ]);
  });
});

describe('the values by which a session is counted', () => {
  const channelOf = (sessions: Sessions) => sessionValues(sessions.open[0]!).includes('Direct');

  test('are those of its earliest event that has one, whenever it came', () => {
    const sessions = sessionsOf([5, { source: 'later' }], [0, { source: 'first' }], [1]);
    expect(sessionValues(sessions.open[0]!)).toContain('first');
    expect(sessionValues(sessions.open[0]!)).not.toContain('later');
  });

  test('say Direct where nothing led to it', () => {
    expect(channelOf(sessionsOf([0]))).toBe(true);
    expect(channelOf(sessionsOf([0], [1, { source: 'newsletter' }]))).toBe(false);
  });

  test('of two events at the same time are the smaller ones, in any order', () => {
    for (const [one, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const { open } = sessionsOf([0, { source: one! }], [0, { source: other! }]);
      expect(sessionValues(open[0]!)).toContain('a');
    }
  });
});

/** By dimension. */
const valuesIn = ({ open }: Sessions) =>
  Object.fromEntries(sessionValues(open[0]!).map((value, i) => [SESSION_DIMENSIONS[i]!, value]));

test('a session has the device and country of its earliest event that has them', () => {
  const visits: Visit[] = [
    [0, { page: '/' }],
    [1, { device: 'mobile', browser: 'Safari', os: 'iOS' }],
    [2, { device: 'desktop', country: 'ES' }],
  ];
  for (const list of [visits, visits.toReversed()]) {
    expect(valuesIn(sessionsOf(...list))).toMatchObject({
      ...{ device: 'mobile', browser: 'Safari', os: 'iOS', country: 'ES', landing_page: '/' },
    });
  }
});

test.each<[number, Visit[]]>([
  [
    0b000,
    [
      [0, { name: 'page_view' }],
      [1, { name: 'purchase' }],
    ],
  ],
  [
    0b001,
    [
      [0, { name: 'view_item' }],
      [1, { name: 'view_item' }],
    ],
  ],
  [0b010, [[0, { name: 'add_to_cart' }]]],
  [
    0b101,
    [
      [0, { name: 'begin_checkout' }],
      [1, { name: 'view_item' }],
    ],
  ],
  [
    0b111,
    [
      [0, { name: 'view_item' }],
      [5, { name: 'begin_checkout' }],
      [3, { name: 'add_to_cart' }],
    ],
  ],
])('a session has reached %d, in whatever order its events come', (steps, visits) => {
  for (const list of [visits, visits.toReversed()]) expect(sessionsOf(...list).open[0]!.steps).toBe(steps);
});

test('an event extends a session as it would as a session of its own that is joined', () => {
  const optional = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);
  const event = fc
    .record({
      minutes: fc.integer({ min: 0, max: 100 }),
      name: fc.constantFrom(
        'page_view',
        'view_item',
        'add_to_cart',
        'begin_checkout',
        'scroll',
        'screen_view',
      ),
      session_id: optional('a', 'b', 'c'),
      engaged_ms: optional(0, 4_000),
      source: optional('news', 'ads'),
      page: optional('/', '/tea?cup=2'),
      device: optional('mobile', 'desktop'),
      country: optional('ES', 'PT'),
      referrer: optional('https://a.example/b'),
    })
    .map(({ minutes, ...fields }) =>
      eventOf({ ...fields, ts: NOON + minutes * 5 * MINUTE } as FootfallEvent),
    );
  const grain = fc.constantFrom('minute', 'hour', 'day');
  fc.assert(
    fc.property(fc.array(fc.tuple(event, grain), { maxLength: 40 }), (events) => {
      const [one, other] = [newSessions(), newSessions()];
      for (const [event, grain] of events) {
        addEvent(one, event, grain as 'minute');
        addSession(other, sessionOf(event, grain as 'minute'));
      }
      expect(one).toEqual(other);
      expect(unpackSessions(packSessions(one))).toEqual(one);
    }),
    { numRuns: 300 },
  );
});

describe('a session is engaged', () => {
  const SECOND = 1 / 60;
  const isEngagedBy = (...visits: Visit[]) => isEngaged(sessionsOf(...visits).open[0]!, 0);

  test.each<[string, boolean, Visit[]]>([
    ['by two views', true, [[0], [0]]],
    ['not by one', false, [[0]]],
    ['by ten seconds between what the visitor does', true, [[0], [10 * SECOND, { name: 'view_item' }]]],
    ['not by less', false, [[0], [9 * SECOND, { name: 'view_item' }]]],
    [
      'by ten seconds in the foreground',
      true,
      [
        [0, { engaged_ms: 4_000 }],
        [0, { name: 'x', engaged_ms: 6_000 }],
      ],
    ],
    [
      'not by what comes by itself',
      false,
      [[0], [25, { name: 'user_engagement', engaged_ms: 2_100 }], [26, { name: 'scroll' }]],
    ],
    [
      'not by that alone',
      false,
      [
        [0, { name: 'session_start' }],
        [20, { name: 'first_visit' }],
      ],
    ],
  ])('%s: %s', (_, expected, visits) => {
    expect(isEngagedBy(...visits)).toBe(expected);
    expect(isEngagedBy(...visits.toReversed())).toBe(expected);
  });

  test('by an order', () => {
    expect(isEngaged(sessionsOf([0]).open[0]!, 1)).toBe(true);
  });
});

test.each<[boolean, Partial<FootfallEvent>]>([
  [true, { name: 'purchase' }],
  [false, { name: 'refund' }],
  [false, { name: 'purchase', server: true }],
])('opens a visit: %s, %o', (expected, fields) => {
  expect(opensSession(eventOf(fields))).toBe(expected);
});

test('a session has every name that its events give it, once', () => {
  const [session] = sessionsOf(
    [0, { session_id: 'b' }],
    [1, { session_id: 'a' }],
    [2, { session_id: 'b' }],
  ).open;
  expect(session!.names).toEqual(['a', 'b']);
});

describe('a user with very many sessions', () => {
  const many = () => sessionsOf(...Array.from({ length: 150 }, (_, i): Visit => [i * 60]));

  test('has those closed that are out of time, and all are counted', () => {
    const sessions = many();
    closeSessions(sessions, NOON + 149 * 60 * MINUTE, 0);
    expect(sessions.open).toHaveLength(100);
    expect(countSessions(sessions)).toBe(150);
  });

  test('keeps them open while late events may still change them', () => {
    const sessions = many();
    closeSessions(sessions, NOON + 149 * 60 * MINUTE, 30 * DAY);
    expect(sessions.open).toHaveLength(150);
  });

  test('gets no new session from an event of the closed time: it may belong to a forgotten one', () => {
    const sessions = many();
    closeSessions(sessions, NOON + 149 * 60 * MINUTE, 0);
    addSession(sessions, sessionAt([1]));
    expect(countSessions(sessions)).toBe(150);
  });
});

test('the sessions of two ids of a person become one list', () => {
  const sessions = sessionsOf([0], [100]);
  expect(mergeSessions(sessions, sessionsOf([20], [300]))).toEqual([]);
  expect(outline(sessions)).toEqual([
    [0, 20, 2],
    [100, 100, 1],
    [300, 300, 1],
  ]);
});

describe('of two ids of a person', () => {
  /** Sessions of which those until `minutes` after noon are closed. */
  const closedUntil = (minutes: number, ...visits: Visit[]): Sessions => ({
    ...sessionsOf(...visits),
    closed: 1,
    closedUntil: NOON + minutes * MINUTE,
  });

  test('one may have forgotten sessions: an event of their time begins none', () => {
    const sessions = sessionsOf([500]);
    mergeSessions(sessions, closedUntil(100, [200]));
    expect(addSession(sessions, sessionAt([50]))).toBe(false);
    expect(countSessions(sessions)).toBe(3);
    expect(unpackSessions(packSessions(sessions))).toEqual(sessions);
  });

  test('the other keeps its open sessions of that time, and late events extend them', () => {
    const sessions = sessionsOf([40]);
    expect(mergeSessions(sessions, closedUntil(100, [200]))).toEqual([]);
    expect(addSession(sessions, sessionAt([60]))).toBe(true);
    expect(outline(sessions)).toEqual([
      [40, 60, 2],
      [200, 200, 1],
    ]);
  });

  test('a session of the closed time that joins an open one is counted with it alone', () => {
    const sessions = sessionsOf([40]);
    mergeSessions(sessions, closedUntil(100, [200]));
    expect(mergeSessions(sessions, sessionsOf([50], [90]))).toHaveLength(1);
    expect(outline(sessions)).toEqual([
      [40, 50, 2],
      [200, 200, 1],
    ]);
    expect(countSessions(sessions)).toBe(4);
  });
});

test('open sessions are bounded in bytes: the oldest are closed', () => {
  const text = '\u8a9e'.repeat(200);
  const wide = {
    ...{ source: text, medium: text, campaign: text, channel: text, referrer: text, page: text },
    ...{ device: text, browser: text, os: text, country: text },
  };
  const sessions = sessionsOf(...Array.from({ length: 200 }, (_, n): Visit => [60 * n, wide]));
  const closed = closeSessions(sessions, NOON, 30 * DAY);
  expect(closed.length).toBeGreaterThan(100);
  expect(countSessions(sessions)).toBe(200);
  expect(sessions.closedUntil).toBe(closed.at(-1)!.end + 30 * MINUTE);
  expect(sessions.open.at(-1)!.start).toBe(NOON + 199 * 60 * MINUTE);
});

test('fifteen sessions are never too much', () => {
  const text = '\u8a9e'.repeat(200);
  const wide = {
    ...{ source: text, medium: text, campaign: text, channel: text, referrer: text, page: text },
    ...{ device: text, browser: text, os: text, country: text },
  };
  const sessions = newSessions();
  for (let n = 0; n < 15; n++) {
    for (let k = 0; k < 8; k++) {
      addSession(sessions, sessionAt([60 * n, { ...wide, session_id: `${k}${'\u8a9e'.repeat(99)}` }]));
    }
  }
  expect(new Packr({ useRecords: false }).pack(packSessions(sessions)).length).toBeLessThan(150_000);
  expect(closeSessions(sessions, NOON, 30 * DAY)).toEqual([]);
});

test('sessions come back from their packed form as they were', () => {
  const sessions = sessionsOf(
    [0, { source: 'newsletter' }],
    [100, { name: 'scroll', session_id: '17', engaged_ms: 5 }],
    [101],
  );
  expect(unpackSessions(packSessions(sessions))).toEqual(sessions);
  expect(unpackSessions(packSessions(newSessions()))).toEqual(newSessions());
});
