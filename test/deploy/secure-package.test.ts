import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { findPython } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';
import { bareEnv } from '../support/bare-env.ts';
import { allows, isLike, type Need, needsOf, type Statement } from '../support/cloudformation-rights.ts';
import { checkovFindings, lintFindings } from '../support/template-checks.ts';

/** The output of `sls package --stage prod` with all that a careful operator sets, read as a reviewer reads it. */

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');
const require = createRequire(import.meta.url);
const { privateRoutes } = require('../../deploy/leave-out.cjs') as {
  privateRoutes(): { routes: string[]; isPrivate(route: string): boolean };
};

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;
const secrets = ['redis', 'AmazonMSK_kafka', 'authority'].map((name) =>
  arn('secretsmanager', `secret:${name}-AbCdEf`),
) as [string, string, string];
const kmsKey = arn('kms', 'key/12345678-1234-1234-1234-123456789012');
const production = {
  KAFKA_BROKERS: 'b-1.example.com:9096,b-2.example.com:9096',
  KAFKA_SSL: 'true',
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_SECRET_ARN: secrets[1],
  KAFKA_CA_SECRET_ARN: secrets[2],
  REDIS_URL: 'rediss://redis.example.com:6379',
  REDIS_SECRET_ARN: secrets[0],
  FOOTFALL_ADMIN_KEY_HASH: '1'.repeat(64),
  VPC_SUBNET_IDS: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  VPC_SECURITY_GROUP_IDS: 'sg-0123456789abcdef0',
  ALARM_EMAIL: 'ops@example.com',
  KMS_KEY_ARN: kmsKey,
  TRACING: 'true',
  API_DOMAIN: 'events.example.com',
  API_CERTIFICATE_ARN: arn('acm', 'certificate/12345678-1234-1234-1234-123456789012'),
  API_HOSTED_ZONE_ID: 'Z0123456789ABC',
  INSTALLATION_ROUTES: 'private',
  TAGS: 'team=shop',
};

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
type Resources = [name: string, resource: Resource][];

let folder: string;
const pathOf = (stage: string) => join(folder, stage, 'cloudformation-template-update-stack.json');
let resources: Resources;
const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
const propertiesOf = (name: string) => resources.find(([id]) => id === name)?.[1].Properties ?? {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footfall-secure-'));
  const options = (stage: string) => ['--stage', stage, '--package', join(folder, stage)];
  await run(sls, ['package', ...options('prod')], { cwd: root, env: { ...bareEnv, ...production } });
  await run(sls, ['package', ...options('dev')], { cwd: root, env: bareEnv });
  resources = Object.entries(JSON.parse(readFileSync(pathOf('prod'), 'utf8')).Resources);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what the template is judged by', () => {
  const config = join(root, 'deploy', 'checkov.yaml');

  test('CloudFormation accepts it', async () => {
    expect(await lintFindings(pathOf('prod'))).toEqual([]);
  });

  describe('checkov', () => {
    let found: Record<'prod' | 'dev', string[]>;
    const checks = (findings: string[]) => [...new Set(findings.map((one) => one.split(' ')[0]!))].sort();
    beforeAll(async () => {
      found = { prod: await checkovFindings(pathOf('prod')), dev: await checkovFindings(pathOf('dev')) };
    });

    test('finds nothing beyond what has its reason', async () => {
      expect(await checkovFindings(pathOf('dev'), config)).toEqual([]);
    });

    test('finds each thing that has a reason', () => {
      const { 'skip-check': skipped } = parse(readFileSync(config, 'utf8')) as { 'skip-check': string[] };
      expect(checks([...found.prod, ...found.dev])).toEqual(skipped.sort());
    });

    test('finds less with a VPC and a key of your own: what is left open on purpose', () => {
      const open = ['CKV_AWS_111', 'CKV_AWS_115', 'CKV_AWS_116', 'CKV_AWS_18'];
      expect(checks(found.prod)).toEqual(open);
    });
  });
});

