import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { GetBootstrapBrokersCommand, KafkaClient } from '@aws-sdk/client-kafka';
import { IAM } from '../../shared/platform/config.ts';
import { runCommand } from '../command.ts';

/**
 * `npm run --silent infrastructure:environment -- STACK`: prints the settings of a deployment from the outputs of
 * stack.yaml, as lines that a shell reads. Takes the account and the region from the environment, as AWS's own command
 * does. Prints ARNs and addresses, and no secret.
 */

/** `KafkaSaslSecretArn` is the setting KAFKA_SASL_SECRET_ARN. */
const settingOf = (output: string) => output.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();

async function stackOf(name: string): Promise<Stack> {
  const client = new CloudFormationClient({});
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks![0]!;
  } finally {
    client.destroy();
  }
}

/** CloudFormation does not know the brokers of an MSK cluster; MSK does. */
async function brokersOf(clusterArn: string, withIam: boolean): Promise<string> {
  const client = new KafkaClient({});
  try {
    const found = await client.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }));
    const brokers = withIam ? found.BootstrapBrokerStringSaslIam : found.BootstrapBrokerStringSaslScram;
    if (!brokers) throw new Error(`The cluster ${clusterArn} names no brokers for this login.`);
    return brokers;
  } finally {
    client.destroy();
  }
}

/** What the AWS SDK threw, as one sentence; a bug stays as it is. */
function explained(error: Error): Error {
  if (error.message === 'Region is missing') return new Error('Set AWS_REGION to the region of the stack.');
  if (error.name === 'CredentialsProviderError') {
    return new Error('There are no AWS credentials. Sign in as for the command aws, then try again.');
  }
  return '$metadata' in error ? new Error(`AWS says: ${error.message}`) : error;
}

/** Single quotes, in which a shell changes nothing. */
const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

async function main(): Promise<number> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error('Name the stack: npm run --silent infrastructure:environment -- STACK');
  const { Outputs = [] } = await stackOf(name);
  const settings = new Map(
    Outputs.map(({ OutputKey, OutputValue }) => [settingOf(OutputKey!), OutputValue!]),
  );
  const cluster = settings.get('KAFKA_CLUSTER_ARN');
  const withIam = settings.get('KAFKA_SASL_MECHANISM') === IAM;
  if (cluster) {
    settings.set('KAFKA_BROKERS', await brokersOf(cluster, withIam));
    // Only with IAM does Lambda's poller read from the cluster by its ARN.
    if (!withIam) settings.delete('KAFKA_CLUSTER_ARN');
  }
  for (const [setting, value] of settings) console.log(`export ${setting}=${quoted(value)}`);
  return 0;
}

await runCommand(() =>
  main().catch((error: Error) => {
    throw explained(error);
  }),
);
