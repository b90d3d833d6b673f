import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rules of the code that neither the compiler nor dependency-cruiser can see. */
const root = join(import.meta.dirname, '..', '..');
const sources = globSync('{functions,shared}/**/*.ts', { cwd: root }).sort();
const text = (path: string) => readFileSync(join(root, path), 'utf8');

/** A source without comments, which may name what code may not. */
const code = (path: string) => text(path).replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');

const using = (pattern: RegExp) => sources.filter((path) => pattern.test(code(path)));

test('the sources are found', () => {
  expect(sources).toContain('shared/platform/config.ts');
});

test('only shared/platform/config.ts reads the environment', () => {
  const reads = /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/;
  expect(using(reads)).toEqual(['shared/platform/config.ts']);
});

test('the fold uses no clock and no random numbers', () => {
  const pure = using(
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\bsetTimeout\(|\bperformance\./,
  );
  expect(pure.filter((path) => path.startsWith('shared/fold/'))).toEqual([]);
});

test('each Redis script lists its keys and arguments at the top', () => {
  const scripts = globSync('shared/**/*.lua', { cwd: root });
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    const contract = /^(--.*\n)+/.exec(text(script))?.[0] ?? '';
    for (const part of ['KEYS', 'ARGV', 'eturns']) expect(contract).toContain(part);
  }
});

test('the lock file has the packages of every platform, which npm ci needs', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !locked.has(name));
  expect(missing).toEqual([]);
});
