import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What serverless.yml says of a deployment, with its variables resolved: in the shape of {@link readBack}. */

const root = join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);

interface Settings {
  environment: Record<string, string>;
  brokers: string[];
  topic: string;
  logDays: number;
  leavesOut: { simulate: boolean };
  extensions: Record<string, { Properties: { ReservedConcurrentExecutions?: number } }>;
}

const { settings } = require('../../deploy/settings.cjs') as {
  settings(env: NodeJS.ProcessEnv, stage: string): Settings;
};
const roles = require('../../deploy/roles.cjs') as (framework: {
  resolveConfigurationProperty(path: string[]): Promise<unknown>;
}) => Promise<{ Resources: Record<string, { Properties: RoleProperties }> }>;

interface RoleProperties {
  AssumeRolePolicyDocument: unknown;
  Policies: { PolicyName: string; PolicyDocument: unknown }[];
}

interface FunctionOfFile {
  description: string;
  handler: string;
  timeout?: number;
  memorySize?: number;
  environment?: Record<string, string>;
  events?: (Record<string, unknown> & { httpApi?: string; schedule?: string; kafka?: KafkaOfFile })[];
}

interface KafkaOfFile {
  batchSize: number;
  startingPosition: string;
  consumerGroupId: string;
}

interface File {
  provider: { runtime: string; timeout: number; memorySize: number };
  functions: Record<string, FunctionOfFile>;
  resources: unknown[];
}

/** A deployment, as far as moto keeps it. */
export interface Deployment {
  functions: Record<string, object>;
  /** The policies of each function's role. */
  roles: Record<string, object>;
  mappings: object[];
  /** The schedule by function. */
  schedules: Record<string, string>;
  /** Days that each log group is kept. */
  logs: Record<string, number>;
}

/** Without CloudFormation's own tags, which only the resources have. */
const readFile = () =>
  parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'error' }) as File;

const upper = (name: string) => `${name[0]!.toUpperCase()}${name.slice(1)}`;
const stageOf = (name: string) => name.replaceAll(`\${self:service}`, 'footfall');

/**
 * @param env the settings of the deployment; process.env needs to have them, too
 * @param where the account and region that ARNs name
 */
export async function deploymentOf(
  env: NodeJS.ProcessEnv,
  { stage, region, account }: { stage: string; region: string; account: string },
): Promise<Deployment> {
  const file = readFile();
  const { environment, brokers, topic, logDays, leavesOut, extensions } = settings(env, stage);
  const functions = Object.entries(file.functions).filter(
    ([name]) => !(name === 'simulate' && leavesOut.simulate),
  );
  const { Resources } = await roles({
    resolveConfigurationProperty: async ([part]) => (part === 'provider' ? stage : file.functions),
  });
  const resolved = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
        .replaceAll(`\${AWS::Partition}`, 'aws')
        .replaceAll(`\${AWS::Region}`, region)
        .replaceAll(`\${AWS::AccountId}`, account),
    );
  const events = functions.flatMap(([name, one]) => (one.events ?? []).map((event) => ({ name, ...event })));
  const fullName = (name: string) => `footfall-${stage}-${name}`;
  return {
    functions: Object.fromEntries(
      functions.map(([name, one]) => [
        fullName(name),
        {
          Description: one.description,
          Handler: one.handler,
          Runtime: file.provider.runtime,
          Timeout: one.timeout ?? file.provider.timeout,
          MemorySize: one.memorySize ?? file.provider.memorySize,
          Environment: { ...environment, ...one.environment },
          role: `${upper(name)}Role`,
          concurrency:
            extensions[`${upper(name)}LambdaFunction`]?.Properties.ReservedConcurrentExecutions ?? null,
        },
      ]),
    ),
    roles: Object.fromEntries(
      Object.entries(Resources).map(([name, { Properties }]) => [
        name,
        resolved({
          trust: Properties.AssumeRolePolicyDocument,
          policies: Object.fromEntries(
            Properties.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
          ),
        }) as object,
      ]),
    ),
    mappings: events.flatMap(({ name, kafka }) =>
      kafka
        ? [
            {
              function: fullName(name),
              Topics: [topic],
              brokers,
              group: stageOf(kafka.consumerGroupId).replaceAll(`\${self:provider.stage}`, stage),
              BatchSize: kafka.batchSize,
              StartingPosition: kafka.startingPosition,
              secrets: [env.KAFKA_SASL_SECRET_ARN].filter((arn) => arn !== undefined),
            },
          ]
        : [],
    ),
    schedules: Object.fromEntries(
      events.flatMap(({ name, schedule }) => (schedule ? [[fullName(name), schedule]] : [])),
    ),
    logs: Object.fromEntries([
      ...functions.map(([name]) => [`/aws/lambda/${fullName(name)}`, logDays]),
      [`/aws/http-api/footfall-${stage}`, logDays],
    ]),
  };
}

/** The routes by function, `POST /v1/events`, which moto does not keep: serverless.yml's own … */
export function routesOfFile(): Record<string, string[]> {
  const { functions } = readFile();
  return routesBy(
    Object.entries(functions).flatMap(([name, { events = [] }]) =>
      events.flatMap(({ httpApi }) => (httpApi ? [[upper(name), httpApi] as const] : [])),
    ),
  );
}

/** … and those of a packaged template. */
export function routesOfTemplate(path: string): Record<string, string[]> {
  const { Resources } = JSON.parse(readFileSync(path, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { RouteKey: string; Target: unknown } }>;
  };
  return routesBy(
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      // Serverless.yml has it as a resource, since the framework would give it the name of another route.
      if (Type !== 'AWS::ApiGatewayV2::Route' || id === 'HttpApiRoutePostV1ImportWithSlash') return [];
      const name = /HttpApiIntegration(\w+)/.exec(JSON.stringify(Properties.Target))?.[1] ?? '?';
      return [[name, Properties.RouteKey] as const];
    }),
  );
}

function routesBy(pairs: readonly (readonly [name: string, route: string])[]): Record<string, string[]> {
  const routes: Record<string, string[]> = {};
  for (const [name, route] of pairs) {
    routes[name] ??= [];
    routes[name].push(route);
  }
  for (const some of Object.values(routes)) some.sort();
  return routes;
}
