import { inLambdasTime } from '../../shared/platform/time-limit.ts';

/** Work that hangs is given up before Lambda ends it without an error. */

const never = () => new Promise<never>(() => {});
const of = (ms: number) => ({ getRemainingTimeInMillis: () => ms });

test("work that exceeds Lambda's limit ends a second before it, with an error that says so", async () => {
  await expect(inLambdasTime(of(1_005), never)).rejects.toMatchObject({
    ...{ code: 'out_of_time', status: 503, retryAfter: 5 },
  });
  await expect(inLambdasTime(of(10), never)).rejects.toMatchObject({ code: 'out_of_time' });
});

test('work within the limit keeps its result or error, and leaves no timer', async () => {
  expect(await inLambdasTime(of(60_000), async () => 1)).toBe(1);
  await expect(inLambdasTime(of(60_000), () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await inLambdasTime(undefined, async () => 2)).toBe(2);
  expect(await inLambdasTime({}, async () => 3)).toBe(3);
});
