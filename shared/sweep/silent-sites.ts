import { isEventCount } from '../fold/counter-names.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { METRICS } from '../platform/observe/metrics.ts';
import { logger, record } from '../platform/observe/observe.ts';
import { splitField } from '../platform/redis/fields.ts';
import { DAY_MS, HOUR_MS, localDay, MINUTE_MS } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import { LIVE_MS } from '../shard/retention.ts';
import type { Site } from '../sites/site.ts';

type Store = Pick<StoreReader, 'live' | 'minutes' | 'days' | 'dayHashes'>;

/** A site usually sends when this many events fell into the same time a week ago. With fewer, none may be chance. */
const USUAL_EVENTS = 20;
/** Sites that are looked at together. */
const AT_ONCE = 20;
/** Names in the log line. */
const MAX_NAMED = 50;

/**
 * Measures how many shops have gone silent, and names them in the log. They are one number, since a metric for each site
 * would cost money for each.
 * @param minutes without an event, after which a site that usually sends is silent
 * @param until when to give up, ms of performance.now(): then nothing is recorded, and the alarm keeps its state
 * @throws what Redis throws
 */
export async function measureSilence(
  store: Store,
  sites: readonly Site[],
  { minutes, now, until }: { minutes: number; now: number; until: number },
): Promise<void> {
  const silent: string[] = [];
  for (const some of chunkArray(sites, AT_ONCE)) {
    if (performance.now() > until) {
      logger.warn('There was no time to look for silent sites');
      return;
    }
    const found = await Promise.all(some.map((site) => isSilent(store, site, minutes, now)));
    silent.push(...some.filter((_, i) => found[i]).map(({ id }) => id));
  }
  record(METRICS.silentSites, silent.length);
  if (silent.length === 0) return;
  const line = { silent: silent.length, minutes, sites: silent.slice(0, MAX_NAMED).join(' ') };
  logger.warn('Sites that usually send have gone silent', line);
}

/**
 * Whether a site has no event of the last minutes, and usually has: at the same time a week ago or, where it has no event
 * that old, a day ago. So a night without visitors is no silence. Events count at their time, not at their receipt.
 */
async function isSilent(store: Store, site: Site, minutes: number, now: number): Promise<boolean> {
  const since = now - minutes * MINUTE_MS;
  if ((await store.live(site.id, Math.max(since, now - LIVE_MS))) > 0) return false;
  const days = await store.days(site.id);
  const first = days[0];
  // Without this week's days it has ended, or not begun.
  if (first === undefined || days.at(-1)! < localDay(now - 8 * DAY_MS, site.zone)) return false;
  const before = first <= localDay(since - 7 * DAY_MS, site.zone) ? 7 * DAY_MS : DAY_MS;
  const usual = await usualEvents(store, site, since - before, now - before);
  return usual >= USUAL_EVENTS && !(await hasEvents(store, site, since, now));
}

/** Also events without a user, which `live` does not have. */
async function hasEvents(store: Store, { id, zone }: Site, from: number, to: number): Promise<boolean> {
  const minutes: { start: number; day: number }[] = [];
  for (let start = Math.ceil(from / MINUTE_MS) * MINUTE_MS; start <= to; start += MINUTE_MS) {
    minutes.push({ start, day: localDay(start, zone) });
  }
  const sums = await store.minutes(id, minutes, isEventCount);
  return sums.some((one) => one.values().some((amount) => amount > 0));
}

/** The events of a time, from those of its hours: of an hour that is partly in it, that share. */
async function usualEvents(store: Store, { id, zone }: Site, from: number, to: number): Promise<number> {
  const days: number[] = [];
  for (let day = localDay(from - HOUR_MS, zone); day <= localDay(to, zone); day++) days.push(day);
  let events = 0;
  for (const { sums } of await store.dayHashes('hours', id, days)) {
    for (const [field, amount] of sums) {
      const [seconds, counter] = splitField(field);
      if (!isEventCount(counter)) continue;
      const start = Number(seconds) * 1_000;
      const shared = Math.min(to, start + HOUR_MS) - Math.max(from, start);
      if (shared > 0) events += (amount * shared) / HOUR_MS;
    }
  }
  return events;
}
