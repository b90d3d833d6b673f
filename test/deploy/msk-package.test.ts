import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareEnv } from '../support/bare-env.ts';
import { checkovFindings, lintFindings } from '../support/template-checks.ts';

/** The output of `sls package` for Amazon MSK with IAM: the mapping, and what each role may do in the cluster. */

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const region = 'arn:aws:kafka:eu-west-1:123456789012';
const id = 'my-shop/0123abcd-4567-89ef-0123-456789abcdef-s1';
const cluster = `${region}:cluster/${id}`;
const env = {
  ...bareEnv,
  KAFKA_BROKERS: 'boot-1.example.c1.kafka-serverless.eu-west-1.amazonaws.com:9098',
  KAFKA_SSL: 'true',
  KAFKA_SASL_MECHANISM: 'aws-msk-iam',
  KAFKA_CLUSTER_ARN: cluster,
  EVENTS_TOPIC: 'shop.events',
  REDIS_URL: 'rediss://redis.example.com:6379',
  VPC_SUBNET_IDS: 'subnet-0123456789abcdef0',
  VPC_SECURITY_GROUP_IDS: 'sg-0123456789abcdef0',
  ALARM_EMAIL: 'ops@example.com',
};

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
}

let folder: string;
let template: string;
let resources: Record<string, Resource>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footfall-msk-package-'));
  const sls = join(root, 'node_modules', '.bin', 'sls');
  await run(sls, ['package', '--stage', 'prod', '--package', folder], { cwd: root, env });
  template = join(folder, 'cloudformation-template-update-stack.json');
  resources = JSON.parse(readFileSync(template, 'utf8')).Resources;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('CloudFormation and checkov accept the template', async () => {
  expect(await lintFindings(template)).toEqual([]);
  expect(await checkovFindings(template, join(root, 'deploy', 'checkov.yaml'))).toEqual([]);
});

test('Lambda polls the cluster in the same group as before, and signs in as the role', () => {
  const mappings = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  expect(mappings.map(({ Properties }) => Properties)).toEqual([
    {
      EventSourceArn: cluster,
      FunctionName: { 'Fn::GetAtt': ['AggregateLambdaFunction', 'Arn'] },
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'footfall-prod-aggregate' },
      Topics: ['shop.events'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10000,
      MaximumBatchingWindowInSeconds: 0,
    },
  ]);
});

describe('in the cluster, the role', () => {
  const EVENTS = `topic/${id}/shop.events`;
  const LETTERS = `topic/${id}/events.dlq`;
  const SIGNALS = `topic/${id}/signals`;
  const SITES = `topic/${id}/sites`;
  const OWN = `group/${id}/footfall-catch-up-*`;
  const MAPPING = `group/${id}/footfall-prod-aggregate`;
  const transaction = (name: string) => `transactional-id/${id}/${name}`;

  /** By action, what it is allowed on, without the part that all ARNs share. */
  function rightsOf(name: string): Record<string, string[]> {
    const { Policies } = resources[`${name}Role`]!.Properties as {
      Policies: { PolicyDocument: { Statement: Statement[] } }[];
    };
    const rights: Record<string, string[]> = {};
    for (const { Action, Resource } of Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) {
      for (const action of Action.filter((one) => one.startsWith('kafka'))) {
        const some = Resource.map((arn) => arn.replace(`${region}:`, ''));
        rights[action.replace('kafka-cluster:', '')] = [
          ...(rights[action.replace('kafka-cluster:', '')] ?? []),
          ...some,
        ].sort();
      }
    }
    return rights;
  }
  const joins = { DescribeGroup: [OWN], AlterGroup: [OWN], DeleteGroup: [OWN] };
  const connects = { Connect: [`cluster/${id}`] };
  const writes = { WriteDataIdempotently: [`cluster/${id}`] };
  const transacts = (...names: string[]) => ({
    DescribeTransactionalId: names.map(transaction),
    AlterTransactionalId: names.map(transaction),
  });
  const sitesSettings = { DescribeTopicDynamicConfiguration: [SITES] };

  test.each([
    [
      'Collect: writes events, reads sites',
      {
        ...connects,
        ...writes,
        ...joins,
        DescribeTopic: [EVENTS, SITES],
        ReadData: [SITES],
        WriteData: [EVENTS],
      },
    ],
    [
      'Aggregate: as the poller, and reads again what Redis has lost; writes dead letters and events that move',
      {
        ...connects,
        ...writes,
        ...joins,
        DescribeGroup: [OWN, MAPPING],
        AlterGroup: [OWN, MAPPING],
        DescribeTopic: [LETTERS, EVENTS, SITES],
        ReadData: [LETTERS, EVENTS, SITES],
        WriteData: [LETTERS, EVENTS],
        DescribeClusterDynamicConfiguration: [`cluster/${id}`],
        'kafka:DescribeClusterV2': [`cluster/${id}`],
        'kafka:GetBootstrapBrokers': [`cluster/${id}`],
      },
    ],
    [
      'Analytics: asks how far the topic and the group are',
      {
        ...connects,
        ...joins,
        DescribeGroup: [OWN, MAPPING],
        DescribeTopic: [EVENTS, SITES],
        ReadData: [SITES],
      },
    ],
    ['Dashboard: nothing', {}],
    [
      'Sites: is the only writer of the compacted topic',
      {
        ...connects,
        ...joins,
        ...transacts('sites-writer'),
        ...sitesSettings,
        DescribeTopic: [SITES],
        ReadData: [SITES],
        WriteData: [SITES],
      },
    ],
    [
      'Privacy: writes erasures as events',
      {
        ...connects,
        ...writes,
        ...joins,
        DescribeTopic: [EVENTS, SITES],
        ReadData: [SITES],
        WriteData: [EVENTS],
      },
    ],
    [
      'DeadLetters: reads and marks letters, sends events again',
      {
        ...connects,
        ...writes,
        ...joins,
        ...transacts('events.dlq-writer'),
        DescribeTopic: [LETTERS, EVENTS, SITES],
        ReadData: [LETTERS, SITES],
        WriteData: [LETTERS, EVENTS],
      },
    ],
    [
      'System: shows all topics, writes nothing',
      {
        ...connects,
        ...joins,
        DescribeTopic: [LETTERS, EVENTS, SIGNALS, SITES],
        ReadData: [LETTERS, EVENTS, SIGNALS, SITES],
      },
    ],
    [
      'Sweep: writes signals, finishes replays, erasures and changes of funnels',
      {
        ...connects,
        ...writes,
        ...joins,
        ...transacts('events.dlq-writer', 'signals-sweep', 'sites-writer'),
        ...sitesSettings,
        DescribeGroup: [OWN, MAPPING],
        DescribeTopic: [LETTERS, EVENTS, SIGNALS, SITES],
        ReadData: [LETTERS, SIGNALS, SITES],
        WriteData: [LETTERS, EVENTS, SIGNALS, SITES],
      },
    ],
  ])('of %s', (what, expected) => {
    const sorted = Object.fromEntries(
      Object.entries(expected).map(([action, some]) => [action, some.sort()]),
    );
    expect(rightsOf(what.split(':')[0]!)).toEqual(sorted);
  });
});
