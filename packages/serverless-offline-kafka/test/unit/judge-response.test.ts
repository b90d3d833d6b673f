import { judgeResponse } from '../../src/judge-response.ts';

const answer = (payload: unknown) => ({ statusCode: 200, payload });
const sent = new Map([
  ['orders-3', [5, 6, 9]],
  ['orders-4', [7]],
]);
const reporting = (payload: unknown) => judgeResponse(answer(payload), 'orders-3', sent, true);
const failing = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

test('an error of the function fails the batch, with its message as the reason', () => {
  const invocation = {
    statusCode: 200,
    functionError: 'Unhandled',
    payload: { errorType: 'TypeError', errorMessage: 'no such thing' },
  };
  expect(judgeResponse(invocation, 'orders-3', sent, false)).toEqual({
    outcome: 'failure',
    reason: 'TypeError: no such thing',
  });
});

test('without ReportBatchItemFailures any return value is success', () => {
  const payload = failing({ partition: 'orders-3', offset: 5 });
  expect(judgeResponse(answer(payload), 'orders-3', sent, false)).toEqual({ outcome: 'success' });
});

test.each([undefined, null, {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
  'returning %j is success',
  (payload) => {
    expect(reporting(payload)).toEqual({ outcome: 'success' });
  },
);

test('the reported offsets have failed', () => {
  const payload = failing({ partition: 'orders-3', offset: 9 }, { partition: 'orders-3', offset: 6 });
  expect(reporting(payload)).toEqual({ outcome: 'partial', failedOffsets: new Set([6, 9]) });
});

test('what another partition of the event has failed with does not concern this one', () => {
  const ofAnother = { partition: 'orders-4', offset: 7 };
  expect(reporting(failing(ofAnother))).toEqual({ outcome: 'success' });
  const payload = failing(ofAnother, { partition: 'orders-3', offset: 6 });
  expect(reporting(payload)).toEqual({ outcome: 'partial', failedOffsets: new Set([6]) });
});

test.each([
  ['an offset that was not sent', failing({ partition: 'orders-3', offset: 7 })],
  ['an offset of another partition', failing({ partition: 'orders-4', offset: 5 })],
  ['a partition that was not in the event', failing({ partition: 'orders-5', offset: 5 })],
  ['a string identifier, as for other event sources', failing('5')],
  ['an offset that is a string', failing({ partition: 'orders-3', offset: '5' })],
  ['an invalid identifier among valid ones', failing({ partition: 'orders-3', offset: 5 }, {})],
  ['batchItemFailures that is not a list', { batchItemFailures: 'orders-3' }],
  ['a string', 'all went well'],
])('%s fails the whole batch', (_, payload) => {
  expect(reporting(payload)).toMatchObject({ outcome: 'failure' });
});
