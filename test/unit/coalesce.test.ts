import { coalesce } from '../../shared/platform/coalesce.ts';

test('an answer is never older than its question, and waiting callers share one', async () => {
  const askings: PromiseWithResolvers<number>[] = [];
  const ask = coalesce(() => {
    const asking = Promise.withResolvers<number>();
    askings.push(asking);
    return asking.promise;
  });
  const first = ask();
  await Promise.resolve();
  const others = [ask(), ask()];
  expect(askings).toHaveLength(1);
  askings[0]!.resolve(1);
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  expect(askings).toHaveLength(2);
  const last = ask();
  askings[1]!.reject(new Error('Away.'));
  for (const other of others) await expect(other).rejects.toThrow('Away.');
  await new Promise(setImmediate);
  askings[2]!.resolve(3);
  expect(await last).toBe(3);
  expect(askings).toHaveLength(3);
});
