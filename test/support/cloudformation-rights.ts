import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lintSchemas } from './template-checks.ts';

/** What CloudFormation asks of AWS on behalf of the caller, and what an IAM policy allows. */

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

/** What is particular to a type in this stack. */
interface Use {
  /** Where the type's own actions are allowed, without `arn:aws:`. An action is needed on each. */
  on: string[];
  /** Actions that serve one property only: needed when the template sets it. */
  onlyFor?: Record<string, string[]>;
  /** Actions that are not needed, by the reason. */
  never?: Record<string, string[]>;
  /** Actions that AWS's schema of the type leaves out, by AWS's page. */
  also?: Record<string, string[]>;
}

const ACCOUNT = 'eu-west-1:123456789012';
const FUNCTION = `lambda:${ACCOUNT}:function:footfall-prod-collect`;
const ROLE = `iam::123456789012:role/footfall-prod-CollectRole-1A2B3C`;
const BUCKET = 's3:::footfall-prod-serverlessdeploymentbucket-1a2b3c';
const KEY = `kms:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const API = 'apigateway:eu-west-1::/apis';
const DOMAINS = 'apigateway:eu-west-1::/domainnames';
const TAGS = 'apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway';

/** Each type that the stack may have. Without an entry here, a type is not checked, and the test says so. */
const USES: Record<string, Use> = {
  'AWS::ApiGatewayV2::Api': { on: [API, `${API}/a1b2c3`, TAGS], onlyFor: { BodyS3Location: ['s3:*'] } },
  'AWS::ApiGatewayV2::ApiMapping': { on: [`${DOMAINS}/events.example.com/apimappings`] },
  'AWS::ApiGatewayV2::DomainName': {
    on: [DOMAINS, `${DOMAINS}/events.example.com`, TAGS],
    onlyFor: { MutualTlsAuthentication: ['s3:*'] },
  },
  'AWS::ApiGatewayV2::Integration': {
    on: [`${API}/a1b2c3/integrations`],
    onlyFor: { CredentialsArn: ['iam:PassRole'] },
  },
  'AWS::ApiGatewayV2::Route': { on: [`${API}/a1b2c3/routes`] },
  'AWS::ApiGatewayV2::Stage': {
    on: [`${API}/a1b2c3/stages`, TAGS],
    also: {
      'Configure logging for HTTP APIs in API Gateway': [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
    },
  },
  'AWS::CloudWatch::Alarm': { on: [`cloudwatch:${ACCOUNT}:alarm:footfall-prod-numbers-are-late`] },
  'AWS::Events::Rule': {
    on: [`events:${ACCOUNT}:rule/footfall-prod-SweepEventsRuleSchedule1-1A2B3C`],
    onlyFor: { RoleArn: ['iam:PassRole'] },
  },
  'AWS::IAM::Role': {
    on: [ROLE],
    onlyFor: {
      ManagedPolicyArns: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
      PermissionsBoundary: ['iam:*RolePermissionsBoundary'],
    },
  },
  'AWS::KMS::Key': {
    on: [KEY],
    onlyFor: { Enabled: ['kms:DisableKey', 'kms:EnableKey'] },
    never: { 'the key is always rotated': ['kms:DisableKeyRotation'] },
  },
  'AWS::Lambda::EventInvokeConfig': { on: [FUNCTION] },
  'AWS::Lambda::EventSourceMapping': {
    on: [`lambda:${ACCOUNT}:event-source-mapping:12345678-1234-1234-1234-123456789012`],
    onlyFor: { KmsKeyArn: ['kms:*'] },
  },
  'AWS::Lambda::Function': {
    on: [FUNCTION],
    onlyFor: {
      CapacityProviderConfig: ['lambda:PassCapacityProvider', 'lambda:*FunctionScalingConfig'],
      CodeSigningConfigArn: ['lambda:*CodeSigningConfig'],
      FileSystemConfigs: ['elasticfilesystem:*', 's3files:*'],
      Layers: ['lambda:GetLayerVersion'],
      RecursiveLoop: ['lambda:PutFunctionRecursionConfig'],
      RuntimeManagementConfig: ['lambda:PutRuntimeManagementConfig', 'lambda:AssociateRuntimeAlias'],
    },
    never: { 'the code has no version in the bucket': ['s3:GetObjectVersion'] },
  },
  'AWS::Lambda::Permission': { on: [FUNCTION] },
  'AWS::Lambda::Version': {
    on: [`${FUNCTION}:1`],
    onlyFor: {
      FunctionScalingConfig: ['lambda:PutFunctionScalingConfig'],
      ProvisionedConcurrencyConfig: ['lambda:PutProvisionedConcurrencyConfig'],
      RuntimePolicy: ['lambda:PutRuntimeManagementConfig'],
    },
  },
  'AWS::Logs::LogGroup': {
    on: ['/aws/lambda/footfall-prod-collect', '/aws/http-api/footfall-prod'].flatMap((name) => [
      `logs:${ACCOUNT}:log-group:${name}`,
      `logs:${ACCOUNT}:log-group:${name}:*`,
    ]),
    onlyFor: {
      BearerTokenAuthenticationEnabled: ['logs:PutBearerTokenAuthentication'],
      DataProtectionPolicy: ['logs:PutDataProtectionPolicy', 'firehose:*', 's3:*'],
      DeletionProtectionEnabled: ['logs:PutLogGroupDeletionProtection'],
      FieldIndexPolicies: ['logs:PutIndexPolicy', 'logs:DeleteIndexPolicy'],
      ResourcePolicyDocument: ['logs:DeleteResourcePolicy'],
    },
    never: { 'a group always has a retention': ['logs:DeleteRetentionPolicy'] },
  },
  'AWS::Route53::RecordSet': { on: ['route53:::hostedzone/Z0123456789ABC'] },
  'AWS::S3::Bucket': {
    on: [BUCKET],
    onlyFor: {
      AccelerateConfiguration: ['s3:PutAccelerateConfiguration'],
      AccessControl: ['s3:PutObjectAcl'],
      AnalyticsConfigurations: ['s3:PutAnalyticsConfiguration', 's3:DeleteBucketAnalyticsConfiguration'],
      CorsConfiguration: ['s3:DeleteBucketCors'],
      IntelligentTieringConfigurations: ['s3:PutIntelligentTieringConfiguration'],
      InventoryConfigurations: ['s3:PutInventoryConfiguration'],
      LifecycleConfiguration: ['s3:PutLifecycleConfiguration', 's3:DeleteBucketLifecycle'],
      MetadataConfiguration: ['s3tables:*', 's3:*BucketMetadata*'],
      MetricsConfigurations: ['s3:PutMetricsConfiguration', 's3:DeleteBucketMetricsConfiguration'],
      ObjectLockConfiguration: ['s3:PutObjectLockConfiguration'],
      ReplicationConfiguration: [
        's3:PutReplicationConfiguration',
        's3:DeleteBucketReplication',
        'iam:PassRole',
      ],
      WebsiteConfiguration: ['s3:DeleteBucketWebsite'],
    },
    never: {
      'IAM has no such action: s3:PutBucketTagging allows it': ['s3:DeleteBucketTagging'],
      'IAM has no such action: s3:PutEncryptionConfiguration allows it': ['s3:DeleteBucketEncryption'],
    },
  },
  'AWS::S3::BucketPolicy': { on: [BUCKET] },
  'AWS::SNS::Subscription': {
    on: [`sns:${ACCOUNT}:footfall-prod-alarms`],
    onlyFor: { SubscriptionRoleArn: ['iam:*'] },
    never: { 'another address is another subscription': ['sns:SetSubscriptionAttributes'] },
  },
  'AWS::SNS::Topic': {
    on: [`sns:${ACCOUNT}:footfall-prod-alarms`],
    onlyFor: { DataProtectionPolicy: ['sns:PutDataProtectionPolicy'], DeliveryStatusLogging: ['iam:*'] },
  },
  'AWS::SNS::TopicPolicy': { on: [`sns:${ACCOUNT}:footfall-prod-alarms`] },
};

/** Where the actions of a service are allowed that a type of another service needs. */
const ELSEWHERE: Record<string, string> = {
  ec2: '*',
  iam: ROLE,
  kms: KEY,
  logs: `logs:${ACCOUNT}:log-group:/aws/http-api/footfall-prod`,
  s3: `${BUCKET}/collect.zip`,
};

/** Actions for which AWS has no resource (Service Authorization Reference): they are allowed on `*` or not at all. */
const WITHOUT_RESOURCE = [
  'cloudformation:ValidateTemplate',
  'ec2:Describe*',
  'kms:CreateKey',
  'lambda:CreateEventSourceMapping',
  'lambda:ListEventSourceMappings',
  'logs:*LogDeliver*',
  'logs:DescribeIndexPolicies',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:PutResourcePolicy',
  'route53:ListHostedZones',
  'sns:GetSubscriptionAttributes',
  'sns:Unsubscribe',
];

/** Whether a text is what an IAM pattern says; `*` is any text. */
export const isLike = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 'i').test(text);
const isOneOf = (patterns: readonly string[], action: string) =>
  patterns.some((pattern) => isLike(pattern, action));

/** Asked for once: finding it starts Python. */
let folder: Promise<string> | undefined;

interface Schema {
  handlers: Partial<Record<string, { permissions: string[] }>>;
  tagging?: { permissions?: string[] };
}

/**
 * The actions that creating, reading, changing and deleting a resource takes, by AWS's own schema of its type, such as
 * `lambda:CreateFunction`.
 */
export async function schemaActions(type: string): Promise<string[]> {
  folder ??= lintSchemas();
  const schemas = await folder;
  const names = JSON.parse(await readFile(join(schemas, 'providers', 'eu-west-1.json'), 'utf8'));
  const file = join(schemas, 'resources', `${names[type]}.json`);
  const { handlers, tagging } = JSON.parse(await readFile(file, 'utf8')) as Schema;
  const used = ['create', 'read', 'update', 'delete'].flatMap((name) => handlers[name]?.permissions ?? []);
  return [...new Set([...used, ...(tagging?.permissions ?? [])])].sort();
}

/** An action and where it is needed: `*` or an ARN. */
export interface Need {
  type: string;
  action: string;
  on: string;
}

/**
 * What CloudFormation needs for the resources of a template.
 * @throws Error for a type without an entry in USES, and for a pattern there that matches nothing.
 */
export async function needsOf(resources: readonly Resource[]): Promise<Need[]> {
  const needs: Need[] = [];
  for (const type of new Set(resources.map(({ Type }) => Type))) {
    const use = USES[type];
    if (!use) throw new Error(`${type} has no entry in test/support/cloudformation-rights.ts.`);
    const actions = [...(await schemaActions(type)), ...Object.values(use.also ?? {}).flat()];
    const isSet = (name: string) =>
      resources.some(({ Type, Properties }) => Type === type && Properties[name] !== undefined);
    const spared = [
      ...Object.entries(use.onlyFor ?? {}).flatMap(([name, some]) => (isSet(name) ? [] : some)),
      ...Object.values(use.never ?? {}).flat(),
    ];
    const idle = spared.find((pattern) => !actions.some((action) => isLike(pattern, action)));
    if (idle) throw new Error(`AWS's schema of ${type} has no ${idle} any more.`);
    const service = use.on[0]!.split(':', 1)[0];
    for (const action of actions.filter((one) => !isOneOf(spared, one))) {
      const of = action.split(':', 1)[0]!;
      const on = of === service ? use.on : [ELSEWHERE[of] ?? `no ARN of ${of} is known`];
      for (const one of isOneOf(WITHOUT_RESOURCE, action) ? ['*'] : on) {
        needs.push({ type, action, on: one === '*' ? '*' : `arn:aws:${one}` });
      }
    }
  }
  return needs;
}

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

/** What AWS tells about a request, by the condition keys that the Service Authorization Reference lists for the action. */
function contextOf(action: string): Record<string, string> {
  if (action === 'iam:PassRole') return { 'iam:PassedToService': 'lambda.amazonaws.com' };
  if (isLike('lambda:*EventSourceMapping', action)) return { 'lambda:FunctionArn': `arn:aws:${FUNCTION}` };
  return {};
}

/** Whether an IAM policy of Allow statements allows an action there. */
export function allows(
  statements: readonly Statement[],
  { action, on }: Pick<Need, 'action' | 'on'>,
): boolean {
  const context = contextOf(action);
  return statements.some(
    ({ Action, Resource, Condition }) =>
      isOneOf([Action].flat(), action) &&
      [Resource].flat().some((pattern) => isLike(pattern, on)) &&
      Object.values(Condition ?? {}).every((test) =>
        Object.entries(test).every(
          ([key, value]) => context[key] !== undefined && isLike(value, context[key]),
        ),
      ),
  );
}
