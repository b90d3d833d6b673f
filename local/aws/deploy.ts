import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Secret } from '../../shared/platform/secrets.ts';
import { runCommand } from '../command.ts';
import { type EmulatedAws, startAws } from './emulator.ts';
import { readBack } from './read-back.ts';
import { type Deployment, deploymentOf, routesOfFile, routesOfTemplate } from './serverless-file.ts';

/**
 * `npm run deploy:emulated`: creates a stack in an emulated AWS on this machine (moto, no Docker), changes one function,
 * goes back to the first deployment and removes the stack. After each step it reads functions, roles, the Kafka mapping,
 * schedules, log groups and secrets through the SDK, and compares them with serverless.yml. moto runs no function and
 * ignores the HTTP API, so the routes are compared in the template.
 */
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');
/** moto's own. */
const ACCOUNT = '123456789012';
const STAGE = 'emulated';

const EMPTY: Deployment = { functions: {}, roles: {}, mappings: [], schedules: {}, logs: {} };

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-emulated-'));
  const aws = await startAws({ log: console.log });
  process.once('SIGINT', () => void aws.stop());
  try {
    Object.assign(process.env, aws.env, await withSecrets(aws), LOGS);
    const serverless = async (args: string[], env: Record<string, string> = {}) => {
      Object.assign(process.env, env);
      const options = { cwd: root, env: process.env, stdio: 'inherit' } as const;
      const [code] = await once(spawn(sls, [...args, '--stage', STAGE], options), 'exit');
      if (code !== 0) throw new Error(`sls ${args.join(' ')} failed against the emulated AWS.`);
    };
    const where = { stage: STAGE, region: aws.region, account: ACCOUNT };
    const file = () => deploymentOf(process.env, where);

    await serverless(['package', '--package', folder]);
    assert.deepEqual(
      routesOfTemplate(join(folder, 'cloudformation-template-update-stack.json')),
      routesOfFile(),
      'The routes of the template are not those of serverless.yml.',
    );
    await serverless(['deploy', '--package', folder]);
    const created = await readBack(aws);
    expectSame(created, await file());
    await expectReadable(created);
    console.log(`Created: ${Object.keys(created.functions).length} functions, as serverless.yml says.`);

    await serverless(['deploy'], { COLLECT_CONCURRENCY: '7' });
    const collect = `footfall-${STAGE}-collect`;
    const changed = await readBack(aws);
    expectSame(changed, await file());
    expectSame(changed, {
      ...created,
      functions: { ...created.functions, [collect]: { ...created.functions[collect], concurrency: 7 } },
    });
    console.log('Changed one function; the others are as they were.');

    await serverless(['rollback', '--timestamp', await firstDeployment()], { COLLECT_CONCURRENCY: '' });
    expectSame(await readBack(aws), created);
    console.log('Went back to the first deployment.');

    await serverless(['remove']);
    // moto ignores DeletionPolicy; in AWS, a stage that may be in production leaves its logs.
    expectSame(await readBack(aws), EMPTY);
    console.log('Created, changed, rolled back and removed.');
    return 0;
  } finally {
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The oldest timestamp that `sls deploy list` names, as `sls rollback` takes it. */
async function firstDeployment(): Promise<string> {
  const list = spawn(sls, ['deploy', 'list', '--stage', STAGE], {
    cwd: root,
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said] = await Promise.all([
    Promise.all([text(list.stdout), text(list.stderr)]).then((both) => both.join('\n')),
    once(list, 'close'),
  ]);
  const [first] = [...said.matchAll(/Timestamp: (\d+)/g)].map(([, timestamp]) => timestamp!).sort();
  if (first === undefined) throw new Error(`sls deploy list names no deployment:\n${said}`);
  return first;
}

const LOGS = { LOG_RETENTION_DAYS: '30' };

/** Stores secrets as an operator does. @returns the settings that name them */
async function withSecrets({ endpoint, credentials, region }: EmulatedAws): Promise<Record<string, string>> {
  const client = new SecretsManagerClient({ endpoint, credentials, region });
  const store = async (name: string, fields: Record<string, string>) => {
    const { ARN } = await client.send(
      new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(fields) }),
    );
    return ARN!;
  };
  try {
    return {
      KAFKA_BROKERS: 'b-1.example.com:9096,b-2.example.com:9096',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_SECRET_ARN: await store('footfall/kafka', { username: 'footfall', password: 'of Kafka' }),
      REDIS_URL: 'rediss://redis.example.com:6379',
      REDIS_SECRET_ARN: await store('footfall/redis', { username: 'footfall', password: 'of Redis' }),
    };
  } finally {
    client.destroy();
  }
}

/** @throws an error that shows the differences */
function expectSame(found: Deployment, said: Deployment): void {
  for (const part of Object.keys(EMPTY) as (keyof Deployment)[]) {
    assert.deepEqual(found[part], said[part], new DifferenceError(part, found[part], said[part]));
  }
}

/** Node's own message of a comparison, after a sentence. */
class DifferenceError extends Error {
  constructor(part: string, actual: unknown, expected: unknown) {
    const { message } = new assert.AssertionError({ actual, expected, operator: 'deepStrictEqual' });
    super(`The ${part} in the emulated AWS are not what serverless.yml says.\n${message}`);
  }
}

/** The ARNs that the functions have lead to the secrets. */
async function expectReadable({ functions }: Deployment): Promise<void> {
  const { Environment } = functions[`footfall-${STAGE}-collect`] as { Environment: Record<string, string> };
  const passwords = await Promise.all(
    [Environment.KAFKA_SASL_SECRET_ARN, Environment.REDIS_SECRET_ARN].map(
      async (arn) => (await new Secret(arn!).read()).password,
    ),
  );
  assert.deepEqual(passwords, ['of Kafka', 'of Redis']);
}

await runCommand(main);
