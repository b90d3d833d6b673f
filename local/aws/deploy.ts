import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { runCommand } from '../command.ts';
import { startAws } from './emulator.ts';

/**
 * `npm run deploy:emulated`: runs `sls deploy` twice and `sls remove` against an emulated AWS on this machine
 * (moto, no Docker), and lists what Lambda has afterwards. Shows that the package uploads, and that
 * CloudFormation creates, updates and removes the functions and the Kafka mapping. moto runs no function here
 * and ignores the HTTP API; test/integration/package.test.ts checks the routes.
 */
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');

async function main(): Promise<number> {
  const aws = await startAws({ port: 4566, log: console.log });
  process.once('SIGINT', () => void aws.stop());
  const env = { ...process.env, ...aws.env };
  const serverless = async (...args: string[]) => {
    const [code] = await once(spawn(sls, args, { cwd: root, env, stdio: 'inherit' }), 'exit');
    if (code !== 0) throw new Error(`sls ${args.join(' ')} failed against the emulated AWS.`);
  };

  const lambda = new LambdaClient({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.credentials,
  });
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
    await serverless('deploy', '--force');
    await serverless('remove');
    const removed = await report();
    if (removed.functions + removed.mappings > 0) throw new Error('sls remove left something behind.');
    console.log('Deployed, deployed again and removed.');
    return 0;
  } finally {
    lambda.destroy();
    await aws.stop();
  }
}

await runCommand(main);
