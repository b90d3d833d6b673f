import { asFenced, isFenced } from '../../shared/platform/kafka/fenced-producer.ts';

const said = (type: string) => Object.assign(new Error('The broker says so'), { type });

describe('an error of a transaction', () => {
  test.each([
    ['send', 'INVALID_PRODUCER_EPOCH'],
    ['send', 'CONCURRENT_TRANSACTIONS'],
    ['commit', 'INVALID_PRODUCER_EPOCH'],
    ['commit', 'CONCURRENT_TRANSACTIONS'],
    ['commit', 'UNKNOWN'],
  ] as const)('to a %s: %s says that another producer was opened', (step, type) => {
    const error = said(type);
    expect(isFenced(asFenced(error, step))).toBe(true);
    expect(asFenced(error, step)).toMatchObject({ cause: error });
  });

  test.each([
    ['send', 'of another kind', said('NOT_ENOUGH_REPLICAS')],
    ['send', 'that the broker does not know', said('UNKNOWN')],
    ['commit', 'without a type', new Error('connect ECONNREFUSED')],
  ] as const)('to a %s, %s, does not', (step, _, error) => {
    expect(asFenced(error, step)).toBe(error);
    expect(isFenced(error)).toBe(false);
  });
});
