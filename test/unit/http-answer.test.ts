import kafkajs from 'kafkajs';
import * as z from 'zod';
import { FootfallError } from '../../shared/platform/errors.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { KafkaOutage } from '../../shared/platform/kafka/outage.ts';
import { RedisUnavailable } from '../../shared/platform/redis/unavailable.ts';
import { type AnswerContext, answerQuestion } from '../../shared/questions/answer.ts';
import type { Question } from '../../shared/questions/question.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { requestOf } from '../support/http.ts';
import { siteOf } from '../support/shop.ts';

/** What becomes of what a question gives or throws. The store itself is in the integration tests. */
const sites = fixedSites(new Sites([siteOf('shop')]));
const store = { siteHeads: async () => [] } as unknown as StoreReader;
const context = {
  ...{ sites, store, fetchOffsets: async () => [] },
  readerAt: () => store,
} as unknown as AnswerContext;

const asked = (read: () => unknown, own: AnswerContext = context) => {
  const question: Question = {
    path: '/v1/question',
    summary: 'A question',
    parameters: z.object({}),
    query: z.object({}),
    answer: z.unknown(),
    cached: 'never',
    csv: { columns: [], rows: (data) => [data] },
    read: async () => read(),
  };
  const handler = httpStack((request) => answerQuestion(question, request, own));
  const headers = { authorization: 'Bearer shop-read-key' };
  return handler(requestOf('GET', '/v1/question', { headers }), {} as never);
};
const answerTo = async (error: unknown) => {
  const { statusCode, headers, body } = await asked(() => {
    throw error;
  });
  return { status: statusCode, code: JSON.parse(body!).code, retryAfter: headers?.['retry-after'] };
};

test('an answer that no function could send is refused, and it says what to ask instead', async () => {
  expect((await asked(() => 'x'.repeat(5_800_000))).statusCode).toBe(200);
  for (const text of ['x'.repeat(5_900_000), 'é'.repeat(3_000_000)]) {
    const { statusCode, body } = await asked(() => text);
    expect([statusCode, JSON.parse(body!).code]).toEqual([400, 'answer_too_large']);
  }
});

test('the data are read while Kafka is asked how far the log goes', async () => {
  const ends = Promise.withResolvers<[]>();
  const fetchOffsets = () => ends.promise;
  // A question that waited for Kafka first would give up waiting, and then know nothing of the ends.
  const { body } = await asked(() => ends.resolve([]), { ...context, fetchOffsets });
  expect(JSON.parse(body!).meta).toMatchObject({ lag_events: 0, complete: true });
});

const redisAway = { status: 503, code: 'redis_unavailable', retryAfter: '2' };
const kafkaAway = { status: 503, code: 'kafka_unavailable', retryAfter: '5' };

test.each([
  ['Redis', new RedisUnavailable('Command timed out'), redisAway],
  ['kafkajs', new kafkajs.KafkaJSConnectionError('Connection timeout'), kafkaAway],
  ['kafkajs, for several partitions', new kafkajs.KafkaJSAggregateError('Failed', []), kafkaAway],
  ['a wait for Kafka', new KafkaOutage('Kafka did not answer in time.'), kafkaAway],
])('an outage that %s reports is a 503 with the seconds to wait', async (_, error, expected) => {
  expect(await answerTo(error)).toEqual(expected);
});

test('a fault of the program is a 500, and a refusal keeps its code', async () => {
  for (const error of [new TypeError('x is not a function'), new Error('Command timed out')]) {
    expect(await answerTo(error)).toEqual({ status: 500, code: 'internal', retryAfter: undefined });
  }
  const refused = new FootfallError('not_kept', 400, 'Not kept.');
  expect(await answerTo(refused)).toMatchObject({ status: 400, code: 'not_kept' });
});
