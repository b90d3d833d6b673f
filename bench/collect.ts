import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { newProgram, wholeNumber } from '../local/command.ts';
import type { Services } from '../local/services/services.ts';
import { addSites, demoSites } from '../local/sites/demo-sites.ts';
import type { FootfallEvent } from '../shared/event/event.ts';
import { readConfig } from '../shared/platform/config.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import type { Way } from './collect-child.ts';
import { type Figure, median, printFigures, withServices } from './measure.ts';
import { plainOf, simulatedEvents } from './plain-events.ts';
import { readBack } from './workload.ts';

/** Processor time of an event, ms. */
const LIMITS = { single: 0.6, batched: 0.05 };

const BATCH = 100;

/** One of the demo sites, and its write key. */
const SITE = 'demo';
const KEY = 'demo-write-key';

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';

/** Measures collect behind a plain server. */
export async function main(args: string[]): Promise<number> {
  const options = newProgram('npm run bench -- collect')
    .description(
      'Measures the processor time of an event that is sent over HTTP to a plain node server before the collect ' +
        'function: one by one, and in batches of 100. Reads back what Kafka has, and compares it with what was sent.',
    )
    .option('--singles <n>', 'requests with one event', wholeNumber(100, 10_000_000), 6_000)
    .option('--batches <n>', 'requests with 100 events', wholeNumber(10, 1_000_000), 400)
    .option('--connections <n>', 'clients that send at the same time', wholeNumber(1, 1_000), 8)
    .option('--rounds <n>', 'rounds that count, after one that does not', wholeNumber(1, 100), 3)
    .option('--seed <n>', 'another stream of events', wholeNumber(1, 0xffffffff), 1)
    .option('--profile <folder>', 'write a profile of the collect server there, for a debugger')
    .parse(args, { from: 'user' })
    .opts();
  return withServices(async (services) => {
    const results = new Map<Way, Result>();
    for (const way of ['nothing', 'collect', 'original'] as const) {
      results.set(way, await measure(way, services, options));
    }
    const [nothing, collect, original] = ['nothing', 'collect', 'original'].map(
      (way) => results.get(way as Way)!,
    ) as [Result, Result, Result];
    console.log(
      `\n${options.connections} connections; medians of ${options.rounds} rounds. Kafka has every event that was ` +
        'sent, once, with its name, person, lines and money.',
    );
    const figure = (what: string, name: keyof Result, limit?: number): Figure => ({
      what,
      measured: collect[name],
      unit: 'ms',
      limit,
      other: original[name],
    });
    printFigures(
      [
        figure('processor time of a single event', 'single', LIMITS.single),
        figure(`… of an event in a batch of ${BATCH}`, 'batched', LIMITS.batched),
        figure('answer to a single event, p50', 'p50'),
        figure('answer to a single event, p99', 'p99'),
        { what: 'the server alone, a single event', measured: nothing.single, unit: 'ms' },
        { what: `the server alone, an event of ${BATCH}`, measured: nothing.batched, unit: 'ms' },
      ],
      'original',
    );
    return 0;
  });
}

/** ms. */
interface Result {
  single: number;
  batched: number;
  p50: number;
  p99: number;
}

interface Options {
  singles: number;
  batches: number;
  connections: number;
  rounds: number;
  seed: number;
  profile?: string | undefined;
}

