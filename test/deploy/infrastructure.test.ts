import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import { startAws } from '../../local/aws/emulator.ts';
import { closing } from '../support/closing.ts';
import { schemaActions } from '../support/cloudformation-rights.ts';
import { checkovFindings, lintFindings } from '../support/template-checks.ts';

/** The optional stack with network, Kafka and Redis: what judges it, and how far an emulator gets with it. */

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const { settings } = require('../../deploy/settings.cjs') as {
  settings: (env: NodeJS.ProcessEnv) => {
    environment: NodeJS.ProcessEnv;
    brokers: string[];
    access: object;
  };
};
const { refusals } = require('../../deploy/guard.cjs') as {
  refusals: (environment: object, kafka: object, env: NodeJS.ProcessEnv) => string[];
};
const root = join(import.meta.dirname, '..', '..');
const path = join(root, 'deploy', 'infrastructure', 'stack.yaml');
const body = readFileSync(path, 'utf8');

interface Rule {
  Type: string;
  Properties: Record<string, string>;
}

test('CloudFormation accepts it', async () => {
  expect(await lintFindings(path)).toEqual([]);
});

test('checkov finds nothing', async () => {
  expect(await checkovFindings(path)).toEqual([]);
});

test('its README names each service in which its maker needs rights', async () => {
  /** What the types can do besides, and this stack does not. */
  const UNUSED: Record<string, string> = {
    'acm-pca': 'clients of MSK have no certificates',
    firehose: 'no logs go to Firehose',
    s3: 'no logs and no backups of the cluster are in a bucket',
    ssm: 'the instance has no associations',
    'vpc-lattice': 'no endpoint is of a service network',
    vpce: 'no endpoint is of another region',
  };
  const { Resources } = parse(body, { logLevel: 'silent' }) as { Resources: Record<string, Rule> };
  const types = [...new Set(Object.values(Resources).map(({ Type }) => Type))];
  const actions = (await Promise.all(types.map(schemaActions))).flat();
  const services = new Set(actions.map((action) => action.split(':', 1)[0]!.toLowerCase()));
  expect(Object.keys(UNUSED).filter((one) => !services.has(one))).toEqual([]);
  const needed = ['cloudformation', ...[...services].filter((one) => !UNUSED[one])];

  const readme = readFileSync(join(root, 'deploy', 'infrastructure', 'README.md'), 'utf8');
  const [, list] = /rights in these services: ([^.]+)\./.exec(readme)!;
  expect(list!.match(/[a-z0-9-]+/g)!.sort()).toEqual(needed.sort());
});

