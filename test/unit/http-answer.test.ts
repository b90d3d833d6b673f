import { z } from 'zod';
import { FootfallError } from '../../shared/platform/errors.ts';
import { orUnavailable } from '../../shared/platform/http/outage.ts';
import { type AnswerContext, answer } from '../../shared/questions/answer.ts';
import type { Question } from '../../shared/questions/question.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { requestOf } from '../support/http.ts';
import { siteOf } from '../support/shop.ts';

/** What becomes of what a question gives or throws. The store itself is in the integration tests. */
const sites = fixedSites(new Sites([siteOf('shop')]));
const store = { heads: async () => [] } as unknown as StoreReader;
const context = { sites, store, fetchOffsets: async () => [] } as unknown as AnswerContext;

const asked = (read: () => unknown) => {
  const question: Question = {
    path: '/v1/question',
    summary: 'A question',
    parameters: z.object({}),
    query: z.object({}),
    answer: z.unknown(),
    kept: 'never',
    columns: [],
    rows: (data) => [data],
    read: async () => read(),
  };
  const request = requestOf('GET', '/v1/question', { headers: { authorization: 'Bearer shop-read-key' } });
  return orUnavailable((one) => answer(question, one, context))(request);
};
const thrownBy = (error: unknown) =>
  asked(() => {
    throw error;
  }).catch((thrown) => thrown);

test('an answer that no function could send is refused, and it says what to ask instead', async () => {
  expect((await asked(() => 'x'.repeat(5_800_000))).statusCode).toBe(200);
  for (const text of ['x'.repeat(5_900_000), 'é'.repeat(3_000_000)]) {
    await expect(asked(() => text)).rejects.toMatchObject({ code: 'answer_too_large', status: 400 });
  }
});

test.each([
  'Connection is closed.',
  'Command timed out',
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica.",
  'MASTERDOWN Link with MASTER is down',
  'CLUSTERDOWN The cluster is down',
  'BUSY Redis is busy running a script.',
])('%s: come again later', async (message) => {
  expect(await thrownBy(new Error(message))).toMatchObject({
    code: 'redis_unavailable',
    status: 503,
    retryAfter: 2,
  });
});

test('a connection that can not be made: come again later', async () => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE']) {
    expect(await thrownBy(Object.assign(new Error('connect'), { code }))).toMatchObject({ status: 503 });
  }
  const error = new Error('Reached the max retries per request limit');
  error.name = 'MaxRetriesPerRequestError';
  expect(await thrownBy(error)).toMatchObject({ status: 503 });
});

test('a fault of the program is no outage, and what a question refuses is said as it is', async () => {
  for (const error of [
    new TypeError('x is not a function'),
    new Error('WRONGTYPE Operation'),
    'text',
    undefined,
  ]) {
    expect(await thrownBy(error)).toBe(error);
  }
  const refused = new FootfallError('not_kept', 400, 'Not kept.');
  expect(await thrownBy(refused)).toBe(refused);
});
