import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPython } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';
import { CORS } from '../../shared/platform/http/cors.ts';
import { lintFindings } from '../support/template-checks.ts';

/** The output of `sls package` without settings, read as CloudFormation and Lambda read it. */
const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');

/** Only what a process needs, so no setting of this machine gets into the package. */
const env = { PATH: process.env.PATH, HOME: process.env.HOME };

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

let folder: string;
let templatePath: string;
let resources: [name: string, resource: Resource][];
const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footfall-package-'));
  await run(sls, ['package', '--package', join(folder, 'package')], { cwd: root, env });
  templatePath = join(folder, 'package', 'cloudformation-template-update-stack.json');
  resources = Object.entries(JSON.parse(readFileSync(templatePath, 'utf8')).Resources);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const pythonOptions = { cacheDir: join(footfallDir, 'cache'), env: process.env, log: console.log };

test('CloudFormation accepts the template', async () => {
  expect(await lintFindings(templatePath)).toEqual([]);
});

test('the same check refuses a template with a mistake', async () => {
  const template = JSON.parse(readFileSync(templatePath, 'utf8'));
  template.Resources.AggregateLambdaFunction.Properties.Memory = 1;
  const wrong = join(folder, 'wrong.json');
  await writeFile(wrong, JSON.stringify(template));
  expect((await lintFindings(wrong)).join()).toMatch(/^E3002 /);
});

test('exactly the paths of the API are routed', () => {
  const routes = ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [
    Properties.RouteKey,
    /HttpApiIntegration(\w+)/.exec(JSON.stringify(Properties.Target))?.[1],
  ]);
  expect(routes.sort()).toEqual([
    ['DELETE /v1/funnels/{funnel}', 'Sites'],
    ['DELETE /v1/privacy/{user+}', 'Privacy'],
    ['DELETE /v1/sites/{site}/keys/{key}', 'Sites'],
    ['GET /', 'Dashboard'],
    ['GET /assets/{file}', 'Dashboard'],
    ['GET /docs', 'Analytics'],
    ['GET /docs/{file}', 'Analytics'],
    ['GET /f.js', 'Collect'],
    ['GET /g/collect', 'Collect'],
    ['GET /get_event_frequency/{event}', 'Analytics'],
    ['GET /get_popular_products/{limit}', 'Analytics'],
    ['GET /get_user_data_between_dates/{user}/{start}/{end}', 'Analytics'],
    ['GET /get_user_data_by_date/{user}/{date}', 'Analytics'],
    ['GET /get_user_engagement/{user}', 'Analytics'],
    ['GET /v1/dead-letters', 'DeadLetters'],
    ['GET /v1/dead-letters/counts', 'DeadLetters'],
    ['GET /v1/dead-letters/{letter}', 'DeadLetters'],
    ['GET /v1/privacy-receipts/{receipt}', 'Privacy'],
    ['GET /v1/privacy/{user+}', 'Privacy'],
    ['GET /v1/projects/{writeKey}/settings', 'Collect'],
    ['GET /v1/sites', 'Sites'],
    ['GET /v1/sites/{site}', 'Sites'],
    ['GET /v1/system', 'System'],
    ['GET /v1/system/keys', 'System'],
    ['GET /v1/system/keys/{redis_key+}', 'System'],
    ['GET /v1/system/topics', 'System'],
    ['GET /v1/system/topics/{topic}/records', 'System'],
    ['GET /v1/{path+}', 'Analytics'],
    ['PATCH /v1/sites/{site}', 'Sites'],
    ['POST /debug/mp/collect', 'Collect'],
    ['POST /g/collect', 'Collect'],
    ['POST /mp/collect', 'Collect'],
    ['POST /v1/a', 'Collect'],
    ['POST /v1/alias', 'Collect'],
    ['POST /v1/b', 'Collect'],
    ['POST /v1/batch', 'Collect'],
    ['POST /v1/dead-letters/discard', 'DeadLetters'],
    ['POST /v1/dead-letters/replay', 'DeadLetters'],
    ['POST /v1/events', 'Collect'],
    ['POST /v1/funnels', 'Sites'],
    ['POST /v1/g', 'Collect'],
    ['POST /v1/group', 'Collect'],
    ['POST /v1/i', 'Collect'],
    ['POST /v1/identify', 'Collect'],
    ['POST /v1/import', 'Collect'],
    ['POST /v1/import/', 'Collect'],
    ['POST /v1/p', 'Collect'],
    ['POST /v1/page', 'Collect'],
    ['POST /v1/s', 'Collect'],
    ['POST /v1/screen', 'Collect'],
    ['POST /v1/sites', 'Sites'],
    ['POST /v1/sites/{site}/keys', 'Sites'],
    ['POST /v1/sites/{site}/keys/{key}/rotate', 'Sites'],
    ['POST /v1/t', 'Collect'],
    ['POST /v1/track', 'Collect'],
  ]);
});

