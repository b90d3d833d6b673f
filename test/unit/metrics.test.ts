import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmfReader } from '../../local/metrics/emf-reader.ts';
import { followFile } from '../../local/metrics/follow-file.ts';
import { PrometheusMetrics, prometheusName } from '../../local/metrics/prometheus-metrics.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { observed, record } from '../../shared/platform/observe/observe.ts';
import { closing } from '../support/closing.ts';
import { printed } from '../support/printed.ts';

/** The output of the functions' own code. */
const { text: emf } = await printed(() =>
  observed({ functionName: 'footfall-dev-aggregate' }, {}, async () => {
    record(METRICS.applied, 7);
    record(METRICS.deadLettered, 2, { reason: 'too_late' });
    record(METRICS.deadLettered, 1, { reason: 'not_json' });
    record(METRICS.commitMs, 4);
    record(METRICS.commitMs, 40);
    record(METRICS.lagMs, 1_500);
  }),
);
const sum = (documents: Record<string, unknown>[]) =>
  documents.reduce((total, { applied = 0 }) => total + Number(applied), 0);
const line = (applied: number) => `{"_aws":{},"applied":${applied},"place":"ñandú 😀"}`;

test('lines are read from chunks that end anywhere, also within a character', () => {
  const bytes = Buffer.from(`${line(1)}\nGET /v1/x 200\n${line(2)}\n{"level":"WARN"}\n\n${line(4)}\n`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new EmfReader();
    const documents = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) => reader.read(piece));
    expect(sum(documents)).toBe(7);
    expect(reader.spoilt).toBe(0);
  }
});

test.each([
  ['something before it', `⠋ Building…${line(1)}\n`, 1, 0],
  ['something behind it', `${line(1)}✔ done {not} json\n`, 1, 0],
  ['the next one, its own line break lost', `${line(1)}${line(2)}\n`, 3, 0],
  ['something printed into it', `{"_aws":{},"app GET /x\nlied":1}\n${line(2)}\n`, 2, 1],
  ['its second half missing', `{"_aws":{},"applied":1\n${line(2)}\n`, 2, 1],
  ['its first half missing', `"applied":1}\n${line(2)}\n`, 2, 0],
])('a line with %s', (_, output, applied, spoilt) => {
  const reader = new EmfReader();
  expect(sum(reader.read(Buffer.from(output)))).toBe(applied);
  expect(reader.spoilt).toBe(spoilt);
});

test('a line without end is dropped, and reading goes on after it', () => {
  const reader = new EmfReader();
  for (let i = 0; i < 40; i++) reader.read(Buffer.alloc(1 << 16, 'x'));
  expect(sum(reader.read(Buffer.from(`\n${line(3)}\n`)))).toBe(3);
});

describe('a followed log', () => {
  async function follow() {
    const folder = await mkdtemp(join(tmpdir(), 'footfall-follow-'));
    closing(folder, () => rm(folder, { recursive: true }));
    const path = join(folder, 'server.log');
    await writeFile(path, 'an earlier run\n');
    let read = '';
    const followed = await followFile(path, (piece) => {
      read += piece;
    });
    closing(followed, (one) => one.stop());
    return { path, followed, read: () => read };
  }

  test('is read from its end, and then what is appended', async () => {
    const { path, followed, read } = await follow();
    await appendFile(path, 'one\n');
    await followed.catchUp();
    await appendFile(path, 'two\n');
    await followed.catchUp();
    expect(read()).toBe('one\ntwo\n');
  });

  test('is read to its end when it is moved away, and then the new file', async () => {
    const { path, followed, read } = await follow();
    await followed.catchUp();
    await appendFile(path, 'one\n');
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, 'two\n');
    await followed.catchUp();
    await writeFile(path, 'three\n');
    await followed.catchUp();
    await appendFile(path, 'four\n');
    await followed.catchUp();
    expect(read()).toBe('one\ntwo\nthree\nfour\n');
  });

  test('is read from its beginning when it is emptied', async () => {
    const { path, followed, read } = await follow();
    await followed.catchUp();
    await truncate(path);
    await appendFile(path, 'one\n');
    await followed.catchUp();
    expect(read()).toBe('one\n');
  });

  test('is waited for when it does not exist yet', async () => {
    const { path } = await follow();
    let read = '';
    const followed = await followFile(`${path}.new`, (piece) => {
      read += piece;
    });
    await writeFile(`${path}.new`, 'one\n');
    await followed.catchUp();
    await followed.stop();
    expect(read).toBe('one\n');
  });
});

test('figures come from the lines, in base units; those without a line are unknown', async () => {
  const prometheus = new PrometheusMetrics();
  prometheus.read(Buffer.from(emf));
  prometheus.read(Buffer.from(emf));
  const lines = (await prometheus.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'footfall_applied_total 14',
      'footfall_dead_lettered_total{reason="too_late"} 4',
      'footfall_dead_lettered_total{reason="not_json"} 2',
      'footfall_bots_total 0',
      'footfall_commit_seconds_bucket{le="0.005"} 2',
      'footfall_commit_seconds_count 4',
      'footfall_lag_seconds 1.5',
      'footfall_lost Nan',
      '# TYPE footfall_commit_seconds histogram',
      `# HELP footfall_applied_total ${METRICS.applied.meaning}`,
    ]),
  );
});

test('health replaces older figures of the sweep, and without an answer there are none', async () => {
  const prometheus = new PrometheusMetrics();
  prometheus.read(Buffer.from(emf));
  const freshness = { applied: 10, lag_events: 3, lag_ms: 20 };
  prometheus.learn({ status: 'degraded', freshness, lost: 1, healing: { records_left: 5 } });
  const lines = (await prometheus.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining(['footfall_lag_seconds 0.02', 'footfall_healing_records 5', 'footfall_up 1']),
  );
  prometheus.learn(undefined);
  const text = await prometheus.text();
  expect(text).toContain('footfall_up 0');
  expect(text).toContain('footfall_lag_seconds Nan');
});

test('each metric has a valid Prometheus name of its own', () => {
  const names = Object.values(METRICS).map(prometheusName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^footfall_[a-z_]*[a-z]$/);
  expect(prometheusName(METRICS.lagMs)).toBe('footfall_lag_seconds');
  expect(prometheusName(METRICS.rateLimited)).toBe('footfall_rate_limited_total');
});
