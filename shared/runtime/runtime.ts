import { type Generation, PerGeneration } from '../generations/generation.ts';
import { config } from '../platform/config.ts';
import { EventProducer } from '../platform/kafka/producer.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { type ConnectionOptions, connectRedis, type RedisClient } from '../platform/redis/connection.ts';
import { secretOf } from '../platform/secrets.ts';
import { openSites } from '../sites/directory.ts';
import { openSitesWriter } from '../sites/writer.ts';
import { closeAtShutdown } from './shutdown.ts';

/**
 * What a function's handler is wired from. Each part is made when it is first asked for, once in a process. At SIGTERM all
 * parts are closed, those that write first.
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
  const closers: (() => Promise<unknown>)[] = [];
  closeAtShutdown(closers);
  const once = onceIn(closers);
  const redis = once(
    (): RedisClient => connectRedis(settings.redis, redisOptions),
    // If a batch still writes after the quit, the connection breaks, and the quit fails. It is closed all the same.
    (one) => one.quit().catch(() => one.disconnect()),
  );
  const sites = once(
    () => openSites(kafka, redis()),
    (one) => one.close(),
  );
  return {
    settings,
    redis,
    sites,
    /** Changes sites, their keys and funnels; `sites` knows of each change at once. */
    sitesWriter: once(
      () => openSitesWriter(kafka, redis(), (state) => sites().learn(state)),
      (one) => one.close(),
    ),
    /** How far the events topic goes. */
    offsets: once(
      () => new TopicOffsets(kafka),
      (one) => one.close(),
    ),
    producer: once(
      () => new EventProducer(kafka),
      (one) => one.close(),
    ),
    /** What belongs to one generation of the numbers: ask for the current one at each request or batch. */
    perGeneration: <T>(make: (generation: Generation) => T) => new PerGeneration(sites(), kafka, make),
  };
}

/** @param closers get what closes each part, in the order in which the parts are made. */
function onceIn(closers: (() => Promise<unknown>)[]) {
  return <T>(make: () => T, close: (one: T) => Promise<unknown>): (() => T) => {
    let made: { value: T } | undefined;
    return () => {
      if (made === undefined) {
        const value = make();
        made = { value };
        closers.push(() => close(value));
      }
      return made.value;
    };
  };
}
