import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { newProgram, wholeNumber } from '../local/command.ts';
import { startServices } from '../local/services/services.ts';
import { Copies } from '../shared/derived/copies.ts';
import { CopyPreparer } from '../shared/derived/copy-preparer.ts';
import { EVENT_VERSION, type FootfallEvent } from '../shared/event/event.ts';
import { partitionOf } from '../shared/event/partition.ts';
import { firstGeneration } from '../shared/generations/generation.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import type { HttpRequest } from '../shared/platform/http/stack.ts';
import type { KafkaRecord } from '../shared/platform/kafka/record.ts';
import { connectRedis, type RedisClient } from '../shared/platform/redis/connection.ts';
import { keys } from '../shared/platform/redis/keys.ts';
import { DAY_MS, type Day, formatDay } from '../shared/platform/time.ts';
import { userKey } from '../shared/platform/user-key.ts';
import { analyticsContexts } from '../shared/questions/analytics-context.ts';
import { answerQuestion } from '../shared/questions/answer.ts';
import { questions } from '../shared/questions/questions.ts';
import { Sites, siteSchema } from '../shared/sites/site.ts';
import { storedKey } from '../shared/sites/site-keys.ts';
import { fixedSites } from '../shared/sites/source.ts';
import { applyBatches } from './contenders.ts';

/** Days with events: a year can begin on several of them. */
const DAYS = 400;
const YEAR = 365;
const BATCH = 5_000;
/** The most that an answer about a year takes at p99 without memory, ms. */
const LIMIT_MS = 30;

const READ_KEY = 'bench-read-key';
const site = siteSchema.parse({
  id: 'bench',
  currency: 'EUR',
  retention_days: 1_095,
  keys: [storedKey('read', READ_KEY, 0)],
});

const lastDay = Math.floor(Date.now() / DAY_MS) - 10;
const firstDay = lastDay - DAYS + 1;

interface Shape {
  events: number;
  users: number;
  products: number;
}

const NAMES = [
  'page_view',
  'view_item',
  'view_item',
  'view_item',
  'select_item',
  'add_to_cart',
  'search',
  'purchase',
];

/** A whole number below `most` that depends on `i` alone, spread evenly. */
const spread = (i: number, most: number) => (Math.imul(i ^ (i >>> 15), 0x85ebca6b) >>> 0) % most;

/** The i-th event in order of time. A visit has eight. */
function eventAt(i: number, { events, users, products }: Shape): FootfallEvent {
  const visit = i >>> 3;
  const name = NAMES[i & 7]!;
  const ts = Math.floor(firstDay * DAY_MS + (i / events) * DAYS * DAY_MS);
  const product = spread(i, products);
  const isBought = name === 'purchase' && visit % 4 === 0;
  const shown = name === 'purchase' && !isBought ? 'view_cart' : name;
  return {
    v: EVENT_VERSION,
    id: `0e5a7f3c-0000-4000-8000-${String(i).padStart(12, '0')}`,
    site: site.id,
    user: `user-${spread(visit, users)}`,
    name: shown,
    ts,
    received: ts,
    ...(shown !== 'page_view' &&
      shown !== 'search' && {
        items: [{ id: `product-${product}`, quantity: 1, amount: 500 + (product % 5_000) }],
        currency: 'EUR',
      }),
    ...(isBought && { transaction_id: `order-${visit}` }),
    ...(shown === 'search' && { search_term: `words ${spread(i, 300)}` }),
    page: shown === 'page_view' || shown === 'search' ? `/${shown}` : `/p/${product}`,
    country: ['ES', 'FR', 'PT', 'DE', 'GB', 'IT', 'NL', 'US'][visit % 8]!,
    device: ['mobile', 'desktop', 'tablet'][visit % 3]!,
    browser: ['Chrome', 'Safari', 'Firefox', 'Edge'][visit % 4]!,
    os: ['Android', 'iOS', 'Windows', 'macOS', 'Linux'][visit % 5]!,
    source: ['google', 'newsletter', 'instagram', 'direct', 'partner', 'bing'][visit % 6]!,
    medium: ['organic', 'email', 'cpc'][visit % 3]!,
    channel: ['Organic Search', 'Email', 'Paid Other'][visit % 3]!,
    campaign: `campaign-${visit % 10}`,
  };
}

