import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { TOPIC } from '../../shared/platform/kafka/topics.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { type Ended, run } from '../support/run-footfall.ts';
import { listen } from '../support/serve.ts';
import { relay } from '../support/tcp.ts';

/** `footfall topics` and `footfall doctor`, beside a real Kafka and a real Redis. */
const config = await freshConfig({ oneServer: true });
const env = envOf(config);
const { kafka } = config;
const redis = closing(new Redis(config.redis.url), (one) => one.disconnect());
const admin = closing(kafkaClient(kafka, 'test').admin(), (one) => one.disconnect());
await admin.connect();

/** Names of topics that do not exist yet. */
function newTopics(): {
  EVENTS_TOPIC: string;
  DLQ_TOPIC: string;
  SIGNALS_TOPIC: string;
  SITES_TOPIC: string;
} {
  const name = `doctor-${randomBytes(4).toString('hex')}`;
  return {
    EVENTS_TOPIC: name,
    DLQ_TOPIC: `${name}.dlq`,
    SIGNALS_TOPIC: `${name}.signals`,
    SITES_TOPIC: `${name}.sites`,
  };
}

const alter = (name: string, settings: Record<string, string>) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: TOPIC,
        name,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      },
    ],
  });

async function settingsOf(name: string): Promise<Record<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC, name }],
  });
  return Object.fromEntries(resources[0]!.configEntries.map((one) => [one.configName, one.configValue]));
}

/** The numbered sentences of a report, in their order. */
const toDo = ({ stdout }: Ended) => [...stdout.matchAll(/^ {2}\d+\. (.+)$/gm)].map(([, text]) => text!);

describe('footfall topics', () => {
  test('create makes all topics with their settings, check finds them right, and nothing else is made', async () => {
    const names = newTopics();
    const given = { ...env, ...names };
    const before = await run('topics check', given);
    expect(before.code).toBe(1);
    expect(before.stdout).toContain(
      `Topic ${names.SITES_TOPIC} does not exist. Make it with: npx footfall topics create\n`,
    );
    const made = await run('topics create --retention-days 30', given);
    expect(made.stderr).toBe(`Writing to Kafka ${kafka.brokers.join(',')}, as of the environment.\n`);
    expect(made.code).toBe(0);
    const right = `The topics ${names.EVENTS_TOPIC}, ${names.DLQ_TOPIC}, ${names.SIGNALS_TOPIC}, ${names.SITES_TOPIC} are as they must be.\n`;
    expect(made.stdout).toContain(right);
    expect((await run('topics check', given)).stdout).toContain(right);
    expect(await settingsOf(names.EVENTS_TOPIC)).toMatchObject({
      'retention.ms': String(30 * 86_400_000),
      'cleanup.policy': 'delete',
      'min.insync.replicas': '1',
    });
    expect(await settingsOf(names.DLQ_TOPIC)).toMatchObject({ 'max.message.bytes': '2097152' });
    expect(await settingsOf(names.SITES_TOPIC)).toMatchObject({ 'cleanup.policy': 'compact' });
    const { topics } = await admin.fetchTopicMetadata({ topics: Object.values(names) });
    const partitions = Object.fromEntries(topics.map((one) => [one.name, one.partitions.length]));
    expect(partitions).toEqual({
      [names.EVENTS_TOPIC]: kafka.partitions,
      [names.SIGNALS_TOPIC]: kafka.partitions,
      [names.DLQ_TOPIC]: 1,
      [names.SITES_TOPIC]: 1,
    });
    // No site was added.
    expect((await admin.fetchTopicOffsets(names.SITES_TOPIC))[0]!.high).toBe('0');
  }, 120_000);

  test('check says each difference in a sentence, and create leaves existing topics as they are', async () => {
    const names = newTopics();
    const given = { ...env, ...names };
    await run('topics create', given);
    await alter(names.EVENTS_TOPIC, { 'retention.ms': '7200000', 'retention.bytes': '1000000' });
    await alter(names.SITES_TOPIC, { 'cleanup.policy': 'delete' });
    await alter(names.DLQ_TOPIC, { 'retention.ms': '604800000', 'max.message.bytes': '1048588' });
    const { code, stdout } = await run('topics check', { ...given, EVENTS_PARTITIONS: '8' });
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(1, -1)).toEqual([
      `Topic ${names.EVENTS_TOPIC} has 4 partitions, but EVENTS_PARTITIONS is 8. Set EVENTS_PARTITIONS=4, or see docs/rebuild.md for another number.`,
      `Topic ${names.EVENTS_TOPIC} keeps records for 7200 s. Keep them for a week at least: retention.ms=604800000.`,
      `Topic ${names.EVENTS_TOPIC} has retention.bytes=1000000: records may go before their time. Set retention.bytes=-1, or make sure that it holds a week.`,
      `Topic ${names.DLQ_TOPIC} has max.message.bytes=1048588. Set max.message.bytes=2097152.`,
      `Topic ${names.SITES_TOPIC} has cleanup.policy=delete. Set cleanup.policy=compact.`,
    ]);
    await alter(names.EVENTS_TOPIC, { 'retention.ms': '-1' });
    const again = await run('topics create --json', given);
    expect(again.code).toBe(1);
    const { created, faults } = JSON.parse(again.stdout) as {
      created: string[];
      faults: { message: string }[];
    };
    expect(created).toEqual([]);
    expect(faults.map(({ message }) => message)).toContain(
      `Topic ${names.DLQ_TOPIC} keeps records for 7 days, less than the events (ever). Set retention.ms=-1.`,
    );
    expect(await settingsOf(names.SITES_TOPIC)).toMatchObject({ 'cleanup.policy': 'delete' });
  }, 120_000);
});