test('the gateway answers preflight requests for all paths, as the functions would', () => {
  const [[, api]] = ofType('AWS::ApiGatewayV2::Api') as [[string, Resource]];
  const { allowedOrigins, allowedHeaders, allowedMethods, exposedResponseHeaders, maxAge } = CORS;
  expect(api.Properties.CorsConfiguration).toEqual({
    AllowOrigins: allowedOrigins,
    AllowHeaders: allowedHeaders,
    AllowMethods: allowedMethods,
    ExposeHeaders: exposedResponseHeaders,
    MaxAge: maxAge,
  });
});

test('Lambda polls the events topic for aggregate from the beginning, in one group', () => {
  const mappings = ofType('AWS::Lambda::EventSourceMapping');
  expect(mappings).toHaveLength(1);
  expect(mappings[0]![1].Properties).toMatchObject({
    FunctionName: { 'Fn::GetAtt': ['AggregateLambdaFunction', 'Arn'] },
    SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['localhost:9092'] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'footfall-dev-aggregate' },
    Topics: ['events'],
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 10000,
    MaximumBatchingWindowInSeconds: 0,
  });
});

test.each(['Sweep', 'Aggregate'])('%s runs every minute, and a failed run is not retried', (name) => {
  const ruleOf = ofType('AWS::Events::Rule')
    .map(([, { Properties }]) => Properties)
    .filter(({ Targets }) => JSON.stringify(Targets).includes(`"${name}LambdaFunction"`));
  expect(ruleOf).toMatchObject([{ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }]);
  const retries = ofType('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties);
  expect(retries).toContainEqual(
    expect.objectContaining({ FunctionName: { Ref: `${name}LambdaFunction` }, MaximumRetryAttempts: 0 }),
  );
});

test('the functions run on Node 24 on ARM, with the addresses of Kafka and Redis and the hash of the admin key', () => {
  const functions = ofType('AWS::Lambda::Function').map(([name, { Properties }]) => {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    const { Variables } = Properties.Environment as { Variables: Record<string, string> };
    expect(Object.keys(Variables)).toEqual(
      expect.arrayContaining(['KAFKA_BROKERS', 'REDIS_URL', 'FOOTFALL_ADMIN_KEY_HASH']),
    );
    expect(Variables).toMatchObject({
      POWERTOOLS_SERVICE_NAME: 'footfall-dev',
      // The one of the mapping above.
      AGGREGATE_GROUP: 'footfall-dev-aggregate',
    });
    return [name.replace('LambdaFunction', ''), Properties.Timeout];
  });
  expect(Object.fromEntries(functions)).toEqual({
    Collect: 20,
    Aggregate: 60,
    Analytics: 10,
    Dashboard: 10,
    DeadLetters: 29,
    Privacy: 20,
    Simulate: 900,
    Sites: 29,
    Sweep: 60,
    System: 20,
  });
});

test.each([
  ['collect', 'collect'],
  ['aggregate', 'aggregate'],
  ['analytics', 'analytics'],
  ['sites', 'sites'],
  ['dead-letters', 'deadLetters'],
  ['system', 'system'],
  ['sweep', 'sweep'],
  ['simulate', 'simulate'],
])('%s: the uploaded package loads without anything else', async (name, uploaded) => {
  const unpacked = join(folder, name);
  await mkdir(unpacked);
  const python = await findPython(pythonOptions);
  await run(python.command, [
    ...python.args,
    '-m',
    'zipfile',
    '-e',
    join(folder, 'package', `${uploaded}.zip`),
    unpacked,
  ]);
  const load = `import(${JSON.stringify(`./functions/${name}/handler.mjs`)}).then((m) => process.exit(typeof m.handler === 'function' ? 0 : 1))`;
  const settings = {
    KAFKA_BROKERS: 'kafka.invalid:9092',
    REDIS_URL: 'redis://redis.invalid:6379',
  };
  await run(process.execPath, ['-e', load], {
    cwd: unpacked,
    env: { ...env, ...settings, LAMBDA_TASK_ROOT: unpacked },
  });
  const scripts = globSync('shared/**/*.lua', { cwd: root });
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(existsSync(join(unpacked, script))).toBe(true);
});

test('the API page is uploaded only with the function that serves it', () => {
  const pages = ['collect', 'aggregate', 'analytics', 'sites', 'system', 'sweep', 'simulate'].filter((name) =>
    existsSync(join(folder, name, 'node_modules', 'swagger-ui-dist', 'swagger-ui-bundle.js')),
  );
  expect(pages).toEqual(['analytics']);
});

test.each([
  ["the script for a shop's pages", 'f.js', ['collect']],
  ['the OpenAPI document', 'openapi.json', ['analytics']],
])('%s is built and uploaded only with the function that serves it', (_, file, expected) => {
  const names = ['collect', 'aggregate', 'analytics', 'sites', 'system', 'sweep', 'simulate'];
  expect(names.filter((name) => existsSync(join(folder, name, 'dist', file)))).toEqual(expected);
});

test('a deployment with the settings of a laptop is refused, with each setting to change', async () => {
  const deployed = run(sls, ['deploy'], { cwd: root, env });
  await expect(deployed).rejects.toMatchObject({
    stdout: expect.stringContaining('Set FOOTFALL_ADMIN_KEY_HASH'),
  });
});
