import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTopic, produce } from '../support/kafka.ts';
import { eventsIn, repository, runOffline } from '../support/offline.ts';

/** The package as npm publishes it, installed into the project of a user. */

const run = promisify(execFile);
const packageDir = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'serverless-offline-kafka-'));
const project = join(folder, 'project');
const events = join(folder, 'events');

/** Where the repository has a package installed. */
const installed = (name: string) => `file:${join(repository, 'node_modules', name)}`;

/** Packs the package, which builds it first, and returns the path of the tarball. */
async function pack(): Promise<string> {
  const destination = join(folder, 'packed');
  mkdirSync(destination);
  await run('npm', ['pack', '--pack-destination', destination], { cwd: packageDir });
  return join(destination, readdirSync(destination)[0]!);
}

/**
 * Makes a project with the tarball and installs it with npm. Dependencies of the package become links into the
 * repository's node_modules, so nothing is downloaded. A dependency that the package does not declare is missing.
 */
async function installInto(projectDir: string, tarball: string): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  cpSync(join(import.meta.dirname, '..', 'fixtures', 'user-project'), projectDir, { recursive: true });
  const manifest = {
    name: 'user-project',
    private: true,
    dependencies: {
      'serverless-offline': installed('serverless-offline'),
      'serverless-offline-kafka': `file:${tarball}`,
    },
    overrides: Object.fromEntries(Object.keys(dependencies).map((name) => [name, installed(name)])),
  };
  writeFileSync(join(projectDir, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd: projectDir });
}

beforeAll(async () => installInto(project, await pack()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the installed package has JavaScript, types, a licence and a README, but no sources or tests', () => {
  const dir = join(project, 'node_modules', 'serverless-offline-kafka');
  expect(readdirSync(dir).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  const { exports } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  expect(readdirSync(join(dir, 'dist'))).toEqual(
    expect.arrayContaining(
      [exports['.'].default, exports['.'].types].map((path) => path.replace('./dist/', '')),
    ),
  );
});

test('serverless offline in that project invokes a function with a record from Kafka', async () => {
  const topic = await makeTopic(1);
  await produce(topic, [{ key: 'key', value: 'hello' }]);
  await runOffline({
    serviceDir: project,
    env: { SOURCE_TOPIC: topic, EVENTS_FILE: events },
    isDone: () => eventsIn(events).length > 0,
  });
  const [record] = eventsIn(events)[0]!.records[`${topic}-0`]!;
  expect(Buffer.from(record!.value, 'base64').toString()).toBe('hello');
});
