import { judge } from '../../local/kafka-event-source/response.ts';

const answer = (payload: unknown) => ({ statusCode: 200, payload });
const reporting = (payload: unknown) => judge(answer(payload), 'orders-3', [5, 6, 9], true);
const failing = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

test('an error of the function fails the batch, with its own words', () => {
  const invocation = {
    statusCode: 200,
    functionError: 'Unhandled',
    payload: { errorType: 'TypeError', errorMessage: 'no such thing' },
  };
  expect(judge(invocation, 'orders-3', [5], false)).toEqual({
    outcome: 'failure',
    reason: 'TypeError: no such thing',
  });
});

test('without ReportBatchItemFailures whatever is returned is success', () => {
  const payload = failing({ partition: 'orders-3', offset: 5 });
  expect(judge(answer(payload), 'orders-3', [5], false)).toEqual({ outcome: 'success' });
});

test.each([undefined, null, {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
  'reporting %j is success',
  (payload) => {
    expect(reporting(payload)).toEqual({ outcome: 'success' });
  },
);

test('reported offsets are the ones that failed', () => {
  const payload = failing({ partition: 'orders-3', offset: 9 }, { partition: 'orders-3', offset: 6 });
  expect(reporting(payload)).toEqual({ outcome: 'partial', failed: new Set([6, 9]) });
});

test.each([
  ['an offset that was not sent', failing({ partition: 'orders-3', offset: 7 })],
  ['another partition', failing({ partition: 'orders-4', offset: 5 })],
  ['a string as other event sources have it', failing('5')],
  ['an offset in words', failing({ partition: 'orders-3', offset: '5' })],
  ['one bad identifier among good ones', failing({ partition: 'orders-3', offset: 5 }, {})],
  ['no list', { batchItemFailures: 'orders-3' }],
  ['no object', 'all went well'],
])('%s fails the whole batch', (_, payload) => {
  expect(reporting(payload)).toMatchObject({ outcome: 'failure' });
});
