import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '../../shared/shard/write-batch.ts';

const script = readFileSync(join(import.meta.dirname, '../../shared/shard/commit.lua'), 'utf8');

test("commit.lua's operations have the numbers that a batch gives them", () => {
  const listed = /^local OPERATIONS = \{\n((?: {2}\w+,\n)+)\}$/m.exec(script)?.[1] ?? '';
  const names = [...listed.matchAll(/\w+/g)].map(([name]) => name);
  // Lua counts from 1.
  const inScript = Object.fromEntries(names.map((name, index) => [name, index + 1]));
  const inBatch = Object.entries(OPERATIONS).map(([name, number]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    number,
  ]);
  expect(inScript).toEqual(Object.fromEntries(inBatch));
});
