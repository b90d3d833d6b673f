import { limitConcurrency } from '../../src/limit-concurrency.ts';

/** A function whose calls end when a test resolves or rejects them. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const call = (name: string) => {
    started.push(name);
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return end.promise;
  };
  return { started, ends, call };
}

test('no more calls run at once than allowed, and they start in order', async () => {
  const { started, ends, call } = controlled();
  const limited = limitConcurrency(2, call);
  const all = ['a', 'b', 'c', 'd'].map((name) => limited(name));
  await Promise.resolve();
  expect(started).toEqual(['a', 'b']);
  ends.get('b')!.resolve('B');
  expect(await all[1]).toBe('B');
  expect(started).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) ends.get(name)!.resolve(name.toUpperCase());
  expect(await Promise.all([all[0], all[2]])).toEqual(['A', 'C']);
  ends.get('d')!.resolve('D');
  expect(await all[3]).toBe('D');
});

test('after a call that fails the next one starts', async () => {
  const { started, ends, call } = controlled();
  const limited = limitConcurrency(1, call);
  const [first, second] = [limited('a'), limited('b')];
  await Promise.resolve();
  ends.get('a')!.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  expect(started).toEqual(['a', 'b']);
  ends.get('b')!.resolve('B');
  expect(await second).toBe('B');
});
