import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { newProgram, wholeNumber } from '../local/command.ts';
import { demoSites } from '../local/sites/demo-sites.ts';
import { readConfig } from '../shared/platform/config.ts';
import { connectRedis, type RedisClient } from '../shared/platform/redis/connection.ts';
import { sitesToSimulate } from '../shared/simulation/publish.ts';
import { Sites } from '../shared/sites/site.ts';
import { aggregate, type Contender, decodeFloor, fourCommands, oneScript } from './contenders.ts';
import { printFigures, redisVersion, table, withServices } from './measure.ts';
import { verifyTotals } from './verify-totals.ts';
import { makeWorkload } from './workload.ts';

/** The slow ways get a part of the events: their speed does not depend on how many there are. */
const SLOW_PART = 0.03;

interface Measured {
  /** µs per event. */
  wall: number;
  cpu: number;
  redisCpu: number;
  commands: number;
  bytes: number;
}

async function measure(
  redis: RedisClient,
  contender: Contender,
  payloads: string[][],
  events: number,
): Promise<Measured> {
  await redis.flushall();
  await redis.config('RESETSTAT');
  const before = await redisCpu(redis);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await contender(payloads);
  const wall = (performance.now() - began) * 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const redisSpent = (await redisCpu(redis)) - before;
  const stats = await redis.info('stats');
  const commandStats = await redis.info('commandstats');
  let commands = 0;
  for (const [, name, calls] of commandStats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) {
    if (!/^(info|config|flushall)/.test(name!)) commands += Number(calls);
  }
  const bytes = Number(/total_net_input_bytes:(\d+)/.exec(stats)![1]);
  return {
    wall: wall / events,
    cpu: (user + system) / events,
    redisCpu: redisSpent / events,
    commands: commands / events,
    bytes: bytes / events,
  };
}

/** Processor time of the Redis server, µs. */
async function redisCpu(redis: RedisClient): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)![1]);
  return (seconds('used_cpu_sys') + seconds('used_cpu_user')) * 1e6;
}

function median(all: Measured[]): Measured {
  const of = (key: keyof Measured) => all.map((one) => one[key]).sort((a, b) => a - b)[all.length >> 1]!;
  return {
    wall: of('wall'),
    cpu: of('cpu'),
    redisCpu: of('redisCpu'),
    commands: of('commands'),
    bytes: of('bytes'),
  };
}

function row(name: string, { wall, cpu, redisCpu, commands, bytes }: Measured, floor: Measured): string[] {
  const rate = (us: number) => Math.round(1e6 / us).toLocaleString('en');
  const ratio = (of: number, to: number) => (of / to).toFixed(2);
  return [
    ...[name, rate(cpu), ratio(floor.cpu, cpu), rate(wall), ratio(floor.wall, wall)],
    ...[redisCpu.toFixed(1), commands.toFixed(2), bytes.toFixed(0)],
  ];
}

const COLUMNS = ['', 'events/s·core', '÷ floor', 'events/s', '÷ floor', 'Redis µs', 'commands', 'bytes'];

/** Of decoding alone, by processor time; and what Redis may take for an event, µs. */
const LIMITS = { ofFloor: 0.25, redisUs: 8 };

/** Records of an invocation while there is no backlog. */
const SMALL_BATCH = 100;

