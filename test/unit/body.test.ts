import { gzipSync } from 'node:zlib';
import type { FootfallError } from '../../shared/platform/errors.ts';
import { readJson } from '../../shared/platform/http/body.ts';
import { requestOf } from '../support/http.ts';

const read = (body: string | Buffer, maxBytes = 100) =>
  readJson(requestOf('POST', '/v1/events', { body }), maxBytes);
const failure = (body: string | Buffer, maxBytes?: number) => {
  try {
    read(body, maxBytes);
  } catch (error) {
    return [(error as FootfallError).code, (error as FootfallError).status];
  }
  return undefined;
};

test('text and bytes, with and without gzip, give the same body', () => {
  const text = '{"a":["é",{"b":1}]}';
  for (const body of [text, Buffer.from(text), gzipSync(text)])
    expect(read(body)).toEqual({ a: ['é', { b: 1 }] });
});

test('nulls are dropped from objects at any depth and keep their place in arrays', () => {
  const value = read('{"a":null,"b":{"c":null,"d":[null,{"e":null},1]}}') as { b: { d: unknown[] } };
  expect(value).toEqual({ b: { d: [null, {}, 1] } });
  expect(Object.keys(value)).toEqual(['b']);
  expect(0 in value.b.d).toBe(true);
  expect(read('null')).toBeUndefined();
});

test('"__proto__" changes no prototype', () => {
  const value = read('{"__proto__":{"polluted":true}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('the size limit counts bytes, before and after unpacking', () => {
  expect(read(JSON.stringify('é'.repeat(49)))).toBe('é'.repeat(49));
  expect(failure(JSON.stringify('é'.repeat(50)))).toEqual(['body_too_large', 413]);
  expect(failure(Buffer.from(JSON.stringify('x'.repeat(99))))).toEqual(['body_too_large', 413]);
  expect(failure(gzipSync(JSON.stringify('x'.repeat(99))))).toEqual(['body_too_large', 413]);
  expect(read(gzipSync(JSON.stringify('x'.repeat(98))))).toBe('x'.repeat(98));
});

test('invalid JSON and damaged gzip are refused with that reason', () => {
  const packed = gzipSync('{"a":1}');
  const broken = [packed.subarray(0, -1), packed.subarray(0, 12), Buffer.from([0x1f, 0x8b]), gzipSync('{')];
  for (const body of ['', '{', 'x', Buffer.from([0xff, 0xfe]), ...broken, packed.toString('utf8')]) {
    expect(failure(body)).toEqual(['invalid_body', 400]);
  }
});

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const wide = (keys: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, 1])));

test('at most 32 levels of arrays and objects', () => {
  for (const make of [nested, objects]) {
    expect(read(make(32), 1_000)).toBeDefined();
    for (const depth of [33, 5_000, 150_000]) {
      expect(failure(make(depth), 1_000_000)).toEqual(['body_too_deep', 400]);
    }
    expect(failure(gzipSync(make(150_000)), 1_000_000)).toEqual(['body_too_deep', 400]);
  }
  expect(failure('['.repeat(1_000_000), 1_000_000)).toEqual(['invalid_body', 400]);
});

test('at most 1,000 keys in an object at any depth', () => {
  expect(Object.keys(read(wide(1_000), 100_000) as object)).toHaveLength(1_000);
  for (const keys of [1_001, 80_000]) {
    expect(failure(`{"events":[{"a":${wide(keys)}}]}`, 1_000_000)).toEqual(['too_many_keys', 400]);
  }
});
