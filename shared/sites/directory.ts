import { GENERATIONS, type Generations, generationsOf } from '../generations/generation.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { connectRedis } from '../platform/redis/connection.ts';
import { SiteCopy } from './redis-copy.ts';
import type { Sites } from './site.ts';
import { SiteLog } from './sites-topic.ts';
import type { SiteSource } from './source.ts';
import { type SiteState, sitesOf } from './state.ts';

/** Sites that were read no longer ago are used as they are, ms. */
const FRESH_MS = 5_000;
/** Older ones are used while they are read anew, but none that were read longer ago than this. */
const STALE_MS = 10_000;
/** Between two readings for somebody who asks for what is not there, ms: wrong keys cost Redis no more than this. */
const REFRESH_MS = 1_000;
/** While Redis is away, who knows the sites reads them from Kafka no more often, ms: it makes a consumer group. */
const KAFKA_MS = 60_000;

/**
 * The sites as this process knows them: from Redis' copy, else from their topic in Kafka, which has them for good.
 * Made once a process; many may ask at once.
 */
export class SiteDirectory implements SiteSource {
  readonly #copy: SiteCopy;
  readonly #log: SiteLog;
  #known: { state: SiteState; sites: Sites; generations: Generations | undefined; at: number } | undefined;
  #triedAt = 0;
  #kafkaAt = 0;
  #reading: Promise<Sites> | undefined;
  readonly #completeNext = coalesce(() => this.#complete());
  #completing: Promise<Sites> | undefined;

  constructor(copy: SiteCopy, log: SiteLog) {
    this.#copy = copy;
    this.#log = log;
  }

  /**
   * The sites as they were ten seconds ago at most, or as they were last known when neither Redis nor Kafka can be
   * read.
   * @throws FootfallError `sites_unavailable` 503 when they never could be read.
   */
  async current(): Promise<Sites> {
    const known = this.#known;
    if (!known) return this.#refresh();
    if (ageOf(known.at) > FRESH_MS && ageOf(this.#triedAt) > FRESH_MS) {
      const isStale = ageOf(known.at) > STALE_MS;
      const wasUnderWay = this.#reading !== undefined;
      const reading = this.#refresh();
      if (isStale) {
        // A reading that was under way when Lambda froze the container fails by the freezing: its connections are
        // dead and its time is over. That says nothing of whether the sites can be read now.
        const again = wasUnderWay ? reading.catch(() => this.#refresh()) : reading;
        return again.catch(() => {
          record(METRICS.sitesStale, 1);
          return known.sites;
        });
      }
      reading.catch(() => {});
    }
    return known.sites;
  }

  /**
   * Which generations there are, as old as {@link current}'s sites.
   * @throws as that; FootfallError `bad_generations`.
   */
  async generations(): Promise<Generations> {
    await this.current();
    const known = this.#known!;
    known.generations ??= generationsOf(known.state.sites.get(GENERATIONS));
    return known.generations;
  }

  /**
   * The sites as they were a second ago at most; as they were last known when they can't be read.
   * @throws FootfallError `sites_unavailable` 503 when they never could be read.
   */
  async refreshed(): Promise<Sites> {
    const known = this.#known;
    if (!known) return this.#refresh();
    if (this.#reading) return this.#reading.catch(() => known.sites);
    if (ageOf(this.#triedAt) < REFRESH_MS) return known.sites;
    return this.#refresh().catch(() => known.sites);
  }

  /**
   * All sites whose making or changing had been answered when this was called: by the topic's end, which is asked.
   * @throws FootfallError `sites_unavailable` 503 when Kafka can't be read.
   */
  complete(): Promise<Sites> {
    this.#completing = this.#completeNext();
    return this.#completing;
  }

  async #complete(): Promise<Sites> {
    const known = this.#known;
    try {
      if (known && known.state.next === (await this.#log.ends()).high) return known.sites;
    } catch (cause) {
      throw unavailable(cause);
    }
    return this.reconcile();
  }

  /**
   * Brings Redis' copy up to the topic's end when it is behind: Redis had lost its memory, or was away during a write.
   * @returns the sites as of then.
   * @throws FootfallError `sites_unavailable` 503 when Kafka can't be read.
   */
  async reconcile(): Promise<Sites> {
    try {
      return await this.#catchUp(await this.#readCopy());
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** What this process has written itself. */
  learn(state: SiteState): void {
    if (!this.#known || this.#known.state.next < state.next) this.#know(state);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#reading?.catch(() => {});
    await this.#completing?.catch(() => {});
    await this.#log.close();
  }

  /** One reading for all who ask while it is under way. */
  #refresh(): Promise<Sites> {
    this.#reading ??= this.#read()
      .catch((cause) => {
        throw unavailable(cause);
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #read(): Promise<Sites> {
    this.#triedAt = Date.now();
    const known = this.#known;
    const found = await this.#readCopy();
    if (found.error && known && ageOf(this.#kafkaAt) < KAFKA_MS) throw found.error;
    // A copy that is behind what is known is an old one, which Redis was given back.
    if (found.copy && !(known && found.copy.next < known.state.next)) return this.#know(found.copy);
    return this.#catchUp(found);
  }

  async #readCopy(): Promise<{ copy?: SiteState | undefined; error?: unknown }> {
    try {
      return { copy: await this.#copy.read() };
    } catch (error) {
      logger.warn('The copy of the sites can not be read', error as Error);
      return { error };
    }
  }

  /** The copy and what the topic has after it, or all that the topic has; the copy is then as new. */
  async #catchUp({ copy, error }: { copy?: SiteState | undefined; error?: unknown }): Promise<Sites> {
    this.#kafkaAt = Date.now();
    // After the copy was read: so it is not beyond the end, unless the topic was made anew.
    const ends = await this.#log.ends();
    if (copy?.next === ends.high) return this.#know(copy);
    const { state } = await this.#log.read(ends, copy);
    if (error === undefined) {
      await this.#copy.replace(state, copy).catch((cause) => {
        logger.warn('The copy of the sites could not be stored', cause as Error);
      });
    }
    return this.#know(state);
  }

  #know(state: SiteState): Sites {
    const known = this.#known;
    const at = Date.now();
    if (known?.state.next === state.next) {
      known.at = at;
      return known.sites;
    }
    const sites = sitesOf(state);
    this.#known = { state, sites, generations: undefined, at };
    return sites;
  }
}

/**
 * ms since an instant. A clock that was set back has not been there yet, and would make what is known young for as long
 * as it was set back: then nobody knows how old it is.
 */
function ageOf(at: number): number {
  const age = Date.now() - at;
  return age < 0 ? Infinity : age;
}

const unavailable = (cause: unknown) =>
  cause instanceof FootfallError
    ? cause
    : new FootfallError('sites_unavailable', 503, 'The sites can not be read now.', {
        cause,
        retryAfter: 5,
        expose: true,
      });

/** A directory on a connection of the caller's, who closes both. */
export const openSites = (kafka: Config['kafka'], redis: RedisClient): SiteDirectory =>
  new SiteDirectory(new SiteCopy(redis), new SiteLog(kafka));

/**
 * All sites, for a program that runs once: over connections that are closed again.
 * @throws FootfallError `sites_unavailable` 503 when Kafka can't be read.
 */
export async function readSites({ kafka, redis }: Pick<Config, 'kafka' | 'redis'>): Promise<Sites> {
  const connection = connectRedis(redis, { commandTimeout: 1_000 });
  const directory = openSites(kafka, connection);
  try {
    return await directory.complete();
  } finally {
    await directory.close();
    connection.disconnect();
  }
}