describe('the security groups', () => {
  // Functions such as !Ref become texts.
  const { Resources } = parse(body, { logLevel: 'silent' }) as { Resources: Record<string, Rule> };
  const all = Object.values(Resources);
  const group = (text: string | undefined) => text?.replace(/Group\..*/, '');
  const port = ({ FromPort, ToPort }: Rule['Properties']) => {
    expect(FromPort).toEqual(ToPort);
    return String(FromPort).replace('IsMskIam,', '');
  };
  const out = all
    .filter(({ Type }) => Type === 'AWS::EC2::SecurityGroupEgress')
    .map(({ Properties: rule }) =>
      [group(rule.GroupId), group(rule.DestinationSecurityGroupId) ?? rule.CidrIp, port(rule)].join(' '),
    );
  const into = all
    .filter(({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress')
    .map(({ Properties: rule }) =>
      [group(rule.SourceSecurityGroupId), group(rule.GroupId), port(rule)].join(' '),
    );

  test('let each side reach what it needs, and nothing else', () => {
    expect(into.sort()).toEqual([
      'Functions Endpoints 443',
      'Functions Kafka 9098,9096',
      'Functions Redis 6379',
      'Kafka Endpoints 443',
      'Kafka Kafka 9098',
    ]);
  });

  test('let out what they let in, and the broker to S3', () => {
    expect(out.sort()).toEqual([...into, 'Kafka 0.0.0.0/0 443'].sort());
  });
});

test('the scripts of the instance are ones that a shell reads, and keep passwords out of arguments', async () => {
  const { Resources } = parse(body, { logLevel: 'silent' }) as {
    Resources: {
      KafkaInstance: { Properties: { UserData: { 'Fn::Base64': { 'Fn::Sub': [string, object] } } } };
    };
  };
  const [text] = Resources.KafkaInstance.Properties.UserData['Fn::Base64']['Fn::Sub'];
  // CloudFormation replaces these before the instance sees the script.
  const script = text.replaceAll(/\$\{[\w:]+\}/g, 'value');
  const inner = [...script.matchAll(/cat > \/opt\/kafka\/(\w+\.sh) <<'END'\n(.*?)\nEND\n/gs)];
  expect(inner.map(([, name]) => name)).toEqual(['prepare.sh', 'settle.sh']);
  for (const one of [script, ...inner.map(([, , content]) => content!)]) {
    const checked = await run('bash', ['-n', '-c', one]);
    expect(checked.stderr).toBe('');
  }
  expect(script).not.toMatch(/--add-config |password=\$/);
});

describe('in an emulator', () => {
  const brokers = {
    bootstrapBrokerStringSaslIam: 'b-1.example.com:9098,b-2.example.com:9098',
    bootstrapBrokerStringSaslScram: 'b-1.example.com:9096,b-2.example.com:9096',
  };
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const aws = closing(await startAws({ log: () => {} }), (one) => one.stop());
    // moto has no GetBootstrapBrokers. This answers as MSK's reference says.
    const msk = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.endsWith('/bootstrap-brokers') ? brokers : {}));
    }).listen(0, '127.0.0.1');
    await once(msk, 'listening');
    closing(msk, (one) => one.close());
    const { port } = msk.address() as AddressInfo;
    env = { ...process.env, ...aws.env, AWS_ENDPOINT_URL_KAFKA: `http://127.0.0.1:${port}` };
  });

  /** Makes the stack, and reads what the command prints as a shell would. */
  async function deploy(parameters: Record<string, string>): Promise<Record<string, string>> {
    const name = `footfall-${parameters.Kafka}`;
    const client = new CloudFormationClient({
      region: env.AWS_REGION!,
      endpoint: env.AWS_ENDPOINT_URL!,
      credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
    });
    try {
      await client.send(
        new CreateStackCommand({
          StackName: name,
          TemplateBody: body,
          Capabilities: ['CAPABILITY_IAM'],
          Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
            ParameterKey,
            ParameterValue,
          })),
        }),
      );
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
      expect(Stacks![0]!.StackStatus).toBe('CREATE_COMPLETE');
    } finally {
      client.destroy();
    }
    const program = join(root, 'local', 'aws', 'infrastructure-environment.ts');
    const { stdout } = await run(process.execPath, [program, name], { env });
    const shell = await run('sh', ['-c', `${stdout}\nenv`], { env: {} });
    const lines = shell.stdout.trim().split('\n');
    const read = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
    return Object.fromEntries(Object.entries(read).filter(([key]) => stdout.includes(`export ${key}=`)));
  }

  test.each([
    ['without a region', { AWS_REGION: undefined }, 'Set AWS_REGION to the region of the stack.'],
    ['with another name', {}, 'AWS says: Stack with id nowhere does not exist'],
  ])('the command says in one sentence what is wrong: %s', async (_, settings, sentence) => {
    const program = join(root, 'local', 'aws', 'infrastructure-environment.ts');
    const asked = run(process.execPath, [program, 'nowhere'], { env: { ...env, ...settings } });
    await expect(asked).rejects.toMatchObject({ code: 1, stdout: '', stderr: `${sentence}\n` });
  });

  /** moto makes no secret and no cluster, so their ARNs are placeholders there. */
  const withArns = (read: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(read).map(([name, value]) => {
        if (/_SECRET_ARN$/.test(name)) {
          return [name, `arn:aws:secretsmanager:us-east-1:123456789012:secret:${value}-AbCdEf`];
        }
        if (name !== 'KAFKA_CLUSTER_ARN') return [name, value];
        return [
          name,
          'arn:aws:kafka:us-east-1:123456789012:cluster/footfall/0123abcd-4567-89ef-0123-456789abcdef-1',
        ];
      }),
    );

  /** What the guard says about a deployment with these settings and an operator's own. */
  const refused = (read: Record<string, string>) => {
    const all = {
      ...withArns(read),
      FOOTFALL_ADMIN_KEY_HASH: '1'.repeat(64),
      ALARM_EMAIL: 'ops@example.com',
    };
    const { environment, brokers: servers, access } = settings(all);
    return refusals(environment, { bootstrapServers: servers, accessConfigurations: access }, all);
  };

  const common = {
    KAFKA_SSL: 'true',
    EVENTS_PARTITIONS: '16',
    REDIS_URL: 'rediss://Redis.PrimaryEndPoint:6379',
    REDIS_SECRET_ARN: 'RedisSecret',
    VPC_SUBNET_IDS: expect.stringMatching(/^subnet-\w+(,subnet-\w+){2}$/),
    VPC_SECURITY_GROUP_IDS: expect.stringMatching(/^sg-\w+$/),
    KMS_KEY_ARN: expect.stringMatching(/^arn:aws:kms:/),
  };

  test('MSK with IAM: the deployment gets all it asks for', async () => {
    const read = await deploy({ Kafka: 'msk-iam' });
    expect(read).toEqual({
      ...common,
      KAFKA_BROKERS: brokers.bootstrapBrokerStringSaslIam,
      KAFKA_CLUSTER_ARN: 'MskCluster.Arn',
      KAFKA_SASL_MECHANISM: 'aws-msk-iam',
    });
    expect(refused(read)).toEqual([]);
  });

  test('MSK with a password: the secret instead of the cluster', async () => {
    const read = await deploy({ Kafka: 'msk-scram', EventsPartitions: '64', Pollers: 'provisioned' });
    expect(read).toEqual({
      ...common,
      EVENTS_PARTITIONS: '64',
      KAFKA_BROKERS: brokers.bootstrapBrokerStringSaslScram,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_SECRET_ARN: 'KafkaSecret',
    });
    expect(refused(read)).toEqual([]);
  });

  test('Kafka on one instance in two zones: its name, and its authority', async () => {
    const read = await deploy({
      Kafka: 'ec2',
      Zones: '2',
      Ec2Image: 'ami-0123456789abcdef0',
      KafkaArchive: 'example-bucket/kafka.tgz',
      KafkaArchiveSha512: 'a'.repeat(128),
    });
    expect(read).toEqual({
      ...common,
      VPC_SUBNET_IDS: expect.stringMatching(/^subnet-\w+,subnet-\w+$/),
      KAFKA_BROKERS: 'kafka.footfall-ec2.internal:9096',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_SECRET_ARN: 'KafkaSecret',
      KAFKA_CA_SECRET_ARN: 'KafkaCaSecret',
    });
    expect(refused(read)).toEqual([]);
  });
});
