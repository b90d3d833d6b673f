import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readConfig } from '../../shared/platform/config.ts';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '..', '..');
const { settings } = require('../../deploy/settings.cjs') as {
  settings(env: Record<string, string | undefined>): { alarms: object };
};

/** What has no default. */
const REQUIRED = { KAFKA_BROKERS: 'localhost:9092', REDIS_URL: 'redis://localhost:6379' };

/** The rows of a section's tables: setting → the cell with its default. */
function rowsOf(section: string): Map<string, string> {
  const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const rows = [...text.matchAll(/^\| `([A-Z0-9_]+)` \| (.+?) \|/gm)];
  return new Map(rows.map(([, name, fallback]) => [name!, fallback!]));
}

/** The settings that a reader of the environment looks at. */
function namesReadBy(read: (env: Record<string, string | undefined>) => unknown): string[] {
  const names = new Set<string>();
  const note = (name: string | symbol) => typeof name === 'string' && names.add(name);
  read(
    new Proxy<Record<string, string | undefined>>(
      { ...REQUIRED },
      {
        get(env, name) {
          note(name);
          return Reflect.get(env, name);
        },
        has(env, name) {
          note(name);
          return Reflect.has(env, name);
        },
      },
    ),
  );
  return [...names].sort();
}

/** The default that a cell states as code; undefined when it states none. */
const statedDefault = (cell: string) => /^`([^`]*)`$/.exec(cell)?.[1];

const functions = rowsOf('Functions');
const deployment = rowsOf('Deployment');

describe('docs/configuration.md', () => {
  test('lists under "Functions" the settings that shared/platform/config.ts reads, and no other', () => {
    expect([...functions.keys()].sort()).toEqual(namesReadBy(readConfig));
  });

  test('lists under "Deployment" what deploy/settings.cjs reads beyond those, and no other', () => {
    const read = namesReadBy((env) => settings(env));
    expect([...deployment.keys()].sort()).toEqual(read.filter((name) => !functions.has(name)));
  });

  test('lists only settings of the functions that a deployment passes on or sets', () => {
    const read = namesReadBy((env) => settings(env));
    const set = ['AGGREGATE_GROUP'];
    expect([...functions.keys()].filter((name) => !read.includes(name))).toEqual(set);
  });

  test('states the defaults of the functions: setting one to its default changes nothing', () => {
    const usual = readConfig(REQUIRED);
    for (const [name, cell] of functions) {
      const stated = statedDefault(cell);
      if (stated !== undefined) expect(readConfig({ ...REQUIRED, [name]: stated })).toEqual(usual);
    }
  });

  test('states the defaults of the alarms', () => {
    const usual = settings({}).alarms;
    for (const [name, cell] of deployment) {
      const stated = statedDefault(cell);
      if (stated !== undefined) expect(settings({ [name]: stated }).alarms).toEqual(usual);
    }
  });

  test('states as required what the functions do not start without', () => {
    const required = [...functions].filter(([, cell]) => cell === 'required').map(([name]) => name);
    expect(required).toEqual(Object.keys(REQUIRED));
    for (const name of required) {
      expect(() => readConfig({ ...REQUIRED, [name]: undefined })).toThrow(name);
    }
  });

  test('lists every FOOTFALL_… variable of the command line, the examples and the tests, and no other', () => {
    const files = globSync(
      ['package.json', '{functions,shared,cli,local,test,bench,examples}/**/*.{ts,cjs,js,sh}'],
      {
        cwd: root,
      },
    );
    const used = files.flatMap(
      (path) => readFileSync(join(root, path), 'utf8').match(/\bFOOTFALL_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [],
    );
    const others = ['Command line', 'Examples', 'Tests'].flatMap((section) => [...rowsOf(section).keys()]);
    const listed = [...functions.keys(), ...others];
    const own = listed.filter((name) => name.startsWith('FOOTFALL_'));
    expect([...new Set(own)].sort()).toEqual([...new Set(used)].sort());
  });
});
