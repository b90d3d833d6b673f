import { begin, buildUp } from '../cli/rebuild/build.ts';
import { withContext } from '../cli/rebuild/context.ts';
import { openFilling } from '../cli/rebuild/fill.ts';
import { newProgram, wholeNumber } from '../local/command.ts';
import { addSites, demoSites } from '../local/sites/demo-sites.ts';
import { readConfig } from '../shared/platform/config.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { connectRedis } from '../shared/platform/redis/connection.ts';
import { sitesToSimulate } from '../shared/simulation/publish.ts';
import { Sites } from '../shared/sites/site.ts';
import { aggregate, fourCommands } from './contenders.ts';
import { printFigures, redisVersion, withServices } from './measure.ts';
import { verifyTotals } from './verify-totals.ts';
import { makeWorkload } from './workload.ts';

/** The slow way counts a part of the events: its speed does not depend on how many there are. */
const SLOW_PART = 0.03;
const BATCH = 10_000;

/** Measures a rebuild. */
export async function main(args: string[]): Promise<number> {
  const { events: count, seed } = newProgram('npm run bench -- rebuild')
    .description(
      'Counts simulated events, then counts them again into a new generation, as footfall rebuild does, and measures ' +
        'that. Compares the totals of both with an independent count.',
    )
    .option('--events <n>', 'events', wholeNumber(1_000, 1_000_000_000), 300_000)
    .option('--seed <n>', 'another stream of events', wholeNumber(1, 0xffffffff), 1)
    .parse(args, { from: 'user' })
    .opts();
  return withServices(async (services) => {
    const given = readConfig({
      KAFKA_BROKERS: services.kafkaBrokers.join(','),
      REDIS_URL: services.redisUrl,
    });
    await ensureTopics(given.kafka);
    await addSites(given, demoSites());
    const simulated = sitesToSimulate(new Sites(demoSites()), undefined);
    console.log(`Sending ${count.toLocaleString('en')} simulated events through Kafka…`);
    const workload = { count, seed, batches: [BATCH] } as const;
    const {
      totals,
      payloads: [payloads],
      topic,
    } = await makeWorkload(given.kafka, simulated, workload);
    const config = { ...given, kafka: { ...given.kafka, eventsTopic: topic } };
    const redis = connectRedis(config.redis, { commandTimeout: 60_000 });
    const timed = async (work: () => Promise<unknown>) => {
      const [began, used] = [performance.now(), process.cpuUsage()];
      await work();
      const { user, system } = process.cpuUsage(used);
      return { seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6 };
    };
    try {
      const counting = aggregate(redis, simulated, config.kafka.partitions, topic);
      const first = await timed(() => counting(payloads));
      await verifyTotals(redis, config.kafka.partitions, simulated, totals, { topic });
      const options = { log: () => {}, signal: new AbortController().signal };
      const rebuilt = await withContext(config, options, async (context) => {
        const { next } = await begin(context);
        const filling = openFilling(context, next);
        try {
          const took = await timed(async () => {
            await buildUp(context, filling);
            await filling.caughtUp(options.signal);
          });
          await verifyTotals(redis, config.kafka.partitions, simulated, totals, { generation: next });
          return took;
        } finally {
          await filling.close();
        }
      });
      const part = payloads.map((own) => own.slice(0, Math.max(1, Math.round(own.length * SLOW_PART))));
      const partCount = part.flat().reduce((sum, payload) => sum + payload.split('"offset":').length - 1, 0);
      const original = await timed(() => fourCommands(redis)(part));
      console.log(
        `\nRedis ${await redisVersion(redis)}. ${count.toLocaleString('en')} events. Every total of both generations ` +
          'equals an independent count.',
      );
      printFigures(
        [
          {
            what: 'a rebuild, with reading Kafka',
            measured: count / rebuilt.seconds,
            unit: 'events/s',
            other: partCount / original.seconds,
          },
          {
            what: '… by processor time',
            measured: count / rebuilt.cpu,
            unit: 'events/s',
            other: partCount / original.cpu,
          },
          {
            what: 'counting the same the first time',
            measured: count / first.seconds,
            unit: 'events/s',
            other: partCount / original.seconds,
          },
        ],
        'original',
      );
      return 0;
    } finally {
      redis.disconnect();
    }
  });
}
