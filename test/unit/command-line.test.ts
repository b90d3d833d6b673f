import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { closing } from '../support/closing.ts';
import { type Ended, execute as executeIn, launcher, run } from '../support/run-footfall.ts';

const root = resolve(import.meta.dirname, '../..');
/** Nothing listens there. */
const NOWHERE = {
  KAFKA_BROKERS: '127.0.0.1:1',
  REDIS_URL: 'redis://127.0.0.1:1',
  FOOTFALL_URL: 'http://127.0.0.1:1',
};

const execute = (file: string, args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> =>
  executeIn(file, args, { ...NOWHERE, ...env });

/** In a process of its own. */
const launch = (args: string[], env?: NodeJS.ProcessEnv) =>
  execute(process.execPath, [launcher, ...args], env);

/** A file that a process loads before its own. */
function preload(source: string): string {
  const folder = closing(mkdtempSync(join(tmpdir(), 'footfall-preload-')), (path) =>
    rmSync(path, { recursive: true }),
  );
  const file = join(folder, 'preload.cjs');
  writeFileSync(file, source);
  return file;
}

describe('help', () => {
  const commands = {
    '': ['sites', 'import', 'dead-letters', 'rebuild', 'topics', 'doctor', 'simulate'],
    sites: ['create', 'list', 'show', 'set', 'key', 'rotate', 'revoke', 'hash'],
    'dead-letters': ['counts', 'list', 'show', 'replay', 'discard'],
    rebuild: ['start', 'status', 'verify', 'switch', 'undo', 'free'],
    topics: ['create', 'check'],
  };
  const all = Object.entries(commands).flatMap(([parent, names]) =>
    names.map((name) => `${parent} ${name}`.trim()),
  );

  test.each(['', ...all])('footfall %s --help', async (command) => {
    const args = command.split(' ').filter(Boolean);
    const { code, stdout, stderr } = await run(`${command} --help`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: ${['footfall', ...args].join(' ')} `));
    for (const line of stdout.split('\n').filter((text) => !text.startsWith('  npx '))) {
      expect(line.length).toBeLessThanOrEqual(105);
    }
    for (const name of commands[command as keyof typeof commands] ?? [])
      expect(stdout).toMatch(new RegExp(`^  ${name} .*[a-z]$`, 'm'));
  });

  test.each(Object.keys(commands).concat('import', 'doctor', 'simulate'))(
    'footfall %s --help has examples',
    async (command) => {
      const { stdout } = await run(`${command} --help`);
      expect(stdout).toMatch(/^Examples:\n {2}# .+\n {2}npx footfall /m);
    },
  );

  test('tells the version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('documents the exit codes', async () => {
    expect((await run('--help')).stdout).toContain(
      'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.',
    );
  });

  test.each([['rebuild'], ['sites'], ['doctor'], ['topics']])(
    'footfall %s --help loads no Kafka client',
    async (command) => {
      const listing = preload(
        `process.on('exit', () => console.error(Object.keys(require.cache).join('\\n')));`,
      );
      const { stderr } = await execute(process.execPath, ['--require', listing, launcher, command, '--help']);
      expect(stderr).toContain('footfall.cjs');
      expect(stderr).not.toContain('kafkajs');
    },
  );
});

describe('a wrong usage ends with 2, and one message on standard error', () => {
  test.each<[string, RegExp]>([
    ['', /Usage: footfall/],
    ['sites', /Usage: footfall sites/],
    ['stes', /^Unknown command 'stes'\n\(Did you mean sites\?\)\n/],
    ['sites lst', /^Unknown command 'lst'\n\(Did you mean list\?\)\n/],
    ['rebuild stats', /^Unknown command 'stats'\. The commands are start, status, /],
    ['sites list --jsn', /^Unknown option '--jsn'\n\(Did you mean --json\?\)\n/],
    ['sites show', /^Missing required argument 'id'\n/],
    ['sites show a b', /^Too many arguments for 'show'\. /],
    ['sites set shoes', /^Give a setting to change, such as --currency EUR\.\n/],
    [
      'sites set shoes --retention-days many',
      /'many' is invalid\. It must be a whole number from 3 to 36500\.\n/,
    ],
    ['sites key shoes', /^Required option '--kind <kind>' not specified\n/],
    ['sites key shoes --kind root', /'root' is invalid\. Allowed choices are write, read, admin\.\n/],
    ['sites list --url localhost', /^localhost is not a URL such as http:\/\/localhost:3000\.\n/],
    ['dead-letters list --reason late', /Allowed choices are not_json, .*too_late, invalid\.\n/],
    ['dead-letters replay', /^Name letters, or select them with --reason: replay events-3-17, /],
    ['dead-letters discard events-1-1 --reason too_late', /^Name letters, or select them with --reason/],
    ['dead-letters replay events-1-1 --site shoes', /^--site, --from and --to go with --reason/],
    ['dead-letters replay events-1-1 --patch {', /^--patch is not JSON: /],
    ['dead-letters replay events-1-1 --patch {}', /^--patch must be an array of operations\.\n/],
    ['import', /^Required option '--site <id>' not specified\n/],
    ['import package.json', /^Required option '--site <id>' not specified\n/],
    ['import README.csv --site shop --preset rees47', /^There is no file /],
    ['rebuild start --topic events-64', /^Give both --topic and --partitions\.\n/],
    ['rebuild start --follow', /^start takes --follow and --force only with --topic\.\n/],
    ['simulate --events 0', /'0' is invalid\. It must be a whole number from 1 to /],
  ])('footfall %s', async (command, message) => {
    const { code, stdout, stderr } = await run(command);
    expect({ code, stdout }).toEqual({ code: message.source.includes('no file') ? 1 : 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.ts:|node:internal/);
  });
});

describe('an outage ends with 1 and one sentence that says what to do', () => {
  test.each<[string, RegExp]>([
    [
      'sites list',
      /^Nothing answers at http:\/\/127\.0\.0\.1:1\. Start it with npm start, or name the API with --url\.\n$/,
    ],
    ['dead-letters counts --json', /^Nothing answers at /],
    [
      'rebuild status',
      /^Kafka does not answer at 127\.0\.0\.1:1\. Start it with npm start, or set KAFKA_BROKERS\.\n$/,
    ],
    ['simulate', /^Kafka does not answer at /],
    ['topics check', /^Kafka does not answer \(.*ECONNREFUSED.*\)\. Check that it runs, then try again\.\n$/],
  ])('footfall %s', async (command, message) => {
    expect(await launch(command.split(' '))).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
});

describe('with an API', () => {
  let answer: { status: number; body: unknown };
  let url: string;
  beforeAll(async () => {
    const server = createServer((_, response: ServerResponse) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
    closing(server, () => server.close());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  const ask = (...args: string[]) => launch(args, { FOOTFALL_URL: url });

  test('--json prints what the API told, alone', async () => {
    const sites = [{ id: 'shoes', zone: 'Europe/Madrid', currency: 'EUR' }];
    answer = { status: 200, body: { data: { sites } } };
    const { code, stdout, stderr } = await ask('sites', 'list', '--json');
    expect({ code, stderr, data: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', data: { sites } });
    expect((await ask('sites', 'list')).stdout).toBe(
      'site   zone           currency  name\nshoes  Europe/Madrid  EUR\n',
    );
  });

  test('a replay with refused letters prints its whole result, and fails', async () => {
    const refused = [{ letter: 'events-0-1', code: 'unknown_site', message: 'There is no site shos.' }];
    answer = { status: 200, body: { data: { replayed: 2, already: [], refused, remaining: 0 } } };
    const { code, stdout } = await ask('dead-letters', 'replay', '--reason', 'unknown_site', '--json');
    expect({ code, data: JSON.parse(stdout) }).toEqual({
      code: 1,
      data: { done: 2, already: [], refused },
    });
    expect((await ask('dead-letters', 'replay', '--reason', 'unknown_site')).stdout).toBe(
      'Replayed: 2. Already decided: 0. Refused: 1.\n  events-0-1  unknown_site  There is no site shos.\n',
    );
  });

  test('what the API refuses is one sentence with its code', async () => {
    answer = { status: 404, body: { code: 'unknown_site', detail: 'There is no site shos.', errors: [] } };
    const refused = { code: 1, stdout: '', stderr: 'There is no site shos. (unknown_site)\n' };
    expect(await ask('sites', 'show', 'shos')).toEqual(refused);
    answer = { status: 401, body: { code: 'unauthorized', detail: 'No.' } };
    expect((await ask('sites', 'list')).stderr).toBe(
      `${url} refused the admin key. Set FOOTFALL_ADMIN_KEY to the key of that installation.\n`,
    );
  });

  test.each([
    [200, '<html>'],
    [200, '{}'],
    [502, 'Bad gateway'],
  ])('another server is told from the API (%i, %s)', async (status, body) => {
    answer = { status, body };
    const stderr = `The server at ${url} is not the Footfall API (status ${status}).\n`;
    expect(await ask('sites', 'list')).toEqual({ code: 1, stdout: '', stderr });
  });
});

test('footfall sites hash makes a key and its hash, and calls nothing', async () => {
  const { code, stdout } = await run('sites hash --json');
  expect({ code, data: JSON.parse(stdout) }).toEqual({
    code: 0,
    data: { key: expect.stringMatching(/^ffi_[\w-]{32}$/), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
});

describe('the launcher', () => {
  const old = preload(
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });`,
  );

  test('npm ci on Node 20 prints no warning about engines', async () => {
    const isOld = preload(
      `Object.defineProperty(process, 'version', { value: 'v20.19.0' });
      process.on('exit', () => console.error('Node ' + process.version));`,
    );
    const { code, stderr } = await execute('npm', ['ci', '--dry-run'], {
      NODE_OPTIONS: `--require ${isOld}`,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Node v20.19.0\n' });
  }, 60_000);

  test('npx footfall runs with the Node of the system', async () => {
    const bin = join(root, 'node_modules', '.bin');
    const PATH = process.env
      .PATH!.split(delimiter)
      .filter((folder) => resolve(folder) !== bin)
      .join(delimiter);
    const { code, stdout } = await execute('npx', ['footfall', 'sites', '--help'], { PATH });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: footfall sites /) });
  });

  test.each([
    [['sites', 'hash', '--json'], 0],
    [['sites', 'lst'], 2],
  ])('an older Node hands over, arguments and exit code too (%j)', async (args, code) => {
    const ended = await execute(process.execPath, ['--require', old, launcher, ...args]);
    expect(ended.code).toBe(code);
    if (code === 0) expect(JSON.parse(ended.stdout)).toHaveProperty('hash');
  });

  test.each([[[]], [['--require', old]]])('says what to do when nothing is installed (%j)', async (flags) => {
    const project = closing(mkdtempSync(join(tmpdir(), 'footfall-bare-')), (path) =>
      rmSync(path, { recursive: true }),
    );
    mkdirSync(join(project, 'bin'));
    copyFileSync(launcher, join(project, 'bin', 'footfall.cjs'));
    const ended = await execute(process.execPath, [...flags, join(project, 'bin', 'footfall.cjs'), 'sites']);
    const stderr = `Footfall is not installed yet: run npm ci in ${project}.\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });
});
