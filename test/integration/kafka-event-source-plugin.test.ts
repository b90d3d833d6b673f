import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SelfManagedKafkaEvent } from 'aws-lambda';
import { freePort } from '../../local/services/ports.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';
import { committed, functionOf, makeTopic, poll, produce } from './kafka-event-source-setup.ts';

/** The plugin inside serverless-offline, with the service in test/fixtures/kafka-event-source-service. */

const root = resolve(import.meta.dirname, '..', '..');

async function startOffline(env: Record<string, string>): Promise<{ child: ChildProcess; output(): string }> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules', 'serverless', 'bin', 'serverless.js'),
      'offline',
      'start',
      ...['--lambdaPort', String(await freePort()), '--noSponsor'],
    ],
    {
      cwd: join(root, 'test', 'fixtures', 'kafka-event-source-service'),
      env: {
        ...process.env,
        ...env,
        NODE_OPTIONS: '',
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
      },
    },
  );
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  return { child, output: () => said };
}

test('serverless offline start: records go through the function, errors and all, until Ctrl-C', async () => {
  const [topic, failedTopic] = await Promise.all([makeTopic(1), makeTopic(1)]);
  const group = `${topic}-plugin`;
  const folder = mkdtempSync(join(tmpdir(), 'kafka-event-source-'));
  const file = join(folder, 'calls');
  const values = ['a', 'throw once', 'b', 'c', 'report once', 'report always', 'd', 'e', 'f'];
  await produce(
    topic,
    values.map((value) => ({ value })),
  );

  const { child, output } = await startOffline({
    SOURCE_TOPIC: topic,
    FAILED_TOPIC: failedTopic,
    CONSUMER_GROUP: group,
    CALLS_FILE: file,
  });
  const ended = once(child, 'exit');
  const eventsSoFar = () =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as SelfManagedKafkaEvent)
      : [];
  try {
    await waitFor('the last batch', () => eventsSoFar().length === 5 || child.exitCode !== null, {
      timeoutMs: 40_000,
    });
    child.kill('SIGINT');
    const [code] = await ended;
    if (code !== 0) throw new Error(`serverless offline ended with ${code}:\n${output()}`);
    expect(eventsSoFar().map(({ records }) => records[`${topic}-0`]!.map(({ offset }) => offset))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [3, 4, 5],
      [4, 5],
      [6, 7, 8],
    ]);
    for (const event of eventsSoFar()) {
      expect(event).toMatchObject({
        eventSource: 'SelfManagedKafka',
        bootstrapServers: process.env.KAFKA_BROKERS,
      });
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }

  expect(await committed(mappingOf(topic, { consumerGroupId: group }))).toEqual({ 0: values.length });
  const failed = functionOf();
  await poll(mappingOf(failedTopic), failed.invoke).start();
  await waitFor('the record that was given up', () => failed.calls.length === 1);
  expect(failed.calls[0]!.values.map((value) => JSON.parse(value))).toMatchObject([
    {
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      responseContext: { statusCode: 200 },
      KafkaBatchInfo: { batchSize: 1, recordInfo: { offset: '5' } },
      payload: { records: { [`${topic}-0`]: [{ offset: 5 }] } },
    },
  ]);
});