/** Counts all events, partition by partition in batches. @returns the end of each log */
async function load(redis: RedisClient, config: Config, shape: Shape): Promise<number[]> {
  const { partitions, eventsTopic } = config.kafka;
  const waiting = Array.from({ length: partitions }, (): KafkaRecord[] => []);
  const next = waiting.map(() => 0);
  const send = (event: FootfallEvent) => {
    const key = userKey(event);
    const partition = partitionOf(key, partitions);
    waiting[partition]!.push({
      ...{ topic: eventsTopic, partition, offset: next[partition]!++, timestamp: event.received },
      key: Buffer.from(key).toString('base64'),
      value: Buffer.from(JSON.stringify(event)).toString('base64'),
    });
  };
  // What shards tell each other of orders waits with the events.
  const apply = applyBatches(redis, [site], partitions, eventsTopic, async (events) => {
    for (const event of events) send(event);
  });
  const applyFrom = async (length: number) => {
    for (const records of waiting) if (records.length >= length) await apply(records.splice(0, BATCH));
  };
  for (let i = 0; i < shape.events; i++) {
    send(eventAt(i, shape));
    if (i % BATCH === 0) await applyFrom(BATCH);
  }
  while (waiting.some((records) => records.length > 0)) await applyFrom(1);
  return next;
}

/** What a scan needs of the events: a row each, in columns. */
interface Columns {
  day: Uint16Array;
  user: Uint32Array;
  product: Int32Array;
  cents: Uint32Array;
}

function columnsOf(shape: Shape): Columns {
  const { events } = shape;
  const columns = {
    day: new Uint16Array(events),
    user: new Uint32Array(events),
    product: new Int32Array(events).fill(-1),
    cents: new Uint32Array(events),
  };
  for (let i = 0; i < events; i++) {
    const { ts, user, items, transaction_id } = eventAt(i, shape);
    columns.day[i] = Math.floor(ts / DAY_MS);
    columns.user[i] = Number(user.slice('user-'.length));
    if (items) columns.product[i] = Number(items[0]!.id.slice('product-'.length));
    if (transaction_id !== undefined) columns.cents[i] = items![0]!.amount!;
  }
  return columns;
}

/** The overview of some days by looking at every event. */
function scan({ day, user, product, cents }: Columns, { users, products }: Shape, from: Day, to: Day) {
  const seen = new Uint8Array(users);
  const sold = new Uint8Array(products);
  let [total_events, orders, revenue] = [0, 0, 0];
  for (let i = 0; i < day.length; i++) {
    if (day[i]! < from || day[i]! > to) continue;
    total_events++;
    seen[user[i]!] = 1;
    if (product[i]! >= 0) sold[product[i]!] = 1;
    if (cents[i]! > 0) {
      orders++;
      revenue += cents[i]!;
    }
  }
  const count = (all: Uint8Array) => all.reduce((sum, one) => sum + one, 0);
  return { total_events, orders, revenue, users: count(seen), products: count(sold) };
}

interface Answer {
  total_events: number;
  orders: number;
  users: number;
  products: number;
  money: { revenue_minor: number }[];
}

type Process = (
  path: string,
  parameters: Record<string, string>,
  query: Record<string, string>,
) => Promise<unknown>;

export function configOf(redisUrl: string, kafkaBrokers: readonly string[], partitions: number): Config {
  const given = readConfig({ KAFKA_BROKERS: kafkaBrokers.join(','), REDIS_URL: redisUrl });
  return { ...given, kafka: { ...given.kafka, partitions }, answerMaxAgeMs: 0 };
}

