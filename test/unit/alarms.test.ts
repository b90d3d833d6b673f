import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { METRICS, NAMESPACE } from '../../shared/platform/observe/metrics.ts';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '..', '..');

interface Source {
  Namespace: string;
  MetricName: string;
  Statistic: string;
}
interface Alarm {
  id: string;
  page: string;
  metric?: Source;
  metrics?: Record<string, Source>;
  missing: string;
}
const { alarmsOf, linkTo } = require('../../deploy/alarms.cjs') as {
  alarmsOf(options: { service: string; functions: string[]; thresholds: object }): Alarm[];
  linkTo(page: string, options: { runbook?: string; host?: string }): (string | object)[];
};
const { settings } = require('../../deploy/settings.cjs') as {
  settings(env: Record<string, string>): { alarms: { thresholds: Record<string, number> } };
};

const { thresholds } = settings({}).alarms;
const alarms = alarmsOf({ service: 'footfall-test', functions: ['collect', 'sweep'], thresholds });
const sourcesOf = ({ metric, metrics = {} }: Alarm) => [
  ...(metric ? [metric] : []),
  ...Object.values(metrics),
];

/** AWS: "Types of metrics for Lambda functions", "Monitor CloudWatch metrics for HTTP APIs in API Gateway". */
const OF_AWS: Record<string, readonly string[]> = {
  'AWS/Lambda': ['Errors', 'Throttles', 'OffsetLag'],
  'AWS/ApiGateway': ['5xx', 'Count'],
};

test('every alarm watches a metric that exists, with a statistic that fits it', () => {
  for (const alarm of alarms) {
    expect(sourcesOf(alarm)).not.toEqual([]);
    for (const { Namespace, MetricName, Statistic } of sourcesOf(alarm)) {
      if (Namespace !== NAMESPACE) {
        expect(OF_AWS[Namespace]).toContain(MetricName);
        continue;
      }
      const metric = METRICS[MetricName as keyof typeof METRICS];
      expect(metric?.name).toBe(MetricName);
      // A gauge is measured once a minute; its sum means nothing.
      expect(Statistic).toMatch(metric.kind === 'gauge' ? /^(Minimum|Maximum)$/ : /^Sum$/);
    }
  }
});

test('missing metrics of the sweep raise an alarm, since then the sweep does not run', () => {
  const sweeps = alarms.filter((alarm) =>
    sourcesOf(alarm).some(({ MetricName }) => MetricName === METRICS.sweeps.name),
  );
  expect(sweeps).toMatchObject([{ id: 'sweep-does-not-run', missing: 'breaching' }]);
  const gauges = alarms.filter((alarm) =>
    sourcesOf(alarm).some(({ MetricName }) => METRICS[MetricName as keyof typeof METRICS]?.kind === 'gauge'),
  );
  expect(gauges.map(({ missing }) => missing)).toEqual(gauges.map(() => 'ignore'));
});

test('docs/runbook.md has a section for each alarm and no others', () => {
  const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
  // The anchors of GitHub: lower case, hyphens for spaces.
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(' ', '-'),
  );
  const pages = [...new Set(alarms.map(({ page }) => page))];
  expect(headings.filter((one) => !GENERAL.includes(one)).sort()).toEqual(pages.sort());
});
/** Headings that are not of an alarm. */
const GENERAL = ['where-to-look', 'metrics', 'settings'];

test('every alarm links to its page: in the dashboard of the deployment, or in a copy', () => {
  const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
  for (const { page } of alarms) {
    const link = linkTo(page, { host: 'events.example.com' }).join('');
    // The dashboard reads its fragment as a path and a query.
    const [path, query] = new URL(link).hash.split('?');
    expect([new URL(link).host, path]).toEqual(['events.example.com', '#/system/runbook']);
    expect(runbook).toContain(`\n## ${new URLSearchParams(query).get('page')}\n`);
    expect(linkTo(page, { runbook: 'https://example.com/runbook.md' })).toEqual([
      `https://example.com/runbook.md#${page}`,
    ]);
  }
  expect(linkTo('api-fails', {})).toEqual([
    'https://',
    ...[{ Ref: 'HttpApi' }, '.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }],
    '/#/system/runbook?page=API+fails',
  ]);
  expect(() => linkTo('no-such-page', {})).toThrow('no-such-page');
});

test('docs/runbook.md lists every metric as defined', () => {
  const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
  const rows = Object.values(METRICS).map(
    ({ name, by = [], unit, from, meaning }) =>
      `| \`${name}\`${by.length > 0 ? ` by ${by.join(', ')}` : ''} | ${unit} | ${from} | ${meaning} |`,
  );
  const table = runbook.slice(runbook.indexOf('\n## Metrics\n'));
  expect(table.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});

test('the environment sets thresholds, which have to be numbers', () => {
  expect(settings({ ALARM_LAG_SECONDS: '60' }).alarms.thresholds.lagSeconds).toBe(60);
  expect(() => settings({ ALARM_LAG_SECONDS: 'soon' })).toThrow('ALARM_LAG_SECONDS');
  expect(() => settings({ ALARM_5XX_PERCENT: '-1' })).toThrow('ALARM_5XX_PERCENT');
});

test('no other file spells the name of a metric', () => {
  const { globSync } = require('node:fs') as typeof import('node:fs');
  const sources = globSync('{functions,shared,cli,local}/**/*.ts', { cwd: root });
  const loose = sources.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return path !== 'shared/platform/observe/observe.ts' && /\b(addMetric|MetricUnit)\b/.test(text);
  });
  expect(loose).toEqual([]);
});
