import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newProgram, wholeNumber } from '../local/command.ts';
import { freePort } from '../local/services/ports.ts';
import { addSites, demoSites } from '../local/sites/demo-sites.ts';
import { startFunctions } from '../local/start/start-functions.ts';
import { readConfig } from '../shared/platform/config.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { formatDay, localDay } from '../shared/platform/time.ts';
import { type Figure, percentile, printFigures, withServices } from './measure.ts';
import { type Counting, startOriginal } from './original.ts';
import { plainOf, simulatedEvents } from './plain-events.ts';

/** From the moment that a client sends an event until an answer counts it, ms. */
const LIMITS = { p50: 300, p99: 1_000 };

const SITE = 'demo';
const KEYS = { write: 'demo-write-key', read: 'demo-read-key' };
/** Events that are waited for, at the same time under load: a slow one must not hide the others. */
const PINGS = ['bench_ping_1', 'bench_ping_2', 'bench_ping_3', 'bench_ping_4'];

/** An answer is asked for this often, ms: shorter than what is measured by far. */
const POLL_MS = 10;
const BATCH = 100;
/** Clients that send what the system is loaded with. */
const CLIENTS = 8;

/** Measures the time from an event to its answer. */
export async function main(args: string[]): Promise<number> {
  const options = newProgram('npm run bench -- latency')
    .description(
      'Measures the time from sending an event over HTTP until an answer counts it, in the system that npm start ' +
        'starts: idle, right after the start, and at half of what it can take. Compares all counts in the end.',
    )
    .option(
      '--pings <n>',
      'events that are waited for while nothing else happens',
      wholeNumber(10, 100_000),
      100,
    )
    .option('--seconds <n>', 'seconds of load', wholeNumber(5, 3_600), 30)
    .option('--seed <n>', 'another stream of events', wholeNumber(1, 0xffffffff), 1)
    .parse(args, { from: 'user' })
    .opts();
  return withServices(async (services) => {
    const env = { KAFKA_BROKERS: services.kafkaBrokers.join(','), REDIS_URL: services.redisUrl };
    const config = readConfig(env);
    await ensureTopics(config.kafka);
    await addSites(config, demoSites());
    const dataDir = await mkdtemp(join(tmpdir(), 'footfall-bench-'));
    const { functions, output } = await startFunctions({
      dataDir,
      port: await freePort(),
      env: { ...process.env, ...env },
      onOutput: () => {},
    });
    let measured: Measured;
    try {
      measured = await measure(overHttp(`http://localhost:${functions.port}`), options);
    } finally {
      await functions.stop();
      await output.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
    const original = await startOriginal(config);
    let other: Measured;
    try {
      other = await measure(original, { ...options, rate: measured.rate });
    } finally {
      await original.stop();
    }
    console.log(
      `\nThe load is ${Math.round(measured.rate).toLocaleString('en')} events/s, half of what the whole path took in ` +
        'batches of 100. The original had the same. All events that were sent are counted, once.',
    );
    const rows = (what: string, one: readonly number[], its: readonly number[]): Figure[] =>
      (['p50', 'p99'] as const).map((name) => {
        const share = name === 'p50' ? 0.5 : 0.99;
        return {
          what: `${what}, ${name}`,
          measured: percentile(one, share),
          unit: 'ms',
          limit: LIMITS[name],
          other: percentile(its, share),
        };
      });
    printFigures(
      [
        { what: 'the first event after the start', measured: measured.first, unit: 'ms', other: other.first },
        ...rows('idle', measured.idle, other.idle),
        ...rows('at half of capacity', measured.loaded, other.loaded),
      ],
      'original',
    );
    return 0;
  });
}

/** ms, and events a second. */
interface Measured {
  first: number;
  idle: number[];
  loaded: number[];
  rate: number;
}

async function measure(
  system: Counting,
  { pings, seconds, seed, rate: given }: { pings: number; seconds: number; seed: number; rate?: number },
): Promise<Measured> {
  const site = demoSites().find(({ id }) => id === SITE)!;
  // Before anything is measured: connections would be closed meanwhile.
  const events = simulatedEvents(site, 100_000, seed);
  const pinged = new Map(PINGS.map((name) => [name, 0]));
  let loaded = 0;
  const sent = () => loaded + pinged.values().reduce((sum, count) => sum + count, 0);
  const ping = async (name: string) => {
    const n = pinged.get(name)! + 1;
    pinged.set(name, n);
    const began = performance.now();
    await system.send([{ id: `${name}-${n}`, name, user_id: `pinger-${n % 50}` }]);
    while (((await system.count())[name] ?? 0) < n) await sleep(POLL_MS);
    return performance.now() - began;
  };
  const total = async () => Object.values(await system.count()).reduce((sum, one) => sum + one, 0);
  const settled = async () => {
    while ((await total()) < sent()) await sleep(POLL_MS);
  };
  const first = await ping(PINGS[0]!);
  const idle: number[] = [];
  for (let n = 0; n < pings; n++) {
    await sleep(200 + Math.random() * 600);
    idle.push(await ping(PINGS[0]!));
  }

  let [next, round] = [0, 0];
  const batch = () => {
    if (next + BATCH > events.length) [next, round] = [0, round + 1];
    const own = events.slice(next, next + BATCH).map((event) => ({
      ...plainOf(event),
      // Each round has other people and orders, at the present.
      ...{ id: `${round}-${event.id}`, user_id: `${round}-${event.user}`, timestamp: Date.now() },
      ...(event.transaction_id && { transaction_id: `${round}-${event.transaction_id}` }),
    }));
    next += BATCH;
    return own;
  };
  const sendBatch = async () => {
    await system.send(batch());
    loaded += BATCH;
  };
  let rate = given;
  if (rate === undefined) {
    // Until its code is compiled and its connections are open, the system shows less than it can take.
    for (const part of [1 / 3, 1]) {
      const began = performance.now();
      const before = loaded;
      const client = async () => {
        while (performance.now() - began < (part * seconds * 1_000) / 2) await sendBatch();
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));
      await settled();
      rate = ((loaded - before) / (performance.now() - began)) * 500;
    }
  }
  const under: number[] = [];
  const until = performance.now() + seconds * 1_000;
  const began = performance.now();
  const before = loaded;
  let begun = 0;
  const client = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      const due = ((now - began) / 1_000) * rate!;
      if (begun >= due) {
        await sleep(5);
        continue;
      }
      begun += BATCH;
      await sendBatch();
    }
  };
  const pinger = async (name: string) => {
    while (performance.now() < until) {
      await sleep(200 + Math.random() * 600);
      under.push(await ping(name));
    }
  };
  await Promise.all([...Array.from({ length: CLIENTS }, client), ...PINGS.map(pinger)]);
  const offered = ((loaded - before) / (performance.now() - began)) * 1_000;
  await settled();
  await sleep(2_000);
  const counted = await total();
  if (counted !== sent()) throw new Error(`${sent()} events were sent, and ${counted} are counted.`);
  return { first, idle, loaded: under, rate: given ?? offered };
}

