import { readFileSync } from 'node:fs';
import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { CommitWindow } from '../../shared/aggregate/commit-window.ts';
import { TimeBudget } from '../../shared/aggregate/time-budget.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';

/** Applies the batches of a file at once, as a container of aggregate does, and prints the most memory that it took. */
const { config, sites, batches } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as {
  config: Config;
  sites: Site[];
  batches: KafkaRecord[][];
};
const redis = connectRedis(config.redis);
const context = {
  store: new ShardStore(redis, firstGeneration(config.kafka)),
  sites: fixedSites(new Sites(sites)),
  partitions: config.kafka.partitions,
  publishDeadLetters: async () => {},
  forward: async () => {},
  restoreFunnels: async () => {},
  firstOffset: async () => 0,
  readRange: async () => {},
  refusedBefore: async () => async () => () => undefined,
  onGap: () => {},
  onRefilled: () => {},
  budget: new TimeBudget(),
  commits: new CommitWindow(),
  remainingMs: () => Infinity,
};
const counts = await Promise.all(batches.map((records) => applyRecords(records, context)));
const applied = counts.reduce((sum, one) => sum + one.applied, 0);
console.log(JSON.stringify({ applied, megabytes: process.resourceUsage().maxRSS / 1_024 }));
redis.disconnect();
