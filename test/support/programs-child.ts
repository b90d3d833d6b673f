import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { currentGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { sweep } from '../../shared/sweep/sweep-shards.ts';
import { startAggregating } from './aggregating.ts';

/** The programs of an installation whose version differs from the test's (other-format.ts). */
const config = JSON.parse(process.argv[2]!) as Config;
const { kafka } = config;
const redis = connectRedis(config.redis);
const aggregating = await startAggregating(config);

async function signal(): Promise<number> {
  const generation = currentGeneration(await aggregating.directory.generations(), kafka);
  const { signalled, failures } = await sweep({
    claims: new CartClaims(redis, generation),
    trimmer: new Trimmer(redis, generation),
    openWriter: () => SignalWriter.open(kafka),
    takeOver: async () => {},
    sites: (await aggregating.directory.current()).all(),
    partitions: kafka.partitions,
    cartAbandonedMinutes: 60,
  });
  if (failures.length > 0) throw failures[0];
  return signalled;
}

process.on('message', async (question) => {
  if (question === 'sweep') process.send!(await signal());
  else {
    await aggregating.caughtUp();
    process.send!(0);
  }
});
process.send!(0);