/** Footfall, asked as a shop's dashboard asks. */
function overHttp(url: string): Counting {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const once = (method: string, path: string, key: string, body?: string): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
    };
    const outgoing = request(`${url}${path}`, { agent, method, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      incoming.on('error', reject).on('end', () => {
        const { statusCode = 0 } = incoming;
        if (statusCode < 300) resolve(text);
        else reject(new Error(`${method} ${path} answered ${statusCode}: ${text}`));
      });
    });
    outgoing.on('error', reject).end(body);
    return promise;
  };
  // The server may close a connection at the moment at which it is used again. Events have ids, so they count once.
  const ask = (...call: Parameters<typeof once>) =>
    once(...call).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') throw error;
      return once(...call);
    });
  const { zone } = demoSites().find(({ id }) => id === SITE)!;
  return {
    send: async (events) => {
      await ask('POST', '/v1/events', KEYS.write, JSON.stringify({ events }));
    },
    count: async () => {
      const today = localDay(Date.now(), zone);
      // Since yesterday: a run may begin before midnight.
      const range = `from=${formatDay(today - 1)}&to=${formatDay(today)}`;
      const answer = await ask('GET', `/v1/events?${range}`, KEYS.read);
      return (JSON.parse(answer) as { data: { events: Record<string, number> } }).data.events;
    },
  };
}