async function measure(way: Way, services: Services, options: Options): Promise<Result> {
  const { singles, batches, connections, rounds, seed, profile } = options;
  const env = {
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    REDIS_URL: services.redisUrl,
    // Each way has topics of its own.
    EVENTS_TOPIC: `bench-${way}`,
    SITES_TOPIC: `bench-sites-${way}`,
    REDIS_KEY_PREFIX: `bench-${way}:`,
    // The load comes from one address, and asks the limiter as any other.
    RATE_LIMIT_KEY_PER_SECOND: '1000000',
    RATE_LIMIT_IP_PER_SECOND: '1000000',
  };
  const config = readConfig(env);
  const site = demoSites().find(({ id }) => id === SITE)!;
  if (way !== 'nothing') {
    await ensureTopics(config.kafka);
    await addSites(config, [site]);
  }
  const child = fork(join(import.meta.dirname, 'collect-child.ts'), [way], {
    env: { ...process.env, ...env },
    execArgv: [
      ...process.execArgv.filter((flag) => flag.startsWith('--disable-warning')),
      ...(profile !== undefined && way === 'collect' ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
    ],
    // The metrics of each invocation go to stdout, as on Lambda.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const [port] = (await once(child, 'message')) as [number];
    const cpu = async () => {
      child.send('cpu');
      const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return (user + system) / 1_000;
    };
    const sent: FootfallEvent[] = [];
    const rows: Result[] = [];
    for (let round = 0; round <= rounds; round++) {
      const events = simulatedEvents(site, singles + batches * BATCH, seed + round).map((event) => ({
        ...event,
        id: `${round}-${event.id}`,
      }));
      sent.push(...events);
      const bodies = events.map((event) => plainOf(event));
      const one = bodies.slice(0, singles).map((body) => JSON.stringify(body));
      const many = Array.from({ length: batches }, (_, n) =>
        JSON.stringify({ events: bodies.slice(singles + n * BATCH, singles + (n + 1) * BATCH) }),
      );
      const before = await cpu();
      const times = await send(port, agent, one, connections);
      const between = await cpu();
      await send(port, agent, many, connections);
      const after = await cpu();
      rows.push({
        single: (between - before) / singles,
        batched: (after - between) / (batches * BATCH),
        p50: times.sort((a, b) => a - b)[times.length >> 1]!,
        p99: times[Math.floor(times.length * 0.99)]!,
      });
    }
    if (way !== 'nothing') await verify(way, config, sent);
    const of = (name: keyof Result) => median(rows.slice(1).map((row) => row[name]));
    return { single: of('single'), batched: of('batched'), p50: of('p50'), p99: of('p99') };
  } finally {
    agent.destroy();
    child.disconnect();
  }
}

/** Sends bodies over some connections at once; each takes the next body. @returns the time of each answer, ms. */
async function send(
  port: number,
  agent: Agent,
  bodies: readonly string[],
  connections: number,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const client = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const began = performance.now();
      const { status, text } = await post(port, agent, body);
      times.push(performance.now() - began);
      if (status !== 202) throw new Error(`The server answered ${status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return times;
}

function post(port: number, agent: Agent, body: string): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const headers = {
    authorization: `Bearer ${KEY}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': BROWSER,
    origin: 'https://shop.example',
  };
  const outgoing = request({ port, agent, method: 'POST', path: '/v1/events', headers }, (incoming) => {
    let text = '';
    incoming.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text })).on('error', reject);
  });
  outgoing.on('error', reject).end(body);
  return promise;
}

/** @throws Error when Kafka does not have exactly what was sent. */
async function verify(
  way: Way,
  { kafka }: ReturnType<typeof readConfig>,
  sent: readonly FootfallEvent[],
): Promise<void> {
  const records = (await readBack(kafka, sent.length)).flat();
  const held = new Map<string, Record<string, unknown>>();
  for (const record of records) {
    const { value } = JSON.parse(record.json) as { value: string };
    const event = JSON.parse(Buffer.from(value, 'base64').toString()) as { id: string };
    held.set(event.id, event);
  }
  if (records.length !== sent.length || held.size !== sent.length) {
    throw new Error(
      `${way}: ${sent.length} events were sent, and Kafka has ${held.size} in ${records.length}.`,
    );
  }
  for (const event of sent) {
    const expected = way === 'collect' ? essenceOf(event) : plainEssence(plainOf(event));
    const found = held.get(event.id);
    const is = found && (way === 'collect' ? essenceOf(found as never) : plainEssence(found));
    if (is !== expected) throw new Error(`${way}: ${event.id} is ${is}, and ${expected} was sent.`);
  }
}

/** What must arrive of an event. */
const essenceOf = ({ name, user, ts, value, items = [], transaction_id }: FootfallEvent): string =>
  JSON.stringify([name, user, ts, value, transaction_id, items.map(({ id, amount }) => [id, amount])]);

const plainEssence = ({ name, user_id, anonymous_id, timestamp, value }: Record<string, unknown>): string =>
  JSON.stringify([name, user_id ?? anonymous_id, timestamp, value]);
