import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GENERATIONS, type Generations, generationsOf } from '../generations/generation.ts';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { logger } from '../platform/observe/observe.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { SiteCopy } from './redis-copy.ts';
import type { Site, Sites } from './site.ts';
import { type Keyed, SiteLog } from './sites-topic.ts';
import { type SiteState, sitesOf } from './state.ts';

/**
 * For so long from its beginning a change that others come in between of is tried again, ms: the function has 29 s,
 * and who asked is to be told to come again before it is ended.
 */
const TRYING_MS = 20_000;
/** Waits are no longer than what 2 to the power of this many attempts take. */
const MAX_DOUBLINGS = 3;

/** What a change does: the sites that it makes or changes, and what its caller wants of it. */
export interface SiteChange<T> {
  changed: readonly Site[];
  result: T;
}

/** The same of whatever is stored with the sites. */
interface Made<T> {
  records: readonly Keyed[];
  result: T;
}

/**
 * Changes sites. A change is worked out on what all changes before it have left, and is stored before any other one
 * can be worked out: writers are one transactional producer, and opening it shuts out whoever has opened it before.
 * So two changes at once are done one after the other, whichever processes do them, and none is lost or done twice.
 */
export class SiteRegister {
  readonly #copy: SiteCopy;
  readonly #log: SiteLog;
  readonly #onChange: (state: SiteState) => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange told what is stored, before a change resolves. */
  constructor(copy: SiteCopy, log: SiteLog, onChange: (state: SiteState) => void = () => {}) {
    this.#copy = copy;
    this.#log = log;
    this.#onChange = onChange;
  }

  /**
   * Resolves when the change is in Kafka, on all in-sync replicas. Redis' copy is then as new, or is made so by the
   * next sweep.
   * @param make works the change out; called again when another one came in between. What it throws ends the change.
   * @throws what `make` throws; FootfallError `conflict` 409 when two sites would share what must be of one alone,
   *   `sites_busy` 503 when others came in between for some 20 s, `sites_unavailable` 503 when Kafka is away: the
   *   change may then have been stored, or not.
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
   * Changes the record of generations, as {@link change} does sites.
   * @param make gives the record anew; the same one: nothing is changed.
   * @throws what `make` throws, and as `change`; FootfallError `bad_generations`.
   */
  changeGenerations<T>(make: (known: Generations) => { generations: Generations; result: T }): Promise<T> {
    return this.#inTurn((state) => {
      const known = generationsOf(state.sites.get(GENERATIONS));
      const { generations, result } = make(known);
      const record = { ...generations, id: GENERATIONS };
      return { records: generations === known ? [] : [record], result };
    });
  }

  #inTurn<T>(make: (state: SiteState) => Made<T>): Promise<T> {
    // One after the other in this process, which else would shut itself out.
    const deadline = performance.now() + TRYING_MS;
    const changed = this.#last.then(() => this.#change(make, deadline));
    this.#last = changed.catch(() => {});
    return changed;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#last;
    await this.#log.close();
  }

  /** @param deadline on performance's clock; no attempt but the first begins after it. */
  async #change<T>(make: (state: SiteState) => Made<T>, deadline: number): Promise<T> {
    const change = randomUUID();
    const seen = await this.#copy.read().catch(() => undefined);
    let known = seen;
    let made: Made<T> | undefined;
    for (let tries = 1; ; tries++) {
      const began = performance.now();
      const attempt = await this.#attempt(known, change, make, made).catch((cause) => {
        throw cause instanceof FootfallError ? cause : unavailable(cause);
      });
      known = attempt.state;
      made = attempt.made;
      if (!attempt.isStored) {
        // Two who open in turn would shut each other out for ever: each waits for a random part of what some attempts
        // take, and of more of them each time.
        const now = performance.now();
        const wait = Math.random() * (now - began) * 2 ** Math.min(tries, MAX_DOUBLINGS);
        if (now + wait > deadline) throw busy();
        await sleep(wait);
        continue;
      }
      await this.#copy.replace(attempt.state, seen).catch((error) => {
        logger.warn('The copy of the sites could not be stored; the sweep will', error as Error);
      });
      this.#onChange(attempt.state);
      return made.result;
    }
  }

  /** @param before what an earlier attempt has tried to store; it may have been. */
  async #attempt<T>(
    known: SiteState | undefined,
    change: string,
    make: (state: SiteState) => Made<T>,
    before: Made<T> | undefined,
  ): Promise<{ isStored: boolean; state: SiteState; made: Made<T> }> {
    const writer = await this.#log.open();
    try {
      // From here on the topic is what it is, until this writer writes or is shut out.
      const { state, changes } = await this.#log.read(await this.#log.ends(), known);
      if (before && changes.has(change)) return { isStored: true, state, made: before };
      const made = make(state);
      if (made.records.length === 0) return { isStored: true, state, made };
      const written = await writer.write(made.records, change);
      if (!written) return { isStored: false, state, made };
      const { next, texts } = written;
      // Who is told of the change, and asks for all sites then, finds it.
      await this.#log.visible(next);
      return { isStored: true, state: { next, sites: new Map([...state.sites, ...texts]) }, made };
    } finally {
      await writer.close();
    }
  }
}

/** @throws FootfallError `conflict` 409: a key or a GA4 id of two sites would send one's events to the other. */
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
  const what = at < 0 ? 'A key' : `The measurement id ${text}`;
  const message = `${what} is another site's already.`;
  return new FootfallError('conflict', 409, message, { details: { errors: [{ path, message }] } });
}

const busy = () =>
  new FootfallError('sites_busy', 503, 'Others are changing sites all the time; try again.', {
    retryAfter: 1,
    expose: true,
  });

const unavailable = (cause: unknown) =>
  new FootfallError('sites_unavailable', 503, 'The sites can not be changed now; it may have been done.', {
    cause,
    retryAfter: 5,
    expose: true,
  });

/** A register on a connection of the caller's, who closes both. */
export const openRegister = (
  kafka: Config['kafka'],
  redis: RedisClient,
  onChange?: (state: SiteState) => void,
): SiteRegister => new SiteRegister(new SiteCopy(redis), new SiteLog(kafka), onChange);
