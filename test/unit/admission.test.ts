import { admitting } from '../../shared/intake/admission.ts';
import type { HttpHandler, HttpResponse } from '../../shared/platform/http/stack.ts';

/** Which requests collect admits, and how it refuses others. */

const send = (handler: HttpHandler): Promise<HttpResponse> => handler({} as never, {} as never);
const overloaded = { code: 'overloaded', status: 503, retryAfter: 2 };

test('requests above the limit are refused at once, with the time to wait', async () => {
  const goOn = Promise.withResolvers<void>();
  let worked = 0;
  const work = async () => {
    worked++;
    await goOn.promise;
    return { statusCode: 202 };
  };
  const handler = admitting(work, { isFull: () => false, maxAtOnce: 2 });
  const inside = [send(handler), send(handler)];
  await expect(send(handler)).rejects.toMatchObject(overloaded);
  expect(worked).toBe(2);
  goOn.resolve();
  expect(await Promise.all(inside)).toEqual([{ statusCode: 202 }, { statusCode: 202 }]);
  expect(await send(handler)).toEqual({ statusCode: 202 });
});

test('an error frees its place, and no request is admitted while Kafka is busy', async () => {
  let isFull = false;
  let worked = 0;
  const work = async () => {
    worked++;
    throw new Error('It went wrong.');
  };
  const handler = admitting(work, { isFull: () => isFull, maxAtOnce: 1 });
  for (const _ of [1, 2]) await expect(send(handler)).rejects.toThrow('It went wrong.');
  isFull = true;
  await expect(send(handler)).rejects.toMatchObject(overloaded);
  expect(worked).toBe(2);
});