/** Measures the fold. */
export async function main(args: string[]): Promise<number> {
  const root = join(import.meta.dirname, '..');
  const deployed = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' }).functions
    .aggregate.events[0].kafka.batchSize;
  const {
    events: count,
    batch,
    rounds,
    seed,
  } = newProgram('npm run bench -- fold')
    .description(
      'Measures how many events one core folds into Redis, beside decoding alone, which is the floor, and two ' +
        'simpler ways. Each contender gets the same real records and one real Redis. Prints medians.',
    )
    .option('--events <n>', 'events', wholeNumber(1, 1_000_000_000), 300_000)
    .option('--batch <n>', 'records an invocation', wholeNumber(1, 1_000_000), deployed as number)
    .option('--rounds <n>', 'rounds that count, after one that does not', wholeNumber(1, 1_000), 5)
    .option('--seed <n>', 'another stream of events', wholeNumber(1, 0xffffffff), 1)
    .parse(args, { from: 'user' })
    .opts();

  return withServices(async (services) => {
    const { kafka } = readConfig({
      KAFKA_BROKERS: services.kafkaBrokers.join(','),
      REDIS_URL: services.redisUrl,
    });
    const simulated = sitesToSimulate(new Sites(demoSites()), undefined);
    console.log(`Sending ${count.toLocaleString('en')} simulated events through Kafka…`);
    const workload = { count, seed, batches: [batch, SMALL_BATCH] } as const;
    const { totals, payloads: both } = await makeWorkload(kafka, simulated, workload);
    const [payloads, smallPayloads] = both;
    // Only Redis and this process should run during the measurement.
    await services.kafka?.stop();

    const redis = connectRedis({ url: services.redisUrl }, { commandTimeout: 60_000 });
    const few = (all: string[][], share: number) => {
      const some = all.map((own) => own.slice(0, Math.max(1, Math.round(own.length * share))));
      return { payloads: some, count: some.flat().reduce((sum, one) => sum + recordsIn(one), 0) };
    };
    const part = few(payloads, SLOW_PART);
    const contenders = [
      { name: 'decode alone', run: decodeFloor, payloads, count },
      { name: AGGREGATE, run: aggregate(redis, simulated, kafka.partitions), payloads, count },
      {
        name: SMALL,
        run: aggregate(redis, simulated, kafka.partitions),
        payloads: smallPayloads,
        count,
      },
      { name: 'one script an event', run: oneScript(redis), ...part },
      { name: ORIGINAL, run: fourCommands(redis), ...part },
    ];
    const measured = new Map(contenders.map(({ name }) => [name, [] as Measured[]]));
    for (let round = 0; round <= rounds; round++) {
      for (const one of contenders) {
        const result = await measure(redis, one.run, one.payloads, one.count);
        if (one.name === AGGREGATE || one.name === SMALL) {
          await verifyTotals(redis, kafka.partitions, simulated, totals);
        }
        if (round > 0) measured.get(one.name)!.push(result);
      }
    }
    const version = await redisVersion(redis);
    redis.disconnect();

    const size = payloads.flat().reduce((sum, payload) => sum + payload.length, 0) / count;
    console.log(
      `\nRedis ${version}. ${count.toLocaleString('en')} events, ${batch.toLocaleString('en')} per invocation ` +
        `(${SMALL_BATCH} where it says so), ${size.toFixed(0)} bytes each as Lambda encodes them; ` +
        `median of ${rounds} rounds. Every total of aggregate equals an independent count.`,
    );
    const medians = new Map([...measured].map(([name, all]) => [name, median(all)]));
    const floor = medians.get('decode alone')!;
    console.log(table([COLUMNS, ...[...medians].map(([name, one]) => row(name, one, floor))]));
    console.log(
      'events/s·core: per second of processor time of this process; events/s: per second of wall clock.\n' +
        'Redis µs, commands (including those inside scripts) and bytes sent are per event.',
    );
    const [whole, small, original] = [AGGREGATE, SMALL, ORIGINAL].map((name) => medians.get(name)!) as [
      Measured,
      Measured,
      Measured,
    ];
    const figuresOf = (what: string, one: Measured) => [
      {
        what: `${what}: of decoding alone`,
        measured: floor.cpu / one.cpu,
        unit: '',
        ...{ limit: LIMITS.ofFloor, isLeast: true, other: floor.cpu / original.cpu },
      },
      {
        what: `${what}: Redis an event`,
        measured: one.redisCpu,
        unit: 'µs',
        ...{ limit: LIMITS.redisUs, other: original.redisCpu },
      },
    ];
    const figures = [...figuresOf('full batches', whole), ...figuresOf(`batches of ${SMALL_BATCH}`, small)];
    printFigures(
      // The limits are for full batches.
      figures.map((figure, i) => (i < 2 ? figure : { ...figure, limit: undefined })),
      'original',
    );
    return 0;
  });
}

const AGGREGATE = 'aggregate';
const SMALL = `aggregate, ${SMALL_BATCH} records`;
const ORIGINAL = 'four commands an event';

const recordsIn = (payload: string) => payload.split('"offset":').length - 1;
