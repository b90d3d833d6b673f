import { isFenced } from '../../shared/platform/kafka/fenced-producer.ts';

describe('an error of a commit', () => {
  test.each(['INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS'])(
    '%s says that another producer was opened',
    (type) => {
      expect(isFenced(Object.assign(new Error('The broker says so'), { type }))).toBe(true);
    },
  );

  test.each([
    ['of another kind', Object.assign(new Error('Not enough replicas'), { type: 'NOT_ENOUGH_REPLICAS' })],
    ['without a type', new Error('connect ECONNREFUSED')],
  ])('%s does not', (_, error) => {
    expect(isFenced(error)).toBe(false);
  });
});