describe('the role of each function', () => {
  /** Every action that is allowed, and what needs it: Lambda itself, or a call in the function's own code. */
  const LAMBDA = {
    'logs:CreateLogStream': 'Lambda writes what the function prints',
    'logs:PutLogEvents': 'Lambda writes what the function prints',
    'ec2:CreateNetworkInterface': 'Lambda joins the VPC',
    'ec2:DescribeNetworkInterfaces': 'Lambda joins the VPC',
    'ec2:DescribeSubnets': 'Lambda joins the VPC',
    'ec2:DeleteNetworkInterface': 'Lambda leaves the VPC',
    'ec2:AssignPrivateIpAddresses': 'Lambda joins the VPC',
    'ec2:UnassignPrivateIpAddresses': 'Lambda leaves the VPC',
    'xray:PutTraceSegments': 'Lambda sends traces (TRACING)',
    'xray:PutTelemetryRecords': 'Lambda sends traces (TRACING)',
  };
  const POLLER = {
    'ec2:DescribeVpcs': 'the poller joins the VPC',
    'ec2:DescribeSecurityGroups': 'the poller joins the VPC',
  };
  const CODE: Record<string, string> = {
    'secretsmanager:GetSecretValue': 'GetSecretValueCommand',
    'kms:Decrypt': 'GetSecretValueCommand',
  };
  const WILDCARD = /^(ec2|xray):/;
  const FUNCTIONS = [
    'Collect',
    'Aggregate',
    'Analytics',
    'Dashboard',
    'Sites',
    'Privacy',
    'DeadLetters',
    'System',
    'Sweep',
  ];

  const statementsOf = (name: string) =>
    (propertiesOf(`${name}Role`).Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
  const actionsOf = (statements: Statement[], effect: Statement['Effect']) =>
    statements.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => Action);

  /** The commands of the AWS SDK that the function's bundle takes from the runtime: `{GetSecretValueCommand:e,…}=await import(…)`. */
  async function commandsIn(name: string): Promise<string[]> {
    const file = `functions/${name.replace(/([a-z])([A-Z])/, '$1-$2').toLowerCase()}/handler.mjs`;
    const zip = join(folder, 'prod', `${name[0]!.toLowerCase()}${name.slice(1)}.zip`);
    const python = await findPython({
      cacheDir: join(footfallDir, 'cache'),
      env: process.env,
      log: console.log,
    });
    const read = `import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))`;
    const { stdout } = await run(python.command, [...python.args, '-c', read, zip, file], {
      maxBuffer: 64 << 20,
    });
    const taken = stdout.match(/\{[^{}]*\}\s*=\s*await\s+import\(\s*"@aws-sdk\/[^"]+"\s*\)/g) ?? [];
    // The SDK is loaded in no other way; one function knows the names in package.json, too.
    expect(stdout.match(/"@aws-sdk\/[^"]+"(?!:)/g) ?? []).toHaveLength(taken.length);
    return [...new Set(taken.join().match(/\b\w+Command\b/g))];
  }

  test('is its own, and there is no other', () => {
    expect(
      ofType('AWS::IAM::Role')
        .map(([name]) => name)
        .sort(),
    ).toEqual(FUNCTIONS.map((name) => `${name}Role`).sort());
    for (const [id, { Properties }] of ofType('AWS::Lambda::Function')) {
      expect(Properties.Role).toEqual({ 'Fn::GetAtt': [id.replace('LambdaFunction', 'Role'), 'Arn'] });
    }
  });

  test.each(FUNCTIONS)('of %s allows what Lambda or the code needs, and nothing else', async (name) => {
    const commands = await commandsIn(name);
    const called = Object.entries(CODE).filter(([, command]) => commands.includes(command));
    const expected = [
      ...Object.keys(LAMBDA),
      ...(name === 'Aggregate' ? Object.keys(POLLER) : []),
      ...called.map(([action]) => action),
    ];
    expect(actionsOf(statementsOf(name), 'Allow').sort()).toEqual(expected.sort());
    // No call of the code is without its right.
    expect(commands.filter((command) => !Object.values(CODE).includes(command))).toEqual([]);
    expect(called.length > 0).toBe(name !== 'Dashboard');
  });

  test.each(FUNCTIONS)('of %s names its resources where AWS has any', (name) => {
    for (const { Effect, Action, Resource } of statementsOf(name)) {
      const isWide = JSON.stringify(Resource).includes('"*"');
      expect([Action].flat().every((action) => WILDCARD.test(action))).toBe(isWide);
      if (Effect === 'Allow' && [Action].flat().includes('secretsmanager:GetSecretValue')) {
        expect(Resource).toEqual(secrets);
      }
    }
  });

  test.each(FUNCTIONS)('of %s keeps the network from the code', (name) => {
    const statements = statementsOf(name);
    const network = actionsOf(statements, 'Allow').filter((action) => action.startsWith('ec2:'));
    expect(actionsOf(statements, 'Deny').sort()).toEqual(network.sort());
  });
});

describe('the policy of the deployer', () => {
  /** What the commands ask of AWS themselves; CloudFormation asks for the rest. */
  const COMMANDS: Record<string, string[]> = {
    'sls deploy': [
      'cloudformation:CreateChangeSet',
      'cloudformation:CreateStack',
      'cloudformation:DeleteChangeSet',
      'cloudformation:DescribeChangeSet',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStackResource',
      'cloudformation:DescribeStacks',
      'cloudformation:ExecuteChangeSet',
      'cloudformation:GetTemplate',
      'cloudformation:ListStackResources',
      'cloudformation:UpdateStack',
      'cloudformation:ValidateTemplate',
      'lambda:GetFunction',
      's3:DeleteObject',
      's3:ListBucket',
      's3:PutObject',
    ],
    'sls deploy list': ['lambda:ListVersionsByFunction', 's3:ListBucket'],
    'sls remove': ['cloudformation:DeleteStack', 's3:DeleteObjectVersion', 's3:ListBucketVersions'],
    'sls rollback': ['s3:GetObject'],
    'footfall --url lambda:…': ['lambda:InvokeFunction'],
    'footfall doctor': ['lambda:GetFunctionConfiguration', 'lambda:ListEventSourceMappings'],
  };
  const text = readFileSync(join(root, 'deploy', 'deployer-policy.json'), 'utf8').replaceAll('STAGE', 'prod');
  const statements = (JSON.parse(text) as { Statement: Statement[] }).Statement;
  let needs: Need[];
  beforeAll(async () => {
    const all = ['prod', 'dev'].flatMap((stage): Resource[] =>
      Object.values(JSON.parse(readFileSync(pathOf(stage), 'utf8')).Resources),
    );
    needs = await needsOf(all);
  });
  /** A zone is yours, and no part of a stage: docs/deploy.md says what a deployer needs for it. */
  const isOfZone = ({ type }: Need) => type === 'AWS::Route53::RecordSet';

  test('allows what CloudFormation needs to create, change and delete each resource', () => {
    const lacking = needs.filter((need) => !isOfZone(need) && !allows(statements, need));
    expect(lacking.map(({ type, action, on }) => `${type}: ${action} on ${on}`)).toEqual([]);
  });

  test('leaves the zone to a policy of yours, which the documentation describes', () => {
    const page = readFileSync(join(root, 'docs', 'deploy.md'), 'utf8');
    const ofZone = needs.filter(isOfZone).map(({ action }) => action);
    expect(ofZone).toContain('route53:ChangeResourceRecordSets');
    expect(ofZone.filter((action) => !page.includes(`\`${action}\``))).toEqual([]);
  });

  test('allows nothing else', () => {
    const used = [...needs.map(({ action }) => action), ...Object.values(COMMANDS).flat()];
    const idle = statements
      .flatMap(({ Action }) => Action)
      .filter((pattern) => !used.some((action) => isLike(pattern, action)));
    expect(idle).toEqual([]);
  });

  test('is small enough for IAM, which does not count white space', () => {
    expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(6144);
  });
});

describe('what is public', () => {
  const routes = () =>
    ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => String(Properties.RouteKey));

  test('has no route that only the installation’s key opens', () => {
    const { routes: all, isPrivate } = privateRoutes();
    expect(all).toEqual(expect.arrayContaining(['POST /v1/sites', 'GET /v1/system']));
    expect(routes().filter(isPrivate)).toEqual([]);
    expect(routes()).toEqual(expect.arrayContaining(['POST /v1/events', 'PATCH /v1/sites/{site}']));
  });

  test('has a limit, and a log that names no one', () => {
    const { DefaultRouteSettings, AccessLogSettings } = propertiesOf('HttpApiStage') as {
      DefaultRouteSettings: object;
      AccessLogSettings: { Format: string };
    };
    expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 });
    expect(AccessLogSettings.Format).toContain('$context.routeKey');
    expect(AccessLogSettings.Format).not.toMatch(/identity|path|userAgent|domainName/);
  });

  test('has a name of its own, with TLS 1.2 or later', () => {
    expect(propertiesOf('ApiDomain')).toMatchObject({
      DomainName: 'events.example.com',
      DomainNameConfigurations: [{ SecurityPolicy: 'TLS_1_2' }],
    });
    expect(propertiesOf('ApiDomainRecord')).toMatchObject({ Name: 'events.example.com', Type: 'A' });
  });
});

