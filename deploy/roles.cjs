'use strict';

const { settings } = require('./settings.cjs');

/** Functions without Kafka and Redis, so without their secrets. */
const WITHOUT_SERVERS = ['dashboard'];

const logicalId = (name) => `${name[0].toUpperCase()}${name.slice(1)}Role`;

const allow = (actions, resources, rest) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
  ...rest,
});

/** AWS has no narrower resource for these: the ids are not known before the calls ("Lambda execution role" for a VPC). */
const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
/** What Lambda's poller asks beyond that ("Configuring network security for self-managed Kafka"). */
const POLLER_NETWORK = ['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups'];

/** X-Ray's actions take no resource (Service Authorization Reference). */
const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/**
 * What each function does with the topics, for a role that signs in to MSK. `writes`: by a producer, `transacts`: by the
 * only writer, with a transactional id, `reads`: in a group of its own, `measures`: asks how far a topic goes. Each function
 * but the dashboard reads the sites, too.
 */
const USES = {
  collect: { writes: ['events'] },
  // `reads` and the group of the mapping are also the poller's.
  aggregate: {
    writes: ['events', 'deadLetters'],
    reads: ['events', 'deadLetters'],
    measures: ['events', 'deadLetters'],
    asksGroup: true,
  },
  analytics: { measures: ['events'], asksGroup: true },
  sites: { transacts: ['sites'] },
  privacy: { writes: ['events'] },
  deadLetters: { writes: ['events'], transacts: ['deadLetters'], reads: ['deadLetters'] },
  system: { reads: ['events', 'deadLetters', 'signals'], measures: ['events'] },
  sweep: {
    writes: ['events'],
    transacts: ['deadLetters', 'signals', 'sites'],
    reads: ['deadLetters', 'signals'],
    measures: ['events'],
    asksGroup: true,
  },
  simulate: { writes: ['events'] },
};

/** Who writes a topic in transactions; the ids are in shared/…/signals-topic.ts, letter-writer.ts and sites-topic.ts. */
const TRANSACTIONAL_ID = { signals: 'sweep', deadLetters: 'writer', sites: 'writer' };

/** Groups of readers that choose their own offsets (shared/platform/kafka/reading.ts); each has a random end. */
const OWN_GROUPS = 'footfall-catch-up-*';

/**
 * The rights of a function in an MSK cluster with IAM ("Semantics of IAM authorization policy actions and resources").
 * @param name of the function
 * @param {{ msk: object, topics: Record<string, string>, group: string, hasPoller: boolean }} options
 */
function kafkaStatements(name, { msk, topics, group, hasPoller }) {
  const { writes = [], transacts = [], reads = [], measures = [], asksGroup = false } = USES[name];
  const topicArns = (names) => [...new Set(names)].map((one) => msk.arnOf('topic', topics[one]));
  const some = (actions, resources) => (resources.length > 0 ? [allow(actions, resources)] : []);
  const read = [...reads, 'sites'];
  const groups = [msk.arnOf('group', OWN_GROUPS)];
  const ofMapping = msk.arnOf('group', group);
  return [
    allow(
      [
        'kafka-cluster:Connect',
        ...(writes.length > 0 ? ['kafka-cluster:WriteDataIdempotently'] : []),
        ...(hasPoller ? ['kafka-cluster:DescribeClusterDynamicConfiguration'] : []),
      ],
      [msk.arn],
    ),
    allow(['kafka-cluster:DescribeTopic'], topicArns([...read, ...measures, ...writes, ...transacts])),
    allow(['kafka-cluster:ReadData'], topicArns(read)),
    ...some(['kafka-cluster:WriteData'], topicArns([...writes, ...transacts])),
    // sites is written only where it is compacted.
    ...some(
      ['kafka-cluster:DescribeTopicDynamicConfiguration'],
      topicArns(transacts.filter((one) => one === 'sites')),
    ),
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup', 'kafka-cluster:DeleteGroup'], groups),
    ...(hasPoller
      ? [allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [ofMapping])]
      : some(['kafka-cluster:DescribeGroup'], asksGroup ? [ofMapping] : [])),
    ...some(
      ['kafka-cluster:DescribeTransactionalId', 'kafka-cluster:AlterTransactionalId'],
      transacts.map((one) => msk.arnOf('transactional-id', `${topics[one]}-${TRANSACTIONAL_ID[one]}`)),
    ),
    // What Lambda's poller asks of MSK itself ("Configuring Lambda permissions for Amazon MSK event source mappings").
    ...(hasPoller ? [allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [msk.arn])] : []),
  ];
}

/**
 * What a function may do: what Lambda does for it and what its code calls. test/deploy/secure-package.test.ts names
 * the reason for each action, and msk-package.test.ts those of MSK.
 * @param name of the function in serverless.yml
 * @param {{ stage: string, secrets: string[], kmsKey?: string, vpc: object | null, tracing: boolean, hasPoller: boolean, msk?: object, topics: object }} options
 */
function statementsOf(name, { stage, secrets, kmsKey, vpc, tracing, hasPoller, msk, topics }) {
  const statements = [
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // The stack makes the group, so creating one is not allowed.
      [
        {
          'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/footfall-${stage}-${name}:*`,
        },
      ],
    ),
  ];
  if (secrets.length > 0 && !WITHOUT_SERVERS.includes(name)) {
    statements.push(allow(['secretsmanager:GetSecretValue'], secrets));
    if (kmsKey) {
      // Only for reading a secret: other data under the same key stay closed.
      const viaSecrets = {
        StringEquals: {
          'kms:ViaService': {
            'Fn::Join': ['.', ['secretsmanager', { Ref: 'AWS::Region' }, 'amazonaws.com']],
          },
        },
      };
      statements.push(allow(['kms:Decrypt'], [kmsKey], { Condition: viaSecrets }));
    }
  }
  if (msk && !WITHOUT_SERVERS.includes(name)) {
    const group = `footfall-${stage}-aggregate`;
    statements.push(...kafkaStatements(name, { msk, topics, group, hasPoller }));
  }
  if (vpc) {
    const actions = hasPoller ? [...NETWORK, ...POLLER_NETWORK] : NETWORK;
    statements.push(allow(actions, '*'), {
      // Lambda needs them, the function's code does not ("Giving functions access to resources in a VPC").
      Effect: 'Deny',
      Action: actions,
      Resource: '*',
      Condition: {
        ArnEquals: {
          'lambda:SourceFunctionArn': {
            'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:footfall-${stage}-${name}`,
          },
        },
      },
    });
  }
  if (tracing) statements.push(allow(TRACING, '*'));
  return statements;
}

function roleOf(name, options) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `Of the function footfall-${options.stage}-${name}`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: name,
          PolicyDocument: { Version: '2012-10-17', Statement: statementsOf(name, options) },
        },
      ],
    },
  };
}

/** For serverless.yml: a role for each function. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const stage = await resolveConfigurationProperty(['provider', 'stage']);
  const { secrets, kmsKey, vpc, tracing, leavesOut, msk, topics } = settings(process.env, stage);
  const functions = Object.entries(await resolveConfigurationProperty(['functions'])).filter(
    ([name]) => !(name === 'simulate' && leavesOut.simulate),
  );
  return {
    Resources: Object.fromEntries(
      functions.map(([name, { events = [] }]) => {
        const hasPoller = events.some(({ kafka }) => kafka);
        return [
          logicalId(name),
          roleOf(name, { stage, secrets, kmsKey, vpc, tracing, hasPoller, msk, topics }),
        ];
      }),
    ),
  };
};
