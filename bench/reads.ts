import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { newProgram, wholeNumber } from '../local/command.ts';
import { startServices } from '../local/services/services.ts';
import { Copies } from '../shared/derived/copies.ts';
import { EVENT_VERSION, type FootfallEvent } from '../shared/event/event.ts';
import { partitionOf } from '../shared/event/partition.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import type { HttpRequest } from '../shared/platform/http/stack.ts';
import type { KafkaRecord } from '../shared/platform/kafka/record.ts';
import { connectRedis, type RedisClient } from '../shared/platform/redis/connection.ts';
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
/** The most that a cold answer of a year takes at p99, ms. */
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

/** A process that has answered nothing yet. @param copies of sums that it knows */
function newProcess(
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

const ASKED: [
  name: string,
  path: string,
  parameters: Record<string, string>,
  query?: Record<string, string>,
][] = [
  ['overview', '/v1/overview', {}],
  ['series of revenue by day', '/v1/series', {}, { metric: 'revenue' }],
  ['series of users by month', '/v1/series', {}, { metric: 'users', grain: 'month' }],
  ['series of sessions by channel', '/v1/series', {}, { metric: 'sessions', by: 'channel', grain: 'week' }],
  ['breakdown by country', '/v1/breakdowns/{dimension}', { dimension: 'country' }],
  ['breakdown by channel', '/v1/breakdowns/{dimension}', { dimension: 'channel' }],
  ['breakdown by page', '/v1/breakdowns/{dimension}', { dimension: 'page' }],
  ['products', '/v1/products', {}],
];

/** Measures what questions about a year cost. */
export async function main(args: string[]): Promise<number> {
  const { events, users, products, partitions, rounds } = newProgram('npm run bench -- reads')
    .description(
      'Counts a year of events, then asks about it in a process that remembers nothing (new), and in one that has no ' +
        'answer but the sums that it has read before (warm). Compares the totals with a scan of the same events first.',
    )
    .option('--events <n>', 'events', wholeNumber(10_000, 1_000_000_000), 1_000_000)
    .option('--users <n>', 'users', wholeNumber(1, 10_000_000), 100_000)
    .option('--products <n>', 'products', wholeNumber(1, 1_000_000), 10_000)
    .option('--partitions <n>', 'partitions', wholeNumber(1, 1_000), 16)
    .option('--rounds <n>', 'years asked about', wholeNumber(2, 1_000), 100)
    .parse(args, { from: 'user' })
    .opts();
  const shape = { events, users, products };
  const cores = availableParallelism();
  const load1 = loadavg()[0]!;
  console.log(`Node ${process.versions.node}, ${cores} × ${cpus()[0]?.model.trim() ?? 'unknown'}.`);
  if (load1 > cores / 4) console.log(`The machine is busy (load ${load1.toFixed(1)}): these are no results.`);
  const dataDir = await mkdtemp(join(tmpdir(), 'footfall-bench-'));
  const services = await startServices({ dataDir, mode: 'embedded', log: console.log });
  const given = readConfig({
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    REDIS_URL: services.redisUrl,
  });
  const config = { ...given, kafka: { ...given.kafka, partitions }, answerMaxAgeMs: 0 };
  const redis = connectRedis(config.redis, { commandTimeout: 120_000, enableAutoPipelining: true });
  try {
    await services.kafka?.stop();
    console.log(`Counting ${events.toLocaleString('en')} events…`);
    const ends = await load(redis, config, shape);
    const columns = columnsOf(shape);
    const yearFrom = (i: number) => firstDay + (i % (DAYS - YEAR));
    const queryOf = (i: number) => ({
      from: formatDay(yearFrom(i)),
      to: formatDay(yearFrom(i) + YEAR - 1),
    });

    const verify = async (ask: Process, i: number) => {
      const { money, ...found } = (await ask('/v1/overview', {}, queryOf(i))) as Answer;
      const expected = scan(columns, shape, yearFrom(i), yearFrom(i) + YEAR - 1);
      const all = { ...found, revenue: money[0]?.revenue_minor ?? 0 };
      for (const [name, value] of Object.entries(expected)) {
        const counted = all[name as keyof typeof all];
        if (counted !== value) throw new Error(`${name} is ${counted}, a scan says ${value}.`);
      }
    };
    const known = new Copies(redis);
    const warm = newProcess(redis, config, ends, known);
    const firsts = new Map<string, number>();
    for (const [name, path, parameters, query] of ASKED) {
      const began = performance.now();
      await warm(path, parameters, { ...queryOf(0), ...query });
      firsts.set(name, performance.now() - began);
    }
    for (let i = 0; i < DAYS - YEAR; i++) await verify(warm, i);
    await verify(newProcess(redis, config, ends), 3);

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
    const columnsOfTable = [
      'first, ms',
      'new p50',
      'new p99',
      'warm p50',
      'warm p99',
      'commands',
      `≤ ${LIMIT_MS} ms`,
    ];
    console.log(' '.repeat(32) + columnsOfTable.map((one) => one.padStart(10)).join(''));
    for (const [name, path, parameters, query] of ASKED) {
      const fresh: number[] = [];
      const again: number[] = [];
      let commands = 0;
      for (let i = 0; i < rounds; i++) {
        for (const [list, ask] of [
          [fresh, newProcess(redis, config, ends)],
          [again, newProcess(redis, config, ends, known)],
        ] as const) {
          await forgetAnswers(redis);
          await redis.config('RESETSTAT');
          const began = performance.now();
          await ask(path, parameters, { ...queryOf(i), ...query });
          list.push(performance.now() - began);
          commands = Math.max(commands, await commandsOf(redis));
        }
      }
      const cells = [
        firsts.get(name)!.toFixed(0),
        ...[fresh, again].flatMap((list) => [0.5, 0.99].map((share) => percentile(list, share).toFixed(1))),
        String(commands),
        percentile(again, 0.99) <= LIMIT_MS ? 'yes' : 'NO',
      ];
      console.log(name.padEnd(32) + cells.map((cell) => cell.padStart(10)).join(''));
    }
    console.log(
      '\nfirst: before there were copies of sums, in this order. new: a process without any memory. warm: no answer, but ' +
        'sums that it read before. The limit is for warm p99.',
    );
    return 0;
  } finally {
    redis.disconnect();
    await services.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function forgetAnswers(redis: RedisClient): Promise<void> {
  const [names] = [await redis.keys('ff:answer:*')];
  if (names.length > 0) await redis.unlink(...names);
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
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
