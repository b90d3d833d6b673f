import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningConfig } from '../../cli/running-config.ts';
import { removeRun, writeRun } from '../../local/run-file.ts';
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
  PATH: '/bin',
};
beforeEach(() => writeRun(started, file));

test('a setting comes from the environment, else from the running installation', () => {
  const { kafka, redis } = runningConfig({ REDIS_URL: 'redis://other:1', DLQ_TOPIC: '' }, file);
  expect(kafka).toMatchObject({
    brokers: ['localhost:19092'],
    eventsTopic: 'shop',
    dlqTopic: 'shop.dlq',
    sitesTopic: 'shop.sites',
    partitions: 3,
  });
  expect(redis.url).toBe('redis://other:1');
  expect(readFileSync(file, 'utf8')).not.toContain('PATH');
  // REDIS_URL may hold a password.
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('without a run, or after one was killed, the default ports are used', () => {
  const usual = runningConfig({}, join(folder, 'none.json'));
  expect(usual.kafka).toMatchObject({ brokers: ['localhost:9092'], eventsTopic: 'events' });

  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid }));
  expect(runningConfig({}, file)).toEqual(usual);
});

test('a run removes its own file, but not that of a later run', () => {
  writeFileSync(file, JSON.stringify({ pid: process.ppid, env: started }));
  removeRun(file);
  expect(existsSync(file)).toBe(true);
  writeRun(started, file);
  removeRun(file);
  expect(existsSync(file)).toBe(false);
});
