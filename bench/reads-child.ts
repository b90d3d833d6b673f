import { connectRedis } from '../shared/platform/redis/connection.ts';
import { ASKED, type Counted, configOf, newProcess, timeOf } from './reads.ts';

/**
 * A process that has just started. Asks every question once, and says how long each took, ms.
 * Arguments: what others have counted (JSON); how many such processes there were before, by which it chooses the year and
 * its first question.
 */
const [counted, before] = [JSON.parse(process.argv[2]!) as Counted, Number(process.argv[3])];
const config = configOf(counted.url, ['127.0.0.1:1'], counted.partitions);
const redis = connectRedis(config.redis, { enableAutoPipelining: true });
await redis.ping();
const ask = newProcess(redis, config, counted.ends);
const took: Record<string, number> = {};
for (let i = 0; i < ASKED.length; i++) {
  const asked = ASKED[(before + i) % ASKED.length]!;
  took[asked.name] = await timeOf(ask, asked, before);
}
redis.disconnect();
process.send!(took);
process.disconnect();