describe('footfall doctor', () => {
  test('finds nothing wrong with a right installation, and leaves nothing behind', async () => {
    const ended = await run('doctor', env);
    expect(toDo(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^Nothing is wrong\.\n/);
    expect(ended.stdout).toContain(`Kafka's user may write to ${kafka.eventsTopic}, `);
    expect(ended.stdout).toContain('Redis runs scripts that write.');
    expect(ended.stdout).toContain("The clock of Redis agrees with this machine's.");
    expect(ended.stderr).toContain(`Asking Kafka ${kafka.brokers.join(',')} (topic ${kafka.eventsTopic})`);
    const ends = await admin.fetchTopicOffsets(kafka.eventsTopic);
    expect(ends.map(({ high }) => high)).toEqual(ends.map(() => '0'));
  }, 120_000);

  test('says what to do with a wrong policy, too little memory left and a wrong topic, the topic first', async () => {
    const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'maxmemory', String(Math.round(used * 1.1)));
    await alter(kafka.eventsTopic, { 'retention.ms': '86400000' });
    try {
      const ended = await run('doctor', env);
      expect(ended.code).toBe(1);
      expect(toDo(ended)).toEqual([
        `Topic ${kafka.eventsTopic} keeps records for 1 day. Keep them for a week at least: retention.ms=604800000.`,
        expect.stringMatching(
          /^Redis \S+ has maxmemory-policy allkeys-lru: .+ Set maxmemory-policy noeviction\.$/,
        ),
        expect.stringMatching(
          /^Redis \S+ uses (8|9)\d % of its memory\. See "Redis is full" in docs\/runbook\.md\.$/,
        ),
      ]);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await alter(kafka.eventsTopic, { 'retention.ms': '604800000' });
    }
  }, 120_000);

  test('says that Redis hangs and that Kafka is away, in seconds', async () => {
    const hanging = await relay();
    const began = performance.now();
    const ended = await run('doctor', {
      ...env,
      REDIS_URL: `redis://:hidden@127.0.0.1:${hanging.port}`,
      KAFKA_BROKERS: '127.0.0.1:1',
    });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(ended.code).toBe(1);
    expect(toDo(ended)).toEqual([
      expect.stringMatching(/^Kafka does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. /),
      `Redis at redis://127.0.0.1:${hanging.port} does not answer within 3 s, though its port takes connections. Is it Redis, and does it hang? Does it ask for TLS (rediss://)?`,
    ]);
    expect(ended.stdout + ended.stderr).not.toContain('hidden');
  }, 60_000);

  test('says that no poller reads the events', async () => {
    const ended = await run('doctor', { ...env, AGGREGATE_GROUP: 'footfall-nobody-aggregate' });
    expect(toDo(ended)).toEqual([
      'No poller reads the events in the group footfall-nobody-aggregate, so nothing is counted. See "Nothing is counted" in docs/runbook.md.',
    ]);
    expect(ended.stderr).toContain('as of the environment, stage nobody');
  }, 60_000);

  test('asks the API for its health, clock and version', async () => {
    const port = await listen((request, response) => {
      response.setHeader('date', new Date(Date.now() - 60_000).toUTCString());
      response.end(
        JSON.stringify(
          request.url === '/v1/health'
            ? { data: { status: 'degraded', reasons: ['behind'], redis: 'up', kafka: 'up' } }
            : { info: { version: '0.0.1' } },
        ),
      );
    });
    const ended = await run(`doctor --url http://127.0.0.1:${port}`, env);
    expect(toDo(ended)).toEqual([
      'Numbers are behind by more than a minute. See "Numbers are late" in docs/runbook.md.',
      expect.stringMatching(
        /^The clock of the API is (59|60|61)\.\d s behind this machine's\. Set both by NTP\.$/,
      ),
      expect.stringMatching(/^The API at \S+ has version 0\.0\.1, this command \S+\. /),
    ]);
  }, 60_000);
});