/** A process that has answered nothing yet. @param copies of sums that it knows */
export function newProcess(
  redis: RedisClient,
  config: Config,
  ends: readonly number[],
  copies = new Copies(redis),
): Process {
  const fetch = async () => ends.map((high, partition) => ({ partition, low: 0, high }));
  const contexts = analyticsContexts(config, redis, { fetch }, fixedSites(new Sites([site])), copies);
  return async (path, pathParameters, queryStringParameters) => {
    const question = questions.find((one) => one.path === path)!;
    const headers = { authorization: `Bearer ${READ_KEY}` };
    const request = { headers, pathParameters, queryStringParameters } as unknown as HttpRequest;
    const { statusCode, body } = await answerQuestion(question, request, await contexts.current());
    if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}.`);
    return (JSON.parse(body!) as { data: unknown }).data;
  };
}

interface Asked {
  name: string;
  path: string;
  parameters: Record<string, string>;
  query?: Record<string, string>;
}

const breakdownBy = (dimension: string): Asked => ({
  name: `breakdown by ${dimension}`,
  path: '/v1/breakdowns/{dimension}',
  parameters: { dimension },
});

const seriesOf = (name: string, query: Record<string, string>): Asked => ({
  name: `series of ${name}`,
  path: '/v1/series',
  parameters: {},
  query,
});

export const ASKED: readonly Asked[] = [
  { name: 'overview', path: '/v1/overview', parameters: {} },
  seriesOf('revenue by day', { metric: 'revenue' }),
  seriesOf('users by month', { metric: 'users', grain: 'month' }),
  seriesOf('sessions by channel', { metric: 'sessions', by: 'channel', grain: 'week' }),
  breakdownBy('country'),
  breakdownBy('channel'),
  breakdownBy('page'),
  { name: 'products', path: '/v1/products', parameters: {} },
];

/** Measures what questions about a year cost. */
export async function main(args: string[]): Promise<number> {
  const { events, users, products, partitions, rounds, processes } = newProgram('npm run bench -- reads')
    .description(
      'Counts a year of events, has sweep make copies of their sums, and asks about a year in a new process, in a ' +
        'reader that remembers nothing (new), and in one that has no answer but the sums that it has read before ' +
        '(warm). Compares the totals with a scan of the same events first.',
    )
    .option('--events <n>', 'events', wholeNumber(10_000, 1_000_000_000), 1_000_000)
    .option('--users <n>', 'users', wholeNumber(1, 10_000_000), 100_000)
    .option('--products <n>', 'products', wholeNumber(1, 1_000_000), 10_000)
    .option('--partitions <n>', 'partitions', wholeNumber(1, 1_000), 16)
    .option('--rounds <n>', 'years asked about', wholeNumber(2, 1_000), 200)
    .option('--processes <n>', 'new processes that ask each question once', wholeNumber(0, 1_000), 20)
    .parse(args, { from: 'user' })
    .opts();
  const shape = { events, users, products };
  const cores = availableParallelism();
  const load1 = loadavg()[0]!;
  console.log(`Node ${process.versions.node}, ${cores} × ${cpus()[0]?.model.trim() ?? 'unknown'}.`);
  if (load1 > cores / 4) console.log(`The machine is busy (load ${load1.toFixed(1)}): these are no results.`);
  const dataDir = await mkdtemp(join(tmpdir(), 'footfall-bench-'));
  const services = await startServices({ dataDir, mode: 'embedded', log: console.log });
  const config = configOf(services.redisUrl, services.kafkaBrokers, partitions);
  const redis = connectRedis(config.redis, { commandTimeout: 120_000, enableAutoPipelining: true });
  try {
    await services.kafka?.stop();
    console.log(`Counting ${events.toLocaleString('en')} events…`);
    const ends = await load(redis, config, shape);
    const columns = columnsOf(shape);

    const firsts = new Map<string, number>();
    for (const asked of ASKED) {
      await forgetCopies(redis);
      const ask = newProcess(redis, config, ends);
      firsts.set(asked.name, await timeOf(ask, asked, 0));
    }
    await forgetCopies(redis);
    const began = performance.now();
    const preparer = new CopyPreparer(redis, firstGeneration(config.kafka));
    // Its first run only sees how the days are.
    for (const _ of [1, 2]) await preparer.run([site], { now: Date.now(), goOn: () => true });
    console.log(
      `Made the copies that sweep makes, in ${((performance.now() - began) / 1_000).toFixed(1)} s.`,
    );

    const known = new Copies(redis);
    await verify(newProcess(redis, config, ends, known), columns, shape);
    const scans: number[] = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      scan(columns, shape, yearFrom(i), yearFrom(i) + YEAR - 1);
      scans.push(performance.now() - began);
    }
    console.log(
      `\n${events.toLocaleString('en')} events, ${users.toLocaleString('en')} users, ${products.toLocaleString('en')} products, ${partitions} partitions. ` +
        `Every overview equals a scan of the same events, which takes ${percentile(scans, 0.5).toFixed(1)} ms in memory.\n`,
    );
    const inProcesses = await askNewProcesses(processes, { url: services.redisUrl, partitions, ends }, () =>
      forgetAnswers(redis),
    );
    const headings = [
      'without copies',
      'process p50',
      'p99',
      'new p50',
      'p99',
      'warm p50',
      'p99',
      'processor',
      'commands',
    ];
    console.log(' '.repeat(30) + [...headings, `≤ ${LIMIT_MS} ms`].map((one) => one.padStart(15)).join(''));
    for (const asked of ASKED) {
      const fresh: number[] = [];
      const again: number[] = [];
      const processor: number[] = [];
      let commands = 0;
      for (let i = 0; i < rounds; i++) {
        for (const [list, ask] of [
          [fresh, newProcess(redis, config, ends)],
          [again, newProcess(redis, config, ends, known)],
        ] as const) {
          await forgetAnswers(redis);
          await redis.config('RESETSTAT');
          const before = process.cpuUsage();
          list.push(await timeOf(ask, asked, i));
          const { user, system } = process.cpuUsage(before);
          if (list === fresh) processor.push((user + system) / 1_000);
          commands = Math.max(commands, await commandsOf(redis));
        }
      }
      const lists = [inProcesses.get(asked.name) ?? [], fresh, again];
      const cells = [
        firsts.get(asked.name)!.toFixed(0),
        ...lists.flatMap((list) => [0.5, 0.99].map((share) => percentile(list, share).toFixed(1))),
        percentile(processor, 0.5).toFixed(1),
        String(commands),
        percentile(fresh, 0.99) <= LIMIT_MS ? 'yes' : 'NO',
      ];
      console.log(asked.name.padEnd(30) + cells.map((cell) => cell.padStart(15)).join(''));
    }
    console.log(
      '\nAll in ms. without copies: when sweep has made none. process: a process that has just started asks its first ' +
        'question of the kind. new: a reader without any memory in a process that has run for a while. warm: no answer, ' +
        'but sums that it read before. processor: what new took of it, p50. The limit is for p99 of new.',
    );
    return 0;
  } finally {
    redis.disconnect();
    await services.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The first day of the i-th year that is asked about. */
const yearFrom = (i: number) => firstDay + (i % (DAYS - YEAR));

/** The time of an answer about the i-th year, ms. */
export async function timeOf(ask: Process, { path, parameters, query }: Asked, i: number): Promise<number> {
  const days = { from: formatDay(yearFrom(i)), to: formatDay(yearFrom(i) + YEAR - 1) };
  const began = performance.now();
  await ask(path, parameters, { ...days, ...query });
  return performance.now() - began;
}

/** Each overview of a year is what a look at all events gives. */
async function verify(ask: Process, columns: Columns, shape: Shape): Promise<void> {
  for (let i = 0; i < DAYS - YEAR; i++) {
    const query = { from: formatDay(yearFrom(i)), to: formatDay(yearFrom(i) + YEAR - 1) };
    const { money, ...found } = (await ask('/v1/overview', {}, query)) as Answer;
    const expected = scan(columns, shape, yearFrom(i), yearFrom(i) + YEAR - 1);
    const all = { ...found, revenue: money[0]?.revenue_minor ?? 0 };
    for (const [name, value] of Object.entries(expected)) {
      const counted = all[name as keyof typeof all];
      if (counted !== value) throw new Error(`${name} is ${counted}, a scan says ${value}.`);
    }
  }
}

/** What a process needs to know of the numbers that others have counted. */
export interface Counted {
  url: string;
  partitions: number;
  ends: number[];
}

/** Starts some processes, one after the other. Each asks every question once, and begins with another one. */
async function askNewProcesses(
  count: number,
  counted: Counted,
  forget: () => Promise<void>,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(ASKED.map(({ name }) => [name, []]));
  for (let i = 0; i < count; i++) {
    await forget();
    const child = fork(join(import.meta.dirname, 'reads-child.ts'), [JSON.stringify(counted), String(i)]);
    const exited = once(child, 'exit');
    const [took] = await Promise.race([once(child, 'message'), exited]);
    if (typeof took !== 'object' || took === null)
      throw new Error('A process that asks ended without an answer.');
    await exited;
    for (const [name, ms] of Object.entries(took as Record<string, number>)) times.get(name)!.push(ms);
  }
  return times;
}

async function forgetAnswers(redis: RedisClient): Promise<void> {
  const kept: string[] = await redis.zrange(keys.answersKept(site.id), '0', '-1');
  // A member is an answer's digest and its bytes.
  const names = kept.map((member) => keys.answer(member.slice(0, member.lastIndexOf(':'))));
  await redis.unlink(keys.answersKept(site.id), keys.answersBytes(site.id), ...names);
}

async function forgetCopies(redis: RedisClient): Promise<void> {
  const names = await redis.keys(`ff:{sums:${site.id}}:*`);
  if (names.length > 0) await redis.unlink(...names);
  await forgetAnswers(redis);
}

async function commandsOf(redis: RedisClient): Promise<number> {
  const stats = await redis.info('commandstats');
  let commands = 0;
  for (const [, name, calls] of stats.matchAll(/cmdstat_([^:|]+)[^:]*:calls=(\d+)/g)) {
    if (!/^(info|config|keys)/.test(name!)) commands += Number(calls);
  }
  return commands;
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
