import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPTED, LICENCES, licencesOf, licencesPage } from '../../deploy/licences.ts';

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'));

test('docs/licences.md lists the packages that Footfall runs with', () => {
  // `npm run build:licences` writes it.
  expect(readFileSync(LICENCES, 'utf8')).toBe(licencesPage());
  const names = licencesOf(lock).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['kafkajs', 'ioredis', 'zod', '@aws-sdk/client-lambda']));
  for (const tool of ['jest', 'serverless', 'esbuild']) expect(names).not.toContain(tool);
});

test('each has a licence that asks for no more than its text', () => {
  const accepted = (licence: string) =>
    licence
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((one) => one.split(' AND ').every((part) => ACCEPTED.includes(part)));
  expect(licencesOf(lock).filter(({ licence }) => !accepted(licence))).toEqual([]);
  const other = {
    packages: {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { version: '1.0.0', license: 'GPL-3.0' },
    },
  };
  expect(licencesOf(other).map(({ licence }) => accepted(licence))).toEqual([false]);
});
