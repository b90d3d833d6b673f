import {
  currentGeneration,
  findGeneration,
  firstGeneration,
  GENERATIONS,
  type Generations,
  generationsOf,
  NO_GENERATIONS,
  PerGeneration,
  pointerOf,
  switched,
  withNew,
  without,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { checkPlace } from '../../shared/shard/assert-topic.ts';
import { sitesOf } from '../../shared/sites/sites-state.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';

const place = { eventsTopic: 'events', partitions: 4 };
const first = firstGeneration(place);
const made = (known: Generations, topic = 'events', partitions = 4, isFirst = false) =>
  withNew(known, { topic, partitions, now: 1_000, isFirst });

test('without a record, the first generation of the format is current', () => {
  expect(currentGeneration(NO_GENERATIONS, place)).toEqual(first);
  expect(first).toMatchObject({ id: FIRST_ID, format: STATE_FORMAT, started: 0 });
});

test('a generation is current after a switch, and the one before after a switch back', () => {
  const { known, made: next } = made(NO_GENERATIONS);
  expect(next).toMatchObject({ id: rebuiltId(), state: 'building', started: 1_000 });
  expect(currentGeneration(known, place)).toEqual(first);
  const over = switched(known, { from: first, to: next, now: 2_000 });
  expect(currentGeneration(over, place)).toMatchObject({ id: rebuiltId(), state: 'live' });
  expect(pointerOf(over, 'events')).toEqual({ id: rebuiltId(), previous: FIRST_ID, since: 2_000 });
  expect(findGeneration(over, FIRST_ID)).toMatchObject({ state: 'old', started: 0 });
  const back = switched(over, { from: next, to: first, now: 3_000 });
  expect(currentGeneration(back, place)).toMatchObject({ id: FIRST_ID, state: 'live' });
  expect(generationsOf(JSON.stringify({ ...back, id: GENERATIONS, change: 'c' }))).toEqual(back);
});

test('each topic has its own current generation, and a wrong number of partitions is refused', () => {
  const { known, made: next } = made(NO_GENERATIONS, 'events-8', 8);
  const over = switched(known, { from: first, to: next, now: 2_000 });
  expect(currentGeneration(over, place)).toEqual(first);
  expect(currentGeneration(over, { eventsTopic: 'events-8', partitions: 8 })).toMatchObject({
    id: rebuiltId(),
  });
  expect(() => currentGeneration(over, { eventsTopic: 'events-8', partitions: 4 })).toThrow(
    expect.objectContaining({ code: 'wrong_partitions', status: 500 }),
  );
  for (const head of [
    { topic: 'events', partitions: '5' },
    { topic: 'other', partitions: String(place.partitions) },
  ]) {
    expect(() => checkPlace(head, first)).toThrow(expect.objectContaining({ code: 'wrong_partitions' }));
  }
  checkPlace({ topic: 'events', partitions: String(place.partitions) }, first);
  checkPlace({}, first);
});

test('an id is never given twice, since records in the log carry it', () => {
  const one = made(NO_GENERATIONS);
  const two = made(without(one.known, one.made.id));
  expect([one.made.id, two.made.id]).toEqual([rebuiltId(1), rebuiltId(2)]);
  expect(made(two.known, 'events', 4, true).made.id).toBe(FIRST_ID);
});

test('an unreadable record of generations is an error', () => {
  for (const text of ['no json', '{}', '{"generations":[{"id":"../4"}],"current":{},"rebuilt":0}']) {
    expect(() => generationsOf(text)).toThrow(expect.objectContaining({ code: 'bad_generations' }));
  }
});

test('the record of generations is not taken for a site', () => {
  const sites = sitesOf({ next: 1, sites: new Map([[GENERATIONS, JSON.stringify(NO_GENERATIONS)]]) });
  expect(sites.all()).toEqual([]);
});

test('two generations share no key, and a prefix selects all keys of one', () => {
  const [one, other] = [keysOf(FIRST_ID), keysOf(rebuiltId())];
  expect(one.head(1)).not.toBe(other.head(1));
  for (const keys of [one, other]) expect(keys.user(1, 'shop', 'ana').startsWith(keys.prefix)).toBe(true);
  expect(other.head(1).startsWith(one.prefix)).toBe(false);
});

test('a process makes the connections of a generation once and keeps those of the last few', async () => {
  let known = NO_GENERATIONS;
  let count = 0;
  const per = new PerGeneration({ generations: async () => known }, place, ({ id }) => `${id} ${count++}`);
  expect([await per.current(), await per.current()]).toEqual([`${FIRST_ID} 0`, `${FIRST_ID} 0`]);
  const { known: begun, made: next } = made(NO_GENERATIONS);
  known = switched(begun, { from: first, to: next, now: 1 });
  expect([await per.current(), per.first()]).toEqual([`${rebuiltId()} 1`, `${FIRST_ID} 0`]);
});
