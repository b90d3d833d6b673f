import { type Day, formatDay, type Month, monthStart } from '../time.ts';

/**
 * The one place that spells a Redis key. Each key carries its shard's hash tag, so that a partition's whole
 * batch lies in one slot. The user comes last, since it may hold any character.
 *
 *   ff:{p7}:head                          hash    version, next offset, timestamp of the last applied record
 *   ff:{p7}:ledger                        hash    site:outcome → records; lost:from-to → records
 *   ff:{p7}:days:<site>                   hash    day (since 1970) → events on it
 *   ff:{p7}:d:<site>:<day>                hash    counter → sum of the site-local day
 *   ff:{p7}:h:<site>:<day>                hash    hour start (s)|counter → sum
 *   ff:{p7}:m:<site>:<day>                hash    minute start (s)|counter → sum
 *   ff:{p7}:p:<site>:<day>:<metric>       zset    product → sum
 *   ff:{p7}:b:<site>:<day>:<dimension>    hash    counter|value → sum
 *   ff:{p7}:u:<site>:<user>               string  packed user state
 *   ff:{p7}:t:<site>:<month>:<user>       string  packed interactions, appended
 */
const shard = (partition: number) => `ff:{p${partition}}`;

/** YYYYMMDD of the site's own calendar; a batch asks for the same few days all the time. */
const days = new Map<Day, string>();
function day(value: Day): string {
  let text = days.get(value);
  if (text === undefined) {
    if (days.size > 10_000) days.clear();
    text = formatDay(value).replaceAll('-', '');
    days.set(value, text);
  }
  return text;
}

/** YYYYMM. */
const month = (value: Month) => day(monthStart(value)).slice(0, 6);

export const keys = {
  head: (p: number) => `${shard(p)}:head`,
  ledger: (p: number) => `${shard(p)}:ledger`,
  days: (p: number, site: string) => `${shard(p)}:days:${site}`,
  day: (p: number, site: string, d: Day) => `${shard(p)}:d:${site}:${day(d)}`,
  hours: (p: number, site: string, d: Day) => `${shard(p)}:h:${site}:${day(d)}`,
  minutes: (p: number, site: string, d: Day) => `${shard(p)}:m:${site}:${day(d)}`,
  products: (p: number, site: string, d: Day, metric: string) => `${shard(p)}:p:${site}:${day(d)}:${metric}`,
  breakdown: (p: number, site: string, d: Day, dimension: string) =>
    `${shard(p)}:b:${site}:${day(d)}:${dimension}`,
  user: (p: number, site: string, user: string) => `${shard(p)}:u:${site}:${user}`,
  timeline: (p: number, site: string, m: Month, user: string) => `${shard(p)}:t:${site}:${month(m)}:${user}`,
};
