import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Where the list stands. */
export const LICENCES = join(root, 'docs', 'licences.md');

/** Licences (SPDX) that ask for no more than their text and the names. Another one needs a decision. */
export const ACCEPTED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
];

interface LockedPackage {
  version?: string;
  license?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Builds of one package for further platforms, which package-lock.json has no licence of; its others are under this one. */
const BUILDS_OF = { name: '@msgpackr-extract/', licence: 'MIT' };

/** A package that a deployment or the command line runs with. */
export interface Licensed {
  name: string;
  version: string;
  /** SPDX; `unknown` where the package does not say. */
  licence: string;
}

/** The packages of package-lock.json that the root's `dependencies` need, directly or not, by name. */
export function licencesOf({ packages }: { packages: Record<string, LockedPackage> }): Licensed[] {
  const found = new Map<string, Licensed>();
  const seen = new Set<string>();
  const visit = (from: string) => {
    if (seen.has(from)) return;
    seen.add(from);
    const { dependencies = {}, optionalDependencies = {}, version = '', license } = packages[from]!;
    if (from !== '') {
      const name = from.slice(from.lastIndexOf(FOLDER) + FOLDER.length);
      const licence = license ?? (name.startsWith(BUILDS_OF.name) ? BUILDS_OF.licence : 'unknown');
      found.set(`${name}@${version}`, { name, version, licence });
    }
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = placeOf(name, from);
      if (path !== undefined) visit(path);
    }
  };
  // Node looks in the package's own folder first, then in those above it.
  const placeOf = (name: string, from: string): string | undefined => {
    const path = `${from === '' ? '' : `${from}/`}${FOLDER}${name}`;
    if (path in packages) return path;
    return from === ''
      ? undefined
      : placeOf(name, from.slice(0, Math.max(0, from.lastIndexOf(`/${FOLDER}`))));
  };
  visit('');
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const FOLDER = 'node_modules/';

/** docs/licences.md. */
export function licencesPage(): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return [
    '# Licences',
    '',
    'Footfall is under the [MIT licence](../LICENSE). These are the packages that it runs with, and their licences. What only tests and tools use is not listed. `npm run build:licences` writes this page from `package-lock.json`; a test compares the two and refuses other licences.',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...licencesOf(lock).map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(LICENCES, licencesPage());
