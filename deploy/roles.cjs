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
 * What a function may do: what Lambda does for it and what its code calls. test/integration/roles.test.ts names the
 * reason for each action.
 * @param name of the function in serverless.yml
 * @param {{ stage: string, secrets: string[], kmsKey?: string, vpc: object | null, tracing: boolean, hasPoller: boolean }} options
 */
function statementsOf(name, { stage, secrets, kmsKey, vpc, tracing, hasPoller }) {
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
  const { secrets, kmsKey, vpc, tracing, leavesOut } = settings(process.env, stage);
  const functions = Object.entries(await resolveConfigurationProperty(['functions'])).filter(
    ([name]) => !(name === 'simulate' && leavesOut.simulate),
  );
  return {
    Resources: Object.fromEntries(
      functions.map(([name, { events = [] }]) => {
        const hasPoller = events.some(({ kafka }) => kafka);
        return [logicalId(name), roleOf(name, { stage, secrets, kmsKey, vpc, tracing, hasPoller })];
      }),
    ),
  };
};
