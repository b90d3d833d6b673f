import { gzipSync } from 'node:zlib';
import type { Random } from '../../shared/simulation/random.ts';

/** Mutated request bodies, from a seeded random generator. */

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

/** Values that often break programs. */
const NASTY: readonly Json[] = [
  null,
  true,
  false,
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '😀',
  '‮',
  '__proto__',
  'constructor',
  'toString',
  ':{}*?[]|',
  '../../etc/passwd',
  "'; DROP TABLE events; --",
  'x'.repeat(300),
  'x'.repeat(70_000),
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  5e-324,
  '1e999',
  'NaN',
  'Infinity',
  '0x10',
  '19,99',
  '-1',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '0000-01-01T00:00:00Z',
  8.64e15,
  8.64e15 + 1,
  [],
  {},
  [[]],
  [{}],
  [null],
  { __proto__: null } as never,
  { length: 1e9 },
  { toJSON: 1 },
];

/** Unusual keys. The formats know some of them. */
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  '',
  '\0',
  '0',
  '-1',
  'events',
  'batch',
  'items',
  'params',
  'properties',
  'products',
  'name',
  'type',
  'joins',
  'origin',
  'erases',
  'site',
  'v',
];

/** A body made from a valid one: mostly still JSON, sometimes with changed bytes or gzipped. */
export function mutate(seed: string, random: Random): string | Buffer {
  if (random.chance(0.15)) return mutateBytes(Buffer.from(seed), random);
  let text = seed;
  try {
    let value = JSON.parse(seed) as Json;
    for (let n = 1 + random.below(4); n > 0; n--) value = mutateJson(value, random);
    text = stringified(value);
  } catch {
    return mutateText(seed, random);
  }
  if (random.chance(0.02)) text = text.replace(/[[{]/, (open) => `${deep(20_000, '[', '')}${open}`);
  if (random.chance(0.01)) return deep(1 + random.below(100_000), '[', ']');
  if (random.chance(0.01)) return deep(1 + random.below(50_000), '{"a":', '}').replace(':}', ':1}');
  if (random.chance(0.05)) return mutateBytes(gzipSync(text), random);
  if (random.chance(0.05)) return gzipSync(text);
  return text;
}

function stringified(value: Json): string {
  return JSON.stringify(value) ?? '';
}

/** Mutates a form or lines: replaces a value, a key or a separator. */
export function mutateText(text: string, random: Random): string {
  let parts = text.split(/([&=\n~.])/);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(parts.length);
    const nasty = encodeURIComponent(stringified(random.pick(NASTY)).slice(0, 5_000));
    const what = random.unit();
    if (what < 0.2) parts.splice(at, 1);
    else if (what < 0.4) parts = [...parts, '&', random.pick(parts), '=', nasty];
    else if (what < 0.5) parts[at] = '%E0%A4%A';
    else parts[at] = nasty;
  }
  return parts.join('');
}

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return copy;
  for (let n = 1 + random.below(8); n > 0; n--) copy[random.below(copy.length)] = random.below(256);
  if (random.chance(0.3)) return copy.subarray(0, random.below(copy.length));
  if (random.chance(0.2)) return Buffer.concat([copy, copy]);
  return copy;
}

function mutateJson(value: Json, random: Random): Json {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return replacement(value, random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [random.pick(NASTY)];
    const at = random.below(value.length);
    if (random.chance(0.1)) return value.toSpliced(at, 1);
    if (random.chance(0.1)) return [...value, value[at]!];
    if (random.chance(0.03)) return Array.from({ length: 1 + random.below(600) }, () => value[at]!);
    return value.with(at, mutateJson(value[at]!, random));
  }
  const keys = Object.keys(value);
  if (keys.length === 0 || random.chance(0.1)) return withKey(value, random.pick(KEYS), random.pick(NASTY));
  const key = random.pick(keys);
  if (random.chance(0.1)) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  if (random.chance(0.1)) return withKey(value, random.pick(keys), value[key]!);
  if (random.chance(0.02)) {
    const many = Array.from(
      { length: random.below(2_000) },
      (_, i) => [`k${i}`, random.pick(NASTY)] as const,
    );
    return { ...value, ...Object.fromEntries(many.slice(0, random.chance(0.5) ? 60 : 2_000)) };
  }
  return withKey(value, key, mutateJson(value[key]!, random));
}

/** Also `__proto__` as a key of its own. */
function withKey(value: { [key: string]: Json }, key: string, to: Json): Json {
  const copy = { ...value };
  Object.defineProperty(copy, key, { value: to, enumerable: true, configurable: true, writable: true });
  return copy;
}

function replacement(value: Json, random: Random): Json {
  if (random.chance(0.1)) return [value];
  if (random.chance(0.1)) return { value };
  if (typeof value === 'string' && random.chance(0.3)) return value.slice(0, random.below(value.length + 1));
  if (typeof value === 'string' && random.chance(0.2)) return value.repeat(1 + random.below(50));
  if (typeof value === 'number' && random.chance(0.4)) return value * 10 ** (random.below(40) - 20);
  if (typeof value === 'number' && random.chance(0.3)) return String(value);
  return random.pick(NASTY);
}
