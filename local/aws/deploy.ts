import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { runCommand } from '../command.ts';
import { freePort } from '../services/ports.ts';
import { pythonPackage } from '../services/python.ts';
import { footfallDir } from '../services/services.ts';

/**
 * `npm run deploy:emulated`: runs `sls deploy` twice and `sls remove` against an emulated AWS on this machine
 * (moto, no Docker), and lists what Lambda has afterwards. Shows that the package uploads, and that
 * CloudFormation creates, updates and removes the functions and the Kafka mapping. moto runs no function here
 * and ignores the HTTP API; test/integration/package.test.ts checks the routes.
 */
const root = join(import.meta.dirname, '..', '..');
const sls = join(root, 'node_modules', '.bin', 'sls');

async function main(): Promise<number> {
  console.log('Downloading moto into .footfall/cache unless it is there (about 300 MB, once)…');
  const python = await pythonPackage(
    { name: 'moto', requirement: 'moto[server]', version: '5.2.5' },
    { cacheDir: join(footfallDir, 'cache'), env: process.env, log: console.log },
  );
  const port = await freePort(4566);
  const server = spawn(
    python.command,
    [...python.args, join(import.meta.dirname, 'server.py'), String(port)],
    {
      env: python.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  server.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  const ended = once(server, 'exit');
  process.once('SIGINT', () => server.kill());

  // With an IP address, the SDK puts the bucket into the path and needs no DNS.
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const serverless = async (...args: string[]) => {
    const [code] = await once(spawn(sls, args, { cwd: root, env, stdio: 'inherit' }), 'exit');
    if (code !== 0) throw new Error(`sls ${args.join(' ')} failed against the emulated AWS.`);
  };

  const lambda = new LambdaClient({ region: 'us-east-1', endpoint, credentials });
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
    for (let waited = 0; !(await fetch(endpoint).catch(() => undefined)); waited += 200) {
      if (server.exitCode !== null || waited > 60_000) throw new Error(`moto did not start: ${said}`);
      await sleep(200);
    }
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
    server.kill();
    await ended;
  }
}

await runCommand(main);
