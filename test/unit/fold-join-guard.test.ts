import { admits, MAX_JOINS, MAX_JOINS_A_DAY } from '../../shared/fold/join-guard.ts';
import { addAlias, newUserState } from '../../shared/fold/user-state.ts';
import { FoldedLog, inTurn } from '../oracle/folded.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

const DAY = 86_400_000;
const DATE = 'day / shop / 2026-06-10';

/** A visitor who looks at a page, is said to be the user, and looks at another page. */
const visit = (i: number, user: string, at = NOON) =>
  ['page_view', 'identify', 'page_view'].map((name, step) =>
    eventOf({
      id: `${i}-${step}`,
      name,
      user: `visitor-${i}`,
      ts: at + i * 1_000 + step,
      received: at + i * 1_000 + step,
      ...(name === 'identify' && { identifies: user }),
    }),
  );

const visits = (count: number, user: string, at?: number) =>
  Array.from({ length: count }, (_, i) => visit(i, user, at)).flat();

const foldedOf = (events: ReturnType<typeof visits>) =>
  new FoldedLog([shop], 3).append(events).read(inTurn(7));

describe('a page that sends one user id for everyone', () => {
  const TOO_MANY = MAX_JOINS_A_DAY + 10;

  test('makes one user of the first visitors, and the others stay visitors', () => {
    const folded = foldedOf(visits(TOO_MANY, 'constant'));
    const numbers = folded.numbers();
    expect(numbers[`${DATE} / new_users`]).toBe(1 + 10);
    expect(folded.notes.get('constant_user_id')).toBe(10);
    expect(numbers['user / shop / visitor-59 / n:page_view']).toBe(2);
  });

  test('loses no event and no session', () => {
    const numbers = foldedOf(visits(TOO_MANY, 'constant')).numbers();
    expect(numbers[`${DATE} / n:page_view`]).toBe(2 * TOO_MANY);
    expect(numbers[`${DATE} / n:identify`]).toBe(TOO_MANY);
    expect(numbers['user / shop / visitor-59 / sessions']).toBe(1);
  });

  test('counts the same when the log is read again, one record at a time', () => {
    const log = new FoldedLog([shop], 3).append(visits(TOO_MANY, 'constant'));
    const once = log.read(inTurn(7)).numbers();
    log.forget();
    expect(log.read(inTurn(1)).numbers()).toEqual(once);
  });

  test('stops visitors of later days, too', () => {
    const later = visits(5, 'constant', NOON + DAY).map((event) => ({
      ...event,
      user: `late-${event.user}`,
      id: `late-${event.id}`,
    }));
    const log = new FoldedLog([shop], 3).append(visits(TOO_MANY, 'constant'));
    log.read(inTurn(7));
    const numbers = log.append(later).read(inTurn(7)).numbers();
    expect(numbers['day / shop / 2026-06-11 / new_users']).toBe(5);
  });
});

describe('a user with several devices', () => {
  test('is one person, on many days', () => {
    const events = [0, 1, 2].flatMap((day) =>
      visits(20, 'ana', NOON + day * DAY).map((event) => ({
        ...event,
        user: `${day}-${event.user}`,
        id: `${day}-${event.id}`,
      })),
    );
    const folded = foldedOf(events);
    expect(folded.numbers()[`${DATE} / new_users`]).toBe(1);
    expect(folded.notes.size).toBe(0);
  });
});

test('a visitor whom a user has taken long ago may do much in a day', () => {
  const days = [0, 1, 2].flatMap((day) =>
    visits(40, 'ana', NOON + day * DAY).map((event) => ({
      ...event,
      user: `${day}-${event.user}`,
      id: `${day}-${event.id}`,
    })),
  );
  const later = Array.from({ length: MAX_JOINS_A_DAY + 2 }, (_, i) => {
    const ts = NOON + 3 * DAY + i;
    return eventOf({ id: `later-${i}`, user: '0-visitor-0', ts, received: ts });
  });
  const log = new FoldedLog([shop], 3).append(days);
  log.read(inTurn(7));
  const numbers = log.append(later).read(inTurn(7)).numbers();
  expect(numbers['day / shop / 2026-06-13 / new_users']).toBeUndefined();
  expect(numbers['user / shop / ana / n:view_item']).toBe(later.length);
});

test('a visitor who was sent back may still become another user', () => {
  const log = new FoldedLog([shop], 3).append(visits(MAX_JOINS_A_DAY + 1, 'constant'));
  const before = log.read(inTurn(7)).numbers();
  // Which one came last depends on how the partitions are read.
  const own = (numbers: object) =>
    Object.keys(numbers).filter((name) => /visitor-\d+ \/ n:page_view/.test(name));
  const [name] = own(before);
  const signsIn = eventOf({
    ...{ id: 'in', name: 'identify', user: name!.split(' / ')[2]!, identifies: 'bob' },
    ...{ ts: NOON + 100_000, received: NOON + 100_000 },
  });
  const after = log.append([signsIn]).read(inTurn(7)).numbers();
  expect(own(before)).toHaveLength(1);
  expect(own(after)).toHaveLength(0);
  expect(after['user / shop / bob / n:page_view']).toBe(2);
});

/** Joins visitors to a state, as the fold does. @returns how many it has taken */
function joined(count: number, day: (n: number) => number) {
  const state = newUserState();
  let taken = 0;
  for (let n = 0; n < count; n++) {
    const visitor = `visitor-${n}`;
    if (!admits(state, { visitor, isState: true, day: day(n) })) continue;
    if (addAlias(state.aliases, visitor) !== undefined) state.furtherAliases++;
    taken++;
  }
  return { state, taken };
}

test('visitors of days of the past are bounded, too', () => {
  const { state, taken } = joined(MAX_JOINS + 1_000, (n) => (n === 0 ? 100 : 99));
  expect(taken).toBe(MAX_JOINS);
  expect(state.joins.isStopped).toBe(true);
});

test('the events of a visitor whose name the state has no room for are no further visitors', () => {
  const { state, taken } = joined(150, (n) => Math.floor(n / 40));
  expect([taken, state.furtherAliases]).toEqual([150, 50]);
  for (let n = 0; n < 100; n++) {
    expect(admits(state, { visitor: 'visitor-0', isState: false, day: 3 })).toBe(true);
  }
  expect(state.joins.isStopped).toBe(false);
});
