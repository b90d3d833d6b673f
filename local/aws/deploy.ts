import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { runCommand } from '../command.ts';
import { startAws } from './emulator.ts';

/**
 * `npm run deploy:emulated`: runs `sls deploy` twice, goes back to the first deployment, and runs `sls remove`, against an emulated AWS on this machine
 * (moto, no Docker), and lists what Lambda has afterwards. Shows that the package uploads, and that
 * CloudFormation creates, updates, restores and removes the functions and the Kafka mapping. moto runs no function here
 * and ignores the HTTP API; test/integration/package.test.ts checks the routes.
 */
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');

async function main(): Promise<number> {
  const aws = await startAws({ port: 4566, log: console.log });
  process.once('SIGINT', () => void aws.stop());
  const env = { ...process.env, ...aws.env };
  /** Runs a command of the framework, its last argument being further variables. */
  const serverless = async (...args: (string | Record<string, string>)[]) => {
    const words = args.filter((arg) => typeof arg === 'string');
    const more = Object.assign({}, ...args.filter((arg) => typeof arg !== 'string'));
    const options = { cwd: root, env: { ...env, ...more }, stdio: 'inherit' } as const;
    const [code] = await once(spawn(sls, words, options), 'exit');
    if (code !== 0) throw new Error(`sls ${words.join(' ')} failed against the emulated AWS.`);
  };
  /** The timestamps of the deployments that `sls deploy list` names, ms. */
  const deployments = async () => {
    const list = spawn(sls, ['deploy', 'list'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [list.stdout, list.stderr]) {
      stream.on('data', (piece) => {
        said += piece;
      });
    }
    await once(list, 'close');
    return [...said.matchAll(/Timestamp: (\d+)/g)].map(([, timestamp]) => Number(timestamp));
  };

  const lambda = new LambdaClient({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.credentials,
  });
  const logLevel = async () => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: 'footfall-dev-collect' });
    return (await lambda.send(command)).Environment?.Variables?.POWERTOOLS_LOG_LEVEL;
  };
  const report = async () => {
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({}));
    for (const { FunctionName, Runtime, CodeSize } of Functions ?? []) {
      console.log(`  ${FunctionName}: ${Runtime}, ${Math.round((CodeSize ?? 0) / 1024)} KiB`);
    }
    for (const { FunctionArn, Topics } of EventSourceMappings ?? []) {
      console.log(`  topic ${Topics} → ${FunctionArn?.split(':').at(-1)}`);
    }
    return { functions: Functions?.length ?? 0, mappings: EventSourceMappings?.length ?? 0 };
  };

  try {
    await serverless('deploy');
    const deployed = await report();
    if (deployed.functions === 0 || deployed.mappings === 0) {
      throw new Error('The deployment reported success but left no function or no Kafka mapping.');
    }
    await sleep(1_000);
    const secondDeployment = Date.now();
    await serverless('deploy', '--force', { POWERTOOLS_LOG_LEVEL: 'DEBUG' });
    const changed = await logLevel();
    // The framework names a deployment by the time at which it was packaged.
    const timestamps = await deployments();
    const first = timestamps.find((timestamp) => timestamp < secondDeployment);
    if (first === undefined) throw new Error('sls deploy list does not name the first deployment.');
    await serverless('rollback', '--timestamp', String(first));
    const restored = await logLevel();
    if (changed !== 'DEBUG' || restored !== 'INFO') {
      throw new Error(`The log level is ${restored} after sls rollback; it was ${changed} before.`);
    }
    console.log('  sls rollback restored the first deployment.');
    await serverless('remove');
    const removed = await report();
    if (removed.functions + removed.mappings > 0) throw new Error('sls remove left something behind.');
    console.log('Deployed, deployed again, rolled back and removed.');
    return 0;
  } finally {
    lambda.destroy();
    await aws.stop();
  }
}

await runCommand(main);
