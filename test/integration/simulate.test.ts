import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { addSites } from '../../local/sites/demo-sites.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import { BURST_MS, burst, shoppersFor, sitesToSimulate } from '../../shared/simulation/publish.ts';
import { Sites } from '../../shared/sites/site.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig, type TestConfig } from '../support/fresh-config.ts';
import { readTopic } from '../support/read-topic.ts';

const root = resolve(import.meta.dirname, '../..');
let config: TestConfig;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  config = await freshConfig({ partitions: 4 });
  await addSites(config, config.sites);
  env = {
    ...process.env,
    ...envOf(config),
  };
});

/** What a seed must send, without the times, which depend on the run. */
function expectedStream(seed: number, count: number, sites?: string[]): unknown[] {
  const factory = new InteractionFactory({
    sites: sitesToSimulate(new Sites(config.sites), sites),
    seed,
    shoppers: shoppersFor((count / BURST_MS) * 1000),
  });
  return [...burst(factory, count, Date.now())];
}

const command = [join(root, 'cli/main.ts'), 'simulate'];
const run = (...args: string[]) => promisify(execFile)(process.execPath, [...command, ...args], { env });

describe('footfall simulate', () => {
  it('puts the events of a seed into Kafka, each in the partition of its user', async () => {
    const { stdout } = await run('--events', '2500', '--seed', '7', '--sites', 'demo');
    expect(stdout).toMatch(/^2,500 events sent .* seed 7\.$/m);
    const found = await readTopic(config.kafka);
    expect(found).toHaveLength(2500);
    for (const { partition, event } of found) expect(partition).toBe(partitionOf(userKey(event), 4));
    const expected = expectedStream(7, 2500, ['demo']) as { id: string }[];
    expect(new Set(found.map(({ event }) => event.id))).toEqual(new Set(expected.map(({ id }) => id)));
    expect(found.every(({ event }) => event.site === 'demo' && event.ts <= event.received)).toBe(true);
  });

  it('keeps its rate until all events are sent', async () => {
    const { stdout } = await run('--events', '321', '--rate', '2000', '--seed', '1', '--json');
    expect(JSON.parse(stdout)).toEqual({ sent: 321, seconds: expect.any(Number), seed: 1 });
    const found = await readTopic(config.kafka);
    expect(new Set(found.map(({ event }) => event.id)).size).toBe(321);
    expect(found).toHaveLength(321);
  });

  it('ends at Ctrl-C, having counted what it sent', async () => {
    const child = spawn(process.execPath, [...command, '--rate', '2000'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const ended = once(child, 'close');
    for (let found = 0; found === 0; ) found = (await readTopic(config.kafka)).length;
    child.kill('SIGINT');
    const [code] = await ended;
    expect(code).toBe(130);
    const sent = Number(/^([\d,]+) events sent/.exec(stdout)?.[1]?.replaceAll(',', ''));
    expect(await readTopic(config.kafka)).toHaveLength(sent);
  });

  it.each([
    [
      ['--events', 'many'],
      2,
      /^Option '--events <n>' .*'many' is invalid\. It must be a whole number from 1/,
    ],
    [['--rate', '0'], 2, /from 1 to/],
    [['--sites', 'nowhere'], 1, /^There is no site nowhere; .* demo/],
  ])('refuses %j in one sentence, with exit code %i', async (args, code, message) => {
    await expect(run(...args)).rejects.toMatchObject({ code, stderr: expect.stringMatching(message) });
  });
});

describe('the simulate function', () => {
  const invoke = (data: unknown) =>
    promisify(execFile)(
      process.execPath,
      [
        join(root, 'node_modules/serverless/bin/serverless.js'),
        'invoke',
        'local',
        '-f',
        'simulate',
        '-d',
        JSON.stringify(data),
      ],
      { env, cwd: root },
    );

  it('sends, answers and lets `sls invoke local` end', async () => {
    const { stdout } = await invoke({ events: 1200, seed: 5 });
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toEqual({
      sent: 1200,
      seconds: expect.any(Number),
      seed: 5,
    });
    const found = await readTopic(config.kafka);
    expect(found).toHaveLength(1200);
    expect(new Set(found.map(({ event }) => event.site))).toEqual(new Set(['demo', 'outlet']));
  });

  it('refuses what it cannot read, and sends nothing', async () => {
    await expect(invoke({ events: -1 })).rejects.toMatchObject({ code: 1 });
    expect(await readTopic(config.kafka)).toEqual([]);
  });
});