test('simulate is not there', () => {
  expect(ofType('AWS::Lambda::Function').map(([name]) => name)).not.toContain('SimulateLambdaFunction');
});

test('no secret is in the template, and the key encrypts the environment, the logs and the topic', () => {
  for (const [, { Properties }] of ofType('AWS::Lambda::Function')) {
    expect(Properties).toMatchObject({ KmsKeyArn: kmsKey, TracingConfig: { Mode: 'Active' } });
    const { Variables } = Properties.Environment as { Variables: Record<string, string> };
    expect(Object.keys(Variables).filter((name) => /PASSWORD|USERNAME|_CA$/.test(name))).toEqual([]);
  }
  const groups = ofType('AWS::Logs::LogGroup');
  expect(groups.map(([name]) => name)).toContain('HttpApiLogGroup');
  for (const [, group] of groups) {
    expect(group).toMatchObject({
      Properties: { KmsKeyId: kmsKey, RetentionInDays: 14 },
      // They outlive the stack; what a failed creation made does not.
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  }
  expect(propertiesOf('AlarmTopic').KmsMasterKeyId).toBe(kmsKey);
});

test('the alarms reach the address, and all that takes tags has them', () => {
  expect(propertiesOf('AlarmSubscription')).toEqual({
    TopicArn: { Ref: 'AlarmTopic' },
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
  const { Tags } = propertiesOf('CollectLambdaFunction') as { Tags: { Key: string; Value: string }[] };
  expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toEqual({
    service: 'footfall',
    stage: 'prod',
    team: 'shop',
  });
});

test('a stack without a key of yours makes one for the topic, which CloudWatch may use', () => {
  const dev = JSON.parse(readFileSync(pathOf('dev'), 'utf8')).Resources as Record<string, Resource>;
  expect(dev.AlarmTopic!.Properties.KmsMasterKeyId).toEqual({ Ref: 'AlarmKey' });
  expect(dev.AlarmKey!.Properties).toMatchObject({ EnableKeyRotation: true });
  expect(JSON.stringify(dev.AlarmKey!.Properties.KeyPolicy)).toContain('cloudwatch.amazonaws.com');
  expect(dev.SimulateLambdaFunction).toBeDefined();
  expect(dev.CollectLogGroup).not.toHaveProperty('DeletionPolicy');
});

test('what contradicts itself is not packaged, in a sentence', async () => {
  const packaged = run(sls, ['package', '--stage', 'prod', '--package', join(folder, 'wrong')], {
    cwd: root,
    env: { ...bareEnv, ...production, API_THROTTLE: 'abc', VPC_SECURITY_GROUP_IDS: '' },
  });
  const { stdout, stderr } = await packaged.catch((failed) => failed);
  expect(`${stdout}${stderr}`).toMatch(
    /Not packaged\.\n +Set VPC_SECURITY_GROUP_IDS as well as .*\n +Set API_THROTTLE to/,
  );
});
