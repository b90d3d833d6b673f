import { type Generation, PerGeneration } from '../generations/generation.ts';
import { config } from '../platform/config.ts';
import { EventProducer } from '../platform/kafka/producer.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { type ConnectionOptions, connectRedis, type RedisClient } from '../platform/redis/connection.ts';
import { secretOf } from '../platform/secrets.ts';
import { openSites } from '../sites/directory.ts';
import { openSitesWriter } from '../sites/writer.ts';

/**
 * What a function's handler is wired from. Each part is made when it is first asked for, once in a process.
 *
 * @example
 * const { redis, perGeneration } = openRuntime({ commandTimeout: 1_000 });
 * const stores = perGeneration((generation) => new StoreReader(redis(), generation));
 * @param redisOptions of the one connection to Redis.
 * @throws FootfallError `bad_configuration`.
 */
export function openRuntime(redisOptions: ConnectionOptions = {}) {
  const settings = config();
  const { kafka } = settings;
  // While the rest of the code loads. A failure shows where a connection needs the secret, which reads it again.
  for (const arn of Object.values(kafka.secrets ?? {})) {
    if (arn !== undefined)
      secretOf(arn)
        .read()
        .catch(() => {});
  }
  const redis = once((): RedisClient => connectRedis(settings.redis, redisOptions));
  const sites = once(() => openSites(kafka, redis()));
  return {
    settings,
    redis,
    sites,
    /** Changes sites, their keys and funnels; `sites` knows of each change at once. */
    sitesWriter: once(() => openSitesWriter(kafka, redis(), (state) => sites().learn(state))),
    /** How far the events topic goes. */
    offsets: once(() => new TopicOffsets(kafka)),
    producer: once(() => new EventProducer(kafka)),
    /** What belongs to one generation of the numbers: ask for the current one at each request or batch. */
    perGeneration: <T>(make: (generation: Generation) => T) => new PerGeneration(sites(), kafka, make),
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
