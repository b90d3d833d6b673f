import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GENERATIONS, type Generations, generationsOf } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { logger } from '../platform/observe/observe.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { SitesCopy } from './redis-copy.ts';
import type { Site, Sites } from './site.ts';
import { type SitesState, sitesOf } from './sites-state.ts';
import { type Keyed, SitesTopic } from './sites-topic.ts';

/**
 * How long a change is retried while others get in between, ms: the function has 29 s, and must
 * ask the caller to try again before it ends.
 */
const RETRY_LIMIT_MS = 20_000;
/** Waits double with each attempt, at most this often. */
const MAX_DOUBLINGS = 3;

/** Result of a change: the sites that it creates or changes, and what the caller gets. */
export interface SiteChange<T> {
  changed: readonly Site[];
  result: T;
}

/** The same for any record of the sites topic. */
interface Computed<T> {
  records: readonly Keyed[];
  result: T;
}

/**
 * Changes sites, one change after the other across all processes. Each change is computed from the result of
 * all changes before it, and is stored before another one can be: the writer is a transactional producer, and
 * opening it fences off all earlier ones. So no change is lost or applied twice.
 */
export class SitesWriter {
  readonly #copy: SitesCopy;
  readonly #topic: SitesTopic;
  readonly #onChange: (state: SitesState) => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange called with the new state before a change resolves. */
  constructor(copy: SitesCopy, topic: SitesTopic, onChange: (state: SitesState) => void = () => {}) {
    this.#copy = copy;
    this.#topic = topic;
    this.#onChange = onChange;
  }

  /**
   * Applies a change. Resolves when all in-sync replicas of Kafka have it. The copy in Redis is updated too,
   * or the next sweep does it.
   * @param make computes the change; called again when another change got in between. An error that it throws
   *   cancels the change.
   * @throws errors of `make`; FootfallError `conflict` 409 when two sites would share a key or measurement
   *   id, `sites_busy` 503 when other changes got in between for 20 s, `sites_unavailable` 503 when Kafka is
   *   unreachable: the change may be stored or not.
   * @example await writer.change((sites) => ({ changed: [{ ...sites.get('shoes')!, currency: 'EUR' }],
   *   result: undefined }))
   */
  change<T>(make: (sites: Sites) => SiteChange<T>): Promise<T> {
    return this.#inTurn((state) => {
      const sites = sitesOf(state);
      const { changed, result } = make(sites);
      if (changed.length > 0) checkDistinct(sites, changed);
      return { records: changed, result };
    });
  }

  /**
   * Changes the record of generations, like {@link change}.
   * @param make computes the new record; return the old one to change nothing.
   * @throws as {@link change}; FootfallError `bad_generations`.
   */
  changeGenerations<T>(make: (known: Generations) => { generations: Generations; result: T }): Promise<T> {
    return this.#inTurn((state) => {
      const known = generationsOf(state.sites.get(GENERATIONS));
      const { generations, result } = make(known);
      const record = { ...generations, id: GENERATIONS };
      return { records: generations === known ? [] : [record], result };
    });
  }

  #inTurn<T>(make: (state: SitesState) => Computed<T>): Promise<T> {
    // One at a time in this process, which would otherwise fence itself off.
    const deadline = performance.now() + RETRY_LIMIT_MS;
    const changed = this.#last.then(() => this.#change(make, deadline));
    this.#last = changed.catch(() => {});
    return changed;
  }

  /** Waits for the change in progress. */
  async close(): Promise<void> {
    await this.#last;
    await this.#topic.close();
  }

  /** @param deadline ms of performance.now(); only the first attempt may begin after it. */
  async #change<T>(make: (state: SitesState) => Computed<T>, deadline: number): Promise<T> {
    const change = randomUUID();
    const seen = await this.#copy.read().catch(() => undefined);
    let known = seen;
    let made: Computed<T> | undefined;
    for (let tries = 1; ; tries++) {
      const began = performance.now();
      const attempt = await this.#attempt(known, change, make, made).catch((cause) => {
        throw cause instanceof FootfallError ? cause : unavailable(cause);
      });
      known = attempt.state;
      made = attempt.made;
      if (!attempt.isStored) {
        // Two processes that take turns would fence each other off forever. Each waits for a random fraction
        // of a time that doubles with each attempt.
        const now = performance.now();
        const wait = Math.random() * (now - began) * 2 ** Math.min(tries, MAX_DOUBLINGS);
        if (now + wait > deadline) throw busy();
        await sleep(wait);
        continue;
      }
      await this.#copy.replace(attempt.state, seen).catch((error) => {
        logger.warn('Cannot store the copy of the sites in Redis; the sweep will', error as Error);
      });
      this.#onChange(attempt.state);
      return made.result;
    }
  }

  /** @param before what an earlier attempt tried to store, and may have stored. */
  async #attempt<T>(
    known: SitesState | undefined,
    change: string,
    make: (state: SitesState) => Computed<T>,
    before: Computed<T> | undefined,
  ): Promise<{ isStored: boolean; state: SitesState; made: Computed<T> }> {
    const transaction = await this.#topic.open();
    try {
      // From here on the topic does not change until this transaction writes or is fenced off.
      const { state, changes } = await this.#topic.read(await this.#topic.ends(), known);
      if (before && changes.has(change)) return { isStored: true, state, made: before };
      const made = make(state);
      if (made.records.length === 0) return { isStored: true, state, made };
      const written = await transaction.write(made.records, change);
      if (!written) return { isStored: false, state, made };
      const { next, texts } = written;
      // A caller that reads all sites after this change must find it.
      await this.#topic.visible(next);
      return { isStored: true, state: { next, sites: new Map([...state.sites, ...texts]) }, made };
    } finally {
      await transaction.close();
    }
  }
}

/**
 * @throws FootfallError `conflict` 409: with a shared key or GA4 id, events of one site would go to the
 *   other.
 */
function checkDistinct(sites: Sites, changed: readonly Site[]): void {
  const ids = new Set(changed.map(({ id }) => id));
  const all = [...sites.all().filter(({ id }) => !ids.has(id)), ...changed];
  const owners = new Map<string, string>();
  for (const { id, keys, measurement_ids } of all) {
    for (const text of [...keys.map(({ hash }) => hash), ...measurement_ids]) {
      const owner = owners.get(text);
      if (owner !== undefined) throw conflict(text, measurement_ids);
      owners.set(text, id);
    }
  }
}

function conflict(text: string, measurementIds: readonly string[]): FootfallError {
  const at = measurementIds.indexOf(text);
  const path = at < 0 ? 'keys' : `measurement_ids[${at}]`;
  const message =
    at < 0
      ? 'A key belongs to another site.'
      : `Another site lists the measurement id ${text}. Events with a write key count all the same. The operator of the ` +
        'installation can move the id with take_over.';
  return new FootfallError('conflict', 409, message, { details: { errors: [{ path, message }] } });
}

const busy = () =>
  new FootfallError('sites_busy', 503, 'Other requests keep changing sites. Try again.', {
    retryAfter: 1,
    expose: true,
  });

const unavailable = (cause: unknown) =>
  new FootfallError('sites_unavailable', 503, 'Kafka does not answer. The change may or may not be stored.', {
    cause,
    retryAfter: 5,
    expose: true,
  });

/** A writer on the caller's Redis connection. The caller closes both. */
export const openSitesWriter = (
  kafka: Config['kafka'],
  redis: RedisClient,
  onChange?: (state: SitesState) => void,
): SitesWriter => new SitesWriter(new SitesCopy(redis), new SitesTopic(kafka), onChange);
