import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { addSites } from '../../local/sites/demo-sites.ts';
import { CORS } from '../../shared/platform/http/cors.ts';
import type { HttpResponse } from '../../shared/platform/http/stack.ts';
import { connectRedis, type RedisClient } from '../../shared/platform/redis/connection.ts';
import { keys } from '../../shared/platform/redis/keys.ts';
import { answered, httpApiEvent, kafkaEvent, scheduledEvent, textOf } from '../support/aws-events.ts';
import { bareEnv } from '../support/bare-env.ts';
import { Bundle, unpack } from '../support/bundles.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { readMessages, readTopic } from '../support/read-topic.ts';
import { loseAll } from '../support/redis-data.ts';
import { lintFindings } from '../support/template-checks.ts';

/** The output of `sls package` without settings, read as CloudFormation reads it, and run as Lambda runs it. */
const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');

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
  await run(sls, ['package', '--package', join(folder, 'package')], { cwd: root, env: bareEnv });
  templatePath = join(folder, 'package', 'cloudformation-template-update-stack.json');
  resources = Object.entries(JSON.parse(readFileSync(templatePath, 'utf8')).Resources);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

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

describe('the uploads, unpacked outside this repository', () => {
  const NAMES = [
    ...[
      'collect',
      'aggregate',
      'analytics',
      'dashboard',
      'sites',
      'privacy',
      'deadLetters',
      'system',
      'sweep',
    ],
    'simulate',
  ] as const;
  type Name = (typeof NAMES)[number];
  const PARTITIONS = 2;
  const folderOf = (name: Name) => join(folder, name);
  const has = (name: Name, ...path: string[]) => existsSync(join(folderOf(name), ...path));
  const propertiesOf = (name: Name) =>
    resources.find(([id]) => id === `${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`)![1].Properties;

  let config: TestConfig;
  let redis: RedisClient;
  /** A function with what the template gives it, but for the servers of this test. */
  const start = async (name: Name): Promise<Bundle> => {
    const { FunctionName, Handler, Environment } = propertiesOf(name) as {
      FunctionName: string;
      Handler: string;
      Environment: { Variables: Record<string, string> };
    };
    const bundle = await Bundle.start({
      name: FunctionName,
      handler: Handler,
      folder: folderOf(name),
      env: { ...Environment.Variables, ...envOf(config) },
    });
    return closing(bundle, (one) => one.close());
  };
  /** Hands the whole topic to aggregate, as Lambda does, and what aggregate sends to the topic meanwhile. */
  const deliver = async (aggregate: Bundle, source: 'msk' | 'selfManaged') => {
    const { kafka } = config;
    for (let delivered = 0; ; ) {
      const count = (await readTopic(kafka)).length;
      if (count === delivered) return;
      await aggregate.invoke(
        kafkaEvent(source, kafka.eventsTopic, await readMessages(kafka, kafka.eventsTopic, count)),
      );
      delivered = count;
    }
  };
  /** How far the shards are, and what became of their records. */
  const counts = async () => {
    const outcomes: Record<string, number> = {};
    const nexts: number[] = [];
    for (let shard = 0; shard < PARTITIONS; shard++) {
      nexts.push(Number(await redis.hget(shardKeys.head(shard), 'next')));
      for (const [name, count] of Object.entries(await redis.hgetall(shardKeys.ledger(shard)))) {
        outcomes[name] = (outcomes[name] ?? 0) + Number(count);
      }
    }
    return { nexts, outcomes };
  };
  const admin = { authorization: 'Bearer footfall-admin-key' };
  const readKey = { authorization: 'Bearer demo-read-key' };

  beforeAll(async () => {
    await Promise.all(NAMES.map((name) => unpack(join(folder, 'package', `${name}.zip`), folderOf(name))));
    config = await freshConfig({ partitions: PARTITIONS });
    await addSites(config, config.sites);
    redis = closing(connectRedis(config.redis), (one) => one.disconnect());
  });

  test.each(NAMES)('%s has what it reads at run time', (name) => {
    const scripts = globSync('shared/**/*.lua', { cwd: root });
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((script) => !has(name, script))).toEqual([]);
  });

  test.each([
    ["the script for a shop's pages", ['dist', 'f.js'], ['collect']],
    ['the OpenAPI document', ['dist', 'openapi.json'], ['analytics']],
    ['the API page', ['node_modules', 'swagger-ui-dist', 'swagger-ui-bundle.js'], ['analytics']],
    ['the dashboard', ['dist', 'dashboard', 'index.html'], ['dashboard']],
  ])('%s is uploaded only with the function that serves it', (_, path, expected) => {
    expect(NAMES.filter((name) => has(name, ...path))).toEqual(expected);
  });

  test('collect has less than 1.5 MB, and no function has the translations of zod', () => {
    const files = globSync('**/*', { cwd: folderOf('collect'), withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeLessThan(1_500_000);
    for (const name of NAMES) {
      const [code] = globSync('functions/*/handler.mjs', { cwd: folderOf(name) });
      // Of "Ungültige Eingabe" what esbuild, which writes ASCII, does not escape.
      expect(readFileSync(join(folderOf(name), code!), 'utf8')).not.toContain('ltige Eingabe');
    }
  });

  test('an event that collect takes is in Kafka, aggregate folds it, and analytics answers it', async () => {
    const [collect, aggregate, analytics] = await Promise.all([
      start('collect'),
      start('aggregate'),
      start('analytics'),
    ]);
    console.log(
      `Importing the handlers took ${Math.round(collect.importMs)} ms (collect), ${Math.round(aggregate.importMs)} ms (aggregate), ${Math.round(analytics.importMs)} ms (analytics).`,
    );
    const order = {
      ...{ id: 'order-1', name: 'purchase', user_id: 'ana', transaction_id: 'T-1000', currency: 'EUR' },
      items: [{ item_id: 'shoe-1', price: 59.9, quantity: 2 }],
    };
    const accepted = await collect.invoke<HttpResponse>(
      httpApiEvent('POST /v1/events', '/v1/events', {
        headers: { authorization: 'Bearer demo-write-key' },
        body: JSON.stringify(order),
      }),
    );
    expect(answered(accepted)).toMatchObject({ status: 202, body: { accepted: 1, refused: 0 } });

    const sent = (await readTopic(config.kafka)).map(({ event }) => event);
    expect(sent).toMatchObject([{ id: 'order-1', site: 'demo', user: 'ana' }]);

    await deliver(aggregate, 'msk');
    const counted = await counts();
    expect(counted.outcomes).toMatchObject({ 'demo:applied': 1 });
    // Lambda may send a batch again.
    await deliver(aggregate, 'selfManaged');
    expect(await counts()).toEqual(counted);

    const user = await analytics.invoke<HttpResponse>(
      httpApiEvent('GET /v1/{path+}', '/v1/users/ana', {
        headers: readKey,
        parameters: { path: 'users/ana' },
      }),
    );
    expect(answered(user)).toMatchObject({
      status: 200,
      body: {
        data: { user_id: 'ana', orders: 1, total_events: 1, money: [{ currency: 'EUR', revenue: '119.80' }] },
        meta: { site: 'demo', lag_events: 0, complete: true },
      },
    });
  });

  test('the schedule has aggregate refill what Redis has lost', async () => {
    const { kafka } = config;
    const aggregate = await start('aggregate');
    await deliver(aggregate, 'selfManaged');
    const counted = await counts();
    const group = closing(new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin(), (one) =>
      one.disconnect(),
    );
    const committed = counted.nexts.map((next, partition) => ({ partition, offset: String(next) }));
    await group.setOffsets({
      groupId: 'footfall-dev-aggregate',
      topic: kafka.eventsTopic,
      partitions: committed,
    });
    await loseAll(redis);
    await aggregate.invoke(scheduledEvent());
    expect(await counts()).toEqual(counted);
  });

  test('the schedule has sweep bring back the sites that Redis has lost', async () => {
    const sweep = await start('sweep');
    await redis.del(keys.sites);
    await sweep.invoke(scheduledEvent());
    expect(Object.keys(await redis.hgetall(keys.sites))).toEqual(expect.arrayContaining(['demo', 'outlet']));
  });

  test('simulate sends what it is asked for', async () => {
    const simulate = await start('simulate');
    const before = (await readTopic(config.kafka)).length;
    expect(await simulate.invoke({ events: 50, seed: 7 })).toMatchObject({ sent: 50, seed: 7 });
    expect(await readTopic(config.kafka)).toHaveLength(before + 50);
  });

  test.each([
    ['sites', 'GET /v1/sites', '/v1/sites', { headers: admin }, 'online-retail'],
    [
      'privacy',
      'GET /v1/privacy/{user+}',
      '/v1/privacy/ana',
      { headers: { authorization: 'Bearer demo-admin-key' }, parameters: { user: 'ana' } },
      '"user_id"',
    ],
    ['deadLetters', 'GET /v1/dead-letters/counts', '/v1/dead-letters/counts', { headers: admin }, '"data"'],
    ['system', 'GET /v1/system', '/v1/system', { headers: admin }, '"brokers"'],
    ['dashboard', 'GET /', '/', {}, '<div id="page">'],
    ['analytics', 'GET /docs', '/docs', {}, 'swagger-ui'],
    ['collect', 'GET /f.js', '/f.js', {}, 'footfall'],
  ] as const)('%s answers %s', async (name, route, target, sent, expected) => {
    const bundle = await start(name);
    const answer = await bundle.invoke<HttpResponse>(httpApiEvent(route, target, sent));
    expect([answer.statusCode, textOf(answer)]).toEqual([200, expect.stringContaining(expected)]);
  });

  test('a bundle does not find the modules of this repository', async () => {
    await expect(
      run(process.execPath, ['-e', "require('kafkajs')"], { cwd: folderOf('collect'), env: bareEnv }),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('Cannot find module') });
  });
});

test('a deployment with the settings of a laptop is refused, with each setting to change', async () => {
  const deployed = run(sls, ['deploy'], { cwd: root, env: bareEnv });
  await expect(deployed).rejects.toMatchObject({
    stdout: expect.stringContaining('Set FOOTFALL_ADMIN_KEY_HASH'),
  });
});
