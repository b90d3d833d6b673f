import { GENERATIONS, type Generations, generationsOf } from '../generations/generation.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import { connectRedis, type RedisClient } from '../platform/redis/connection.ts';
import { SitesCopy } from './redis-copy.ts';
import type { Sites } from './site.ts';
import { type SitesState, sitesOf } from './sites-state.ts';
import { SitesTopic } from './sites-topic.ts';
import type { SiteSource } from './source.ts';

/** Sites read this recently are used as they are, ms. */
const FRESH_MS = 5_000;
/** Older ones are used while a refresh runs, but none older than this, ms. */
const STALE_MS = 10_000;
/** Least time between two refreshes for unknown keys while Redis has no copy or is down, ms. */
const REFRESH_INTERVAL_MS = 1_000;
/** Least time between two reads from Kafka while Redis is down, ms: each makes a consumer group. */
const KAFKA_INTERVAL_MS = 60_000;

/**
 * The sites as this process knows them: from their copy in Redis, else from their topic in Kafka, the source
 * of truth. Create one per process; concurrent callers share reads.
 */
export class SiteDirectory implements SiteSource {
  readonly #copy: SitesCopy;
  readonly #topic: SitesTopic;
  #known: { state: SitesState; sites: Sites; generations: Generations | undefined; at: number } | undefined;
  #triedAt = 0;
  #kafkaAt = 0;
  #reading: Promise<Sites> | undefined;
  readonly #copyNext = coalesce(() => this.#copy.next());
  readonly #completeNext = coalesce(() => this.#complete());
  #completing: Promise<Sites> | undefined;

  constructor(copy: SitesCopy, topic: SitesTopic) {
    this.#copy = copy;
    this.#topic = topic;
  }

  /**
   * The sites as of at most ten seconds ago, or the last known ones when neither Redis nor Kafka can be read.
   * @throws FootfallError `sites_unavailable` 503 when no read has ever succeeded.
   */
  async current(): Promise<Sites> {
    const known = this.#known;
    if (!known) return this.#refresh();
    if (ageOf(known.at) > FRESH_MS && ageOf(this.#triedAt) > FRESH_MS) {
      const isStale = ageOf(known.at) > STALE_MS;
      const wasUnderWay = this.#reading !== undefined;
      const reading = this.#refresh();
      if (isStale) {
        // A read that was in progress when Lambda froze the container fails: its connections are dead and its
        // time is over. That does not mean that the sites cannot be read now.
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
   * The existing generations, as fresh as the sites of {@link current}.
   * @throws as {@link current}; FootfallError `bad_generations`.
   */
  async generations(): Promise<Generations> {
    await this.current();
    const known = this.#known!;
    known.generations ??= generationsOf(known.state.sites.get(GENERATIONS));
    return known.generations;
  }

  /**
   * The sites as of this call, as far as the copy in Redis goes, or the last known ones when they cannot be read. A
   * change that could not be copied is missing until the sweep repairs the copy. Wrong keys cost Redis one field each:
   * all sites are read only when the copy goes further than what is known.
   * @throws FootfallError `sites_unavailable` 503 when no read has ever succeeded.
   */
  async refreshed(): Promise<Sites> {
    if (!this.#known) return this.#refresh();
    const next = await this.#copyNext().catch(() => undefined);
    const isBehind = () => next !== undefined && next > this.#known!.state.next;
    if (isBehind()) {
      // A read in progress may have begun before the change.
      await this.#reading?.catch(() => {});
      if (isBehind()) await this.#refresh().catch(() => {});
    } else if (next === undefined && (this.#reading || ageOf(this.#triedAt) >= REFRESH_INTERVAL_MS)) {
      await this.#refresh().catch(() => {});
    }
    return this.#known.sites;
  }

  /**
   * All sites, including every change that was confirmed before this call. Asks Kafka for the end of the
   * topic.
   * @throws FootfallError `sites_unavailable` 503 when Kafka cannot be read.
   */
  complete(): Promise<Sites> {
    this.#completing = this.#completeNext();
    return this.#completing;
  }

  async #complete(): Promise<Sites> {
    const known = this.#known;
    try {
      if (known && known.state.next === (await this.#topic.ends()).high) return known.sites;
    } catch (cause) {
      throw unavailable(cause);
    }
    return this.reconcile();
  }

  /**
   * Brings the copy in Redis up to the end of the topic. It lags after Redis lost its memory or was down
   * during a write.
   * @returns the sites as of then.
   * @throws FootfallError `sites_unavailable` 503 when Kafka cannot be read.
   */
  async reconcile(): Promise<Sites> {
    try {
      return await this.#catchUp(await this.#readCopy());
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** Takes over what this process has written itself, without a read. */
  learn(state: SitesState): void {
    if (!this.#known || this.#known.state.next < state.next) this.#know(state);
  }

  /** Waits for reads in progress and disconnects from Kafka. */
  async close(): Promise<void> {
    await this.#reading?.catch(() => {});
    await this.#completing?.catch(() => {});
    await this.#topic.close();
  }

  /** Starts a read, or joins the one in progress. */
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
    if (found.error && known && ageOf(this.#kafkaAt) < KAFKA_INTERVAL_MS) throw found.error;
    // A copy that is behind this process is old: Redis was restored from a backup.
    if (found.copy && !(known && found.copy.next < known.state.next)) return this.#know(found.copy);
    return this.#catchUp(found);
  }

  async #readCopy(): Promise<{ copy?: SitesState | undefined; error?: unknown }> {
    try {
      return { copy: await this.#copy.read() };
    } catch (error) {
      logger.warn('Cannot read the copy of the sites in Redis', error as Error);
      return { error };
    }
  }

  /** Reads what the topic has beyond the copy, or the whole topic, and updates the copy. */
  async #catchUp({ copy, error }: { copy?: SitesState | undefined; error?: unknown }): Promise<Sites> {
    this.#kafkaAt = Date.now();
    // Ask after reading the copy: it is not beyond the end then, unless the topic was deleted and created
    // again.
    const ends = await this.#topic.ends();
    if (copy?.next === ends.high) return this.#know(copy);
    const { state } = await this.#topic.read(ends, copy);
    if (error === undefined) {
      await this.#copy.replace(state, copy).catch((cause) => {
        logger.warn('Cannot store the copy of the sites in Redis', cause as Error);
      });
    }
    return this.#know(state);
  }

  #know(state: SitesState): Sites {
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
 * Milliseconds since `at`. Infinity when `at` is in the future: the clock was set back, so the age is
 * unknown.
 */
function ageOf(at: number): number {
  const age = Date.now() - at;
  return age < 0 ? Infinity : age;
}

const unavailable = (cause: unknown) =>
  cause instanceof FootfallError
    ? cause
    : new FootfallError('sites_unavailable', 503, 'The sites cannot be read at the moment.', {
        cause,
        retryAfter: 5,
        expose: true,
      });

/** A directory on the caller's Redis connection. The caller closes both. */
export const openSites = (kafka: Config['kafka'], redis: RedisClient): SiteDirectory =>
  new SiteDirectory(new SitesCopy(redis), new SitesTopic(kafka));

/**
 * Reads all sites, for a program that runs once. Opens and closes its own connections.
 * @throws FootfallError `sites_unavailable` 503 when Kafka cannot be read.
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
