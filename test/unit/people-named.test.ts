import { peopleNamed } from '../../shared/dead-letters/people-named.ts';

const of = (record: unknown, key?: string) => peopleNamed(Buffer.from(JSON.stringify(record)), key);
const usersOf = (record: unknown, key?: string) =>
  of(record, key)?.map(({ site, user }) => `${site}/${user}`);

describe('the people whom a letter names', () => {
  test('are those of its value and of its key, of each site', () => {
    expect(usersOf({ site: 'a', user: 'ada', identifies: 7 }, 'b:bo:b')).toEqual([
      ...['a/ada', 'a/7', 'a/bo:b'],
      ...['b/ada', 'b/7', 'b/bo:b'],
    ]);
    expect(usersOf('no object', 'a:ada')).toEqual(['a/ada']);
    expect(peopleNamed(Buffer.from('no json'))).toEqual([]);
  });

  test('come with the times of the event; what has no time is old', () => {
    expect(of({ site: 'a', user: 'ada', ts: 5, received: 7 })).toMatchObject([{ ts: 5, received: 7 }]);
    expect(of({ site: 'a', user: 'ada', ts: '5' })).toMatchObject([{ ts: 0, received: 0 }]);
  });

  test('are found at any depth', () => {
    const depth = `${'{"it":['.repeat(5_000)}{"user_id":"ada"}${']}'.repeat(5_000)}`;
    expect(peopleNamed(Buffer.from(`{"site":"a","x":${depth}}`))).toMatchObject([{ user: 'ada' }]);
  });

  test('are at most 300, however large the letter is', () => {
    const named = (count: number) =>
      of({ site: 'a', people: Array.from({ length: count }, (_, i) => `u${i}`) });
    expect(named(300)).toHaveLength(300);
    expect(named(301)).toBeUndefined();
    const lists = Array.from({ length: 40_000 }, (_, i) => ({ uid: i }));
    expect(of({ site: 'a', lists })).toBeUndefined();
  });
});
