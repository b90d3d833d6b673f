import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import type { EmulatedAws } from './emulator.ts';
import type { Deployment } from './serverless-file.ts';

const last = (arn: string | undefined, separator: string) => arn?.split(separator).at(-1) ?? '';

/** What an account has, read through the SDK: with an emulator that was empty before, what was deployed. */
export async function readBack({ endpoint, credentials, region }: EmulatedAws): Promise<Deployment> {
  const options = { endpoint, credentials, region };
  const lambda = new LambdaClient(options);
  const iam = new IAMClient(options);
  const events = new EventBridgeClient(options);
  const logs = new CloudWatchLogsClient(options);
  try {
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
    const reserved = new Map(
      await Promise.all(
        Functions.map(async ({ FunctionName }) => {
          const found = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
          return [FunctionName, found.ReservedConcurrentExecutions] as const;
        }),
      ),
    );
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
    const shortRole = (name: string) => /-(\w+Role)(-\w+)?$/.exec(name)?.[1] ?? name;

    const roles = await Promise.all(
      Roles.map(async ({ RoleName, AssumeRolePolicyDocument }) => {
        const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
        const policies = await Promise.all(
          PolicyNames.map(async (PolicyName) => {
            const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
            return [PolicyName, documentOf(PolicyDocument)] as const;
          }),
        );
        const trust = documentOf(AssumeRolePolicyDocument);
        return [shortRole(RoleName!), { trust, policies: Object.fromEntries(policies) }] as const;
      }),
    );
    const schedules = await Promise.all(
      Rules.map(async ({ Name, ScheduleExpression }) => {
        const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
        return Targets.map(({ Arn }) => [last(Arn, ':'), ScheduleExpression ?? ''] as const);
      }),
    );
    return {
      functions: Object.fromEntries(
        Functions.map((one) => {
          const { FunctionName, Description, Handler, Runtime, Timeout, MemorySize, Environment, Role } = one;
          const role = shortRole(last(Role, '/'));
          const kept = { Description, Handler, Runtime, Timeout, MemorySize, role };
          const concurrency = reserved.get(FunctionName) ?? null;
          return [FunctionName!, { ...kept, Environment: Environment?.Variables ?? {}, concurrency }];
        }),
      ),
      roles: Object.fromEntries(roles),
      mappings: EventSourceMappings.map((one) => ({
        function: last(one.FunctionArn, ':'),
        Topics: one.Topics,
        brokers: one.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS,
        group: one.SelfManagedKafkaEventSourceConfig?.ConsumerGroupId,
        BatchSize: one.BatchSize,
        StartingPosition: one.StartingPosition,
        secrets: (one.SourceAccessConfigurations ?? []).flatMap(({ URI }) =>
          URI?.startsWith('arn:') ? [URI] : [],
        ),
      })),
      schedules: Object.fromEntries(schedules.flat()),
      logs: Object.fromEntries(
        logGroups.map(({ logGroupName, retentionInDays }) => [logGroupName!, retentionInDays ?? 0]),
      ),
    };
  } finally {
    for (const client of [lambda, iam, events, logs]) client.destroy();
  }
}

/** IAM answers policies as percent-encoded JSON. */
const documentOf = (text: string | undefined) => JSON.parse(decodeURIComponent(text ?? '{}'));
