import { readLocalOptions } from '../../src/local-options.ts';

test('every option has a default', () => {
  expect(readLocalOptions(undefined)).toEqual({
    ssl: false,
    retryBackoff: { initialMs: 250, maxMs: 10_000 },
    maxConcurrency: expect.any(Number),
    verbose: false,
  });
});

test('bootstrap servers may be a list or one string with commas', () => {
  const expected = ['a:9092', 'b:9093'];
  expect(readLocalOptions({ bootstrapServers: 'a:9092, b:9093' }).bootstrapServers).toEqual(expected);
  expect(readLocalOptions({ bootstrapServers: expected }).bootstrapServers).toEqual(expected);
});

test.each([
  ['an address without a port', { bootstrapServers: 'kafka' }, 'host:port'],
  ['an unknown SASL mechanism', { sasl: { mechanism: 'oauth' } }, 'sasl.mechanism'],
  ['a path instead of certificates', { ssl: true, ca: 'authority.pem' }, 'ca'],
  ['an unknown option', { brokers: ['a:9092'] }, 'brokers'],
])('rejects %s', (_, options, words) => {
  expect(() => readLocalOptions(options)).toThrow(words);
});
