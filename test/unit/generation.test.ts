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
  withNewGeneration,
  withoutGeneration,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { assertSameTopic } from '../../shared/shard/assert-topic.ts';
import { sitesOf } from '../../shared/sites/sites-state.ts';

const place = { eventsTopic: 'events', partitions: 4 };
const first = firstGeneration(place);
/** The ids of the first generation of the format, and of those that are rebuilt after it. */
const ID = String(STATE_FORMAT);
const rebuiltId = (n: number) => `${STATE_FORMAT}.${n}`;
const made = (known: Generations, topic = 'events', partitions = 4, isFirst = false) =>
  withNewGeneration(known, { topic, partitions, now: 1_000, isFirst });

test('without a record, the first generation of the format is current', () => {
  expect(currentGeneration(NO_GENERATIONS, place)).toEqual(first);
  expect(first).toMatchObject({ id: ID, format: STATE_FORMAT, started: 0 });
});

test('a generation is current once it was switched to, and a switch back is possible', () => {
  const { known, made: next } = made(NO_GENERATIONS);
  expect(next).toMatchObject({ id: rebuiltId(1), state: 'building', started: 1_000 });
  expect(currentGeneration(known, place)).toEqual(first);
  const over = switched(known, { from: first, to: next, now: 2_000 });
  expect(currentGeneration(over, place)).toMatchObject({ id: rebuiltId(1), state: 'live' });
  expect(pointerOf(over, 'events')).toEqual({ id: rebuiltId(1), previous: ID, since: 2_000 });
  expect(findGeneration(over, ID)).toMatchObject({ state: 'old', started: 0 });
  const back = switched(over, { from: next, to: first, now: 3_000 });
  expect(currentGeneration(back, place)).toMatchObject({ id: ID, state: 'live' });
  expect(generationsOf(JSON.stringify({ ...back, id: GENERATIONS, change: 'c' }))).toEqual(back);
});

test('each topic has its own current generation, and a wrong number of partitions is refused', () => {
  const { known, made: next } = made(NO_GENERATIONS, 'events-8', 8);
  const over = switched(known, { from: first, to: next, now: 2_000 });
  expect(currentGeneration(over, place)).toEqual(first);
  expect(currentGeneration(over, { eventsTopic: 'events-8', partitions: 8 })).toMatchObject({
    id: rebuiltId(1),
  });
  expect(() => currentGeneration(over, { eventsTopic: 'events-8', partitions: 4 })).toThrow(
    expect.objectContaining({ code: 'wrong_partitions', status: 500 }),
  );
  for (const head of [
    { topic: 'events', partitions: '5' },
    { topic: 'other', partitions: String(place.partitions) },
  ]) {
    expect(() => assertSameTopic(head, first)).toThrow(expect.objectContaining({ code: 'wrong_partitions' }));
  }
  assertSameTopic({ topic: 'events', partitions: '4' }, first);
  assertSameTopic({}, first);
});

test('an id is never reused, since records in the log carry it', () => {
  const one = made(NO_GENERATIONS);
  const two = made(withoutGeneration(one.known, one.made.id));
  expect([one.made.id, two.made.id]).toEqual([rebuiltId(1), rebuiltId(2)]);
  expect(made(two.known, 'events', 4, true).made.id).toBe(ID);
});

test("a record that can't be read is an error, not a guess", () => {
  for (const text of ['no json', '{}', '{"generations":[{"id":"../4"}],"current":{},"rebuilt":0}']) {
    expect(() => generationsOf(text)).toThrow(expect.objectContaining({ code: 'bad_generations' }));
  }
});

test('the record of generations is not a site', () => {
  const sites = sitesOf({ next: 1, sites: new Map([[GENERATIONS, JSON.stringify(NO_GENERATIONS)]]) });
  expect(sites.all()).toEqual([]);
});

test('keys of two generations differ, and each generation has one prefix', () => {
  const [one, other] = [keysOf(ID), keysOf(rebuiltId(1))];
  expect(one.head(1)).not.toBe(other.head(1));
  for (const keys of [one, other]) expect(keys.user(1, 'shop', 'ana').startsWith(keys.prefix)).toBe(true);
  expect(other.head(1).startsWith(one.prefix)).toBe(false);
});

test('what a generation needs is made once for each generation', async () => {
  let known = NO_GENERATIONS;
  let count = 0;
  const per = new PerGeneration({ generations: async () => known }, place, ({ id }) => `${id} ${count++}`);
  expect([await per.current(), await per.current()]).toEqual([`${ID} 0`, `${ID} 0`]);
  const { known: begun, made: next } = made(NO_GENERATIONS);
  known = switched(begun, { from: first, to: next, now: 1 });
  expect([await per.current(), per.first()]).toEqual([`${rebuiltId(1)} 1`, `${ID} 0`]);
});
