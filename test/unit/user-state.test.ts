import fc from 'fast-check';
import {
  DEDUPE_WINDOW_MS,
  MAX_IDS,
  newUserState,
  packUserState,
  rememberId,
  type UserState,
  unpackUserState,
} from '../../shared/fold/user-state.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);
const start = Date.parse('2026-06-10T10:00:00Z');

const stored = (state: UserState) => unpackUserState(packUserState(state));

test('a state comes back from its bytes as it was', () => {
  const names = fc.constantFrom('n:view_item', 'n:constructor', 'n:__proto__', 'revenue:EUR', '__proto__');
  const whole = fc.integer({ min: -9e15, max: 9e15 });
  const time = fc.integer({ min: -2e12, max: 8e15 });
  fc.assert(
    fc.property(
      fc.record({
        times: fc.tuple(time, time),
        firstKnown: fc.option(time, { nil: Infinity }),
        sums: fc.array(fc.tuple(names, whole)),
        months: fc.array(fc.tuple(fc.integer({ min: 22_800, max: 120_000 }), fc.nat(10_000))),
        ids: fc.array(fc.string()),
      }),
      ({ times, firstKnown, sums, months, ids }) => {
        const state: UserState = {
          ...newUserState(),
          first: Math.min(...times),
          last: Math.max(...times),
          firstKnown,
          sums: new Map(sums),
          months: new Map(months),
        };
        for (const id of ids) rememberId(state.ids, { id, received: start });
        const back = stored(state);
        expect([back.first, back.last, back.firstKnown]).toEqual([state.first, state.last, firstKnown]);
        expect([...back.sums]).toEqual([...state.sums]);
        expect([...back.months]).toEqual([...state.months]);
        for (const id of ids) expect(rememberId(back.ids, { id, received: start })).toBe(false);
        expect(rememberId(back.ids, { id: 'one that no string of the test is', received: start })).toBe(true);
      },
    ),
    { numRuns },
  );
});

test('bytes of another format are refused', () => {
  const bytes = packUserState({ ...newUserState(), first: start, last: start });
  expect(() => unpackUserState(bytes)).not.toThrow();
  const other = Buffer.from(bytes);
  // After the bytes that begin a list of 16 or more.
  other[3] = 99;
  expect(() => unpackUserState(other)).toThrow('Unknown user state format 99.');
});

test('an id that comes again within the window is known, as a list of all ids shows', () => {
  const arrivals = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 40 }),
      after: fc.integer({ min: 0, max: DEDUPE_WINDOW_MS / 8 }),
    }),
    { maxLength: 120, size: 'max' },
  );
  fc.assert(
    fc.property(arrivals, (list) => {
      let state = newUserState();
      const counted = new Map<number, number>();
      let received = start;
      for (const { id, after } of list) {
        received += after;
        const before = counted.get(id);
        const isNew = rememberId(state.ids, { id: String(id), received });
        if (before === undefined) expect(isNew).toBe(true);
        else if (received - before <= DEDUPE_WINDOW_MS) expect(isNew).toBe(false);
        // Two windows are the most that any id is remembered.
        if (isNew) counted.set(id, received);
        state = stored({ ...state, first: start, last: start });
      }
    }),
    { numRuns },
  );
});

test('ids are forgotten in the end: a state has a bound', () => {
  const state = newUserState();
  rememberId(state.ids, { id: 'old', received: start });
  rememberId(state.ids, { id: 'b', received: start + DEDUPE_WINDOW_MS });
  expect(rememberId(state.ids, { id: 'old', received: start + DEDUPE_WINDOW_MS })).toBe(false);
  rememberId(state.ids, { id: 'c', received: start + 2 * DEDUPE_WINDOW_MS });
  expect(rememberId(state.ids, { id: 'old', received: start + 2 * DEDUPE_WINDOW_MS })).toBe(true);
});

test('the latest of very many ids within one window are remembered', () => {
  const state = newUserState();
  const count = Math.floor(2.5 * MAX_IDS);
  for (let i = 0; i < count; i++) rememberId(state.ids, { id: `id-${i}`, received: start });
  for (let i = count - MAX_IDS; i < count; i += 97) {
    expect(rememberId(state.ids, { id: `id-${i}`, received: start })).toBe(false);
  }
  expect(packUserState({ ...state, first: start, last: start }).length).toBeLessThan(2 * MAX_IDS * 9 + 1_000);
});