describe('footfall doctor --stage', () => {
  const functions = [
    'aggregate',
    'analytics',
    'collect',
    'dashboard',
    'deadLetters',
    'privacy',
    'sites',
    'sweep',
  ];
  let mapping: object | undefined;
  let known: string[] = [];
  let variables: Record<string, string> = {};
  let health: object = {};
  let aws: NodeJS.ProcessEnv;
  beforeAll(async () => {
    const port = await listen((request, response) => {
      const [, name, what] =
        /\/functions\/footfall-prod-(\w+)\/(configuration|invocations)/.exec(request.url!) ?? [];
      if (request.url!.includes('/event-source-mappings'))
        return void response.end(JSON.stringify({ EventSourceMappings: mapping ? [mapping] : [] }));
      if (what === 'invocations')
        return void response.end(JSON.stringify({ statusCode: 200, body: JSON.stringify({ data: health }) }));
      if (name && known.includes(name)) {
        const answer = {
          FunctionName: `footfall-prod-${name}`,
          State: 'Active',
          Environment: { Variables: variables },
        };
        return void response.end(JSON.stringify(answer));
      }
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end('{}');
    });
    aws = {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_REGION: 'eu-west-1',
    };
  });
  beforeEach(() => {
    mapping = { State: 'Enabled', LastProcessingResult: 'OK', UUID: 'u-1' };
    known = [...functions, 'system'];
    variables = env;
    health = { status: 'ok', reasons: [], redis: 'up', kafka: 'up' };
  });
  const examine = () => run('doctor --stage prod', aws);

  test('asks the servers that the deployed functions use', async () => {
    const ended = await examine();
    expect(toDo(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('The functions of footfall-prod are active, and their mapping works.');
    expect(ended.stdout).toContain(`The topics ${kafka.eventsTopic}, `);
    expect(ended.stdout).toContain('The API of footfall-prod says that all numbers are right and new.');
  }, 60_000);

  test('says that there is no such deployment', async () => {
    known = [];
    const ended = await examine();
    expect(ended.code).toBe(1);
    expect(toDo(ended)).toEqual([
      'There is no deployment footfall-prod in this account and region. Check --stage, AWS_REGION and AWS_PROFILE.',
    ]);
  }, 60_000);

  test('says which function is missing, that the mapping is disabled, and what the functions do not reach', async () => {
    known = [...functions];
    mapping = { State: 'Disabled', StateTransitionReason: 'User action', UUID: 'u-1' };
    health = { status: 'unavailable', reasons: ['kafka_down'], redis: 'up', kafka: 'down' };
    expect(toDo(await examine())).toEqual([
      'footfall-prod lacks the functions system. Deploy it again.',
      'The mapping of footfall-prod-aggregate is disabled (User action). Enable it: aws lambda update-event-source-mapping --uuid u-1 --enabled',
      'The API does not reach Kafka. See "API fails" in docs/runbook.md.',
    ]);
  }, 60_000);

  test('tells a server that only this machine does not reach from one that is away', async () => {
    variables = { ...env, KAFKA_BROKERS: '127.0.0.1:1' };
    const ended = await examine();
    expect(toDo(ended)).toEqual([]);
    expect(ended.stdout).toContain(
      'The functions reach Kafka, this machine does not, so Kafka was not asked.',
    );
  }, 60_000);
});
