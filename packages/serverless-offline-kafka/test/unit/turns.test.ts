import { Turns } from '../../src/turns.ts';

test('no more have a turn at once than allowed, and the others get theirs in order', async () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) void turns.take().then(() => begun.push(name));
  await new Promise(setImmediate);
  expect(begun).toEqual(['a', 'b']);
  turns.release();
  void turns.take().then(() => begun.push('e'));
  await new Promise(setImmediate);
  expect(begun).toEqual(['a', 'b', 'c']);
  turns.release();
  turns.release();
  await new Promise(setImmediate);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
});
