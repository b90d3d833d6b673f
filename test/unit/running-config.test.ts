import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApi } from '../../cli/call-api.ts';
import { installationText, runningInstallation } from '../../cli/running-config.ts';
import { readRun, removeRun, writeRun } from '../../local/run-file.ts';
import { closing } from '../support/closing.ts';

const folder = closing(mkdtempSync(join(tmpdir(), 'footfall-run-')), (path) =>
  rmSync(path, { recursive: true }),
);
const file = join(folder, 'run.json');
const started = {
  KAFKA_BROKERS: 'localhost:19092',
  REDIS_URL: 'redis://localhost:16379',
  SITES_TOPIC: 'shop.sites',
  EVENTS_TOPIC: 'shop',
  DLQ_TOPIC: 'shop.dlq',
  EVENTS_PARTITIONS: '3',
  REDIS_KEY_PREFIX: 'mine:',
  PATH: '/bin',
};
beforeEach(() => writeRun(started, file));

test('a setting comes from the environment, else from the running installation', () => {
  const { config, from } = runningInstallation({ KAFKA_BROKERS: 'localhost:19092', DLQ_TOPIC: '' }, file);
  expect(from).toBe('npm start');
  expect(config.kafka).toMatchObject({
    brokers: ['localhost:19092'],
    eventsTopic: 'shop',
    dlqTopic: 'shop.dlq',
    sitesTopic: 'shop.sites',
    partitions: 3,
  });
  expect(config.redis).toMatchObject({ url: 'redis://localhost:16379', keyPrefix: 'mine:' });
  expect(readFileSync(file, 'utf8')).not.toContain('PATH');
  // REDIS_URL may hold a password.
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('an address of another installation does not mix with those of the running one', () => {
  const other = { KAFKA_BROKERS: 'prod:9096', REDIS_URL: 'redis://ann:secret@prod:6379' };
  for (const [given, missing] of [
    ['KAFKA_BROKERS', 'REDIS_URL'],
    ['REDIS_URL', 'KAFKA_BROKERS'],
  ] as const) {
    expect(() => runningInstallation({ [given]: other[given] }, file)).toThrow(
      `${given} names another installation than a running npm start. Set ${missing} of that installation, too.`,
    );
  }
  const found = runningInstallation({ ...other, AGGREGATE_GROUP: 'footfall-prod-aggregate' }, file);
  // Not those of npm start.
  expect(found.config.kafka.eventsTopic).toBe('events');
  expect(installationText(found)).toBe(
    'Kafka prod:9096 (topic events) and Redis redis://prod:6379, as of the environment, stage prod',
  );
  expect(installationText(runningInstallation({}, file))).toBe(
    'Kafka localhost:19092 (topic shop) and Redis redis://localhost:16379, keys mine:…, as of the running npm start',
  );
});

test('without a run, or after one was killed, no address is guessed', () => {
  const none = 'No npm start of this project is running. Run npm start, or set KAFKA_BROKERS and REDIS_URL.';
  expect(() => runningInstallation({}, join(folder, 'none.json'))).toThrow(none);

  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid }));
  expect(() => runningInstallation({}, file)).toThrow(none);
  expect(() => openApi(undefined, readRun(file))).toThrow(
    'No npm start of this project is running. Run npm start, or name the API with --url.',
  );
  writeFileSync(file, '{ "pid": ');
  expect(() => runningInstallation({}, file)).toThrow(none);
});

test('a run removes its own file, but not that of a later run', () => {
  writeFileSync(file, JSON.stringify({ pid: process.ppid, env: started }));
  removeRun(file);
  expect(existsSync(file)).toBe(true);
  writeRun(started, file);
  removeRun(file);
  expect(existsSync(file)).toBe(false);
});
