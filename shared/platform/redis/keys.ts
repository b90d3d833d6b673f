import { type Day, formatDay, type Month, monthStart } from '../time.ts';

/**
 * The one place that spells Redis keys. Each key of a shard carries its generation (see generation.ts), since several
 * generations can exist at once, and the shard's hash tag, so that a batch of a partition writes to one slot. The user
 * comes last, since it may hold any character. The keys of generation 6:
 *
 *   ff:6:{p7}:head                          hash    version, next offset, timestamp of the last applied record; topic
 *                                                   and its number of partitions, which never change;
 *                                                   from:<partition> → the last record that came from there;
 *                                                   sent:<partition> → the last record that was sent there;
 *                                                   erased:<site> → 1 once a user was erased;
 *                                                   changes:<site> → which of its days have changed, see changes.ts;
 *                                                   funnels:<site> → differs whenever one of its funnels changes;
 *                                                   birth → what no other head has
 *   ff:6:{p7}:ledger                        hash    site:outcome → records; lost:from-to → records
 *   ff:6:{p7}:derived                       hash    site:outcome → records in the ledger that other shards sent
 *   ff:6:{p7}:days:<site>                   hash    day (since 1970) → events on it
 *   ff:6:{p7}:d:<site>:<day>                hash    counter → sum of the site-local day
 *   ff:6:{p7}:h:<site>:<day>                hash    hour start (s)|counter → sum
 *   ff:6:{p7}:m:<site>:<day>                hash    minute start (s)|counter → sum
 *   ff:6:{p7}:touched:<site>                hash    day → offset of the last record that changed a number of it
 *   ff:6:{p7}:p:<site>:<day>:<metric>       zset    product → sum
 *   ff:6:{p7}:ph:<site>:<hour>:<metric>     zset    product → sum of the hour (s since 1970, of UTC)
 *   ff:6:{p7}:n:<site>:<month>              hash    product → its name, of the last applied event that has one
 *   ff:6:{p7}:b:<site>:<day>:<dimension>    hash    counter|value → sum; # → values. Sessions by a dimension that events
 *                                                   have, too: visit_<dimension>
 *   ff:6:{p7}:g:<site>:<day>                hash    days since the user's previous active day (0: none) → users
 *   ff:6:{p7}:r:<site>:<period>:<day>       hash    periods since the cohort's own, which begins on day → active users
 *   ff:6:{p7}:so:<site>:<day>               hash    days from a first order on the day to its buyer's second one → buyers
 *   ff:6:{p7}:rc:<site>:<period>:<day>      hash    the buyers whose first order is in the period that begins on day:
 *                                                   b<n> → those with an order n periods later (b0: all of them),
 *                                                   o<n> → their orders, v<n>:EUR → revenue, f<n>:EUR → refunded
 *   ff:6:{p7}:f:<site>:<funnel>:<day>       hash    users or sessions that entered on the day: see funnels/
 *   ff:6:{p7}:ct:<site>:<day>               hash    carts by the day of their last change: see cart-days.ts
 *   ff:6:{p7}:z:<site>:<day>                string  what a settled day has of the hashes and sorted sets above, packed: see
 *                                                   packing/packed-parts.ts. What came later is in these
 *   ff:6:{p7}:zh:<site>:<day>               string  the same of its hours
 *   ff:6:{p7}:zl:<site>:<day>               hash    large sections of a packed day
 *   ff:6:{p7}:packed:<site>                 hash    day → its offset in touched when it was packed
 *   ff:6:{p7}:q:<site>:<day>                hash    what came in on the day: t|quality|way in → events;
 *                                                   n|quality|way in|code|path → events; # → findings
 *   ff:6:{p7}:qs:<site>:<day>               hash    quality|way in|code|path|number → a value as it was sent
 *   ff:6:{p7}:kept:<site>:<day>             hash    events, bytes: invalid events of the UTC day that are dead letters
 *   ff:6:{p7}:funnels                       hash    site:funnel → its definition as JSON
 *   ff:6:{p7}:live:<site>                   zset    user → ts of the last event, in the last half hour
 *   ff:6:{p7}:checkout:<site>               zset    user → ts of the last begin_checkout, in the last half hour, unless a
 *                                                   purchase has followed
 *   ff:6:{p7}:newest:<site>                 zset    one of the newest interactions as JSON → its ts, in the last half hour
 *   ff:6:{p7}:v:<site>:<time>:<what>         hash    minute of the half hour that begins at time (s)|page or product →
 *                                                   its views; # → values
 *   ff:6:{p7}:cart:<site>                   zset    user with a filled cart → ts of its last change
 *   ff:6:{p7}:cv:<site>:<day>               hash    user with a filled cart that was last changed on the day → its worth,
 *                                                   such as EUR:2500,JPY:300
 *   ff:6:{p7}:due:<site>                    zset    the same, until the sweep has looked at that change
 *   ff:6:{p7}:left:<site>                   zset    user whose present cart was or is being signalled → when the
 *                                                   sweep last found it abandoned
 *   ff:6:{p7}:claim:<site>                  hash    user → the signal that is being published, see cart-claims.ts
 *   ff:6:{p7}:u:<site>:<user>               string  packed user state
 *   ff:6:{p7}:o:<site>:<transaction>        string  packed order whose home the shard is, see order-state.ts
 *   ff:6:{p7}:oe:<site>:<event>|<digest>    string  the same of one without a transaction id, see order-note.ts
 *   ff:6:{p7}:oi:<site>:<day>               zset    key of an order that counts on the day, as in order-note.ts → its ts
 *   ff:6:{p7}:t:<site>:<month>:<user>       string  packed interactions, appended
 *   ff:6:{p7}:further:<site>:<user>         hash    anonymous ids that became the user, beyond those in the state
 *   ff:6:{p7}:erased:<site>:<digest>        string  JSON of the last erasure of a user: until (ms), receipt
 *   ff:6:{p7}:receipt:<site>:<receipt>      hash    what an erasure removed here, see receipts-store.ts
 *   ff:6:{p7}:replayed                      zset    dead letter that was replayed here → timestamp of that record
 *
 * Keys of no shard:
 *
 *   ff:answer:<digest>                      string  a computed answer, see answer-cache.ts
 *   ff:answer:<digest>:lock                 string  the process that computes it
 *   ff:{answers:<site>}:kept                zset    digest:bytes of an answer that the site keeps → when it expires (ms)
 *   ff:{answers:<site>}:bytes               string  the bytes of these together
 *   ff:{sums:<site>}:<generation>:<name>    string  a packed copy of sums over all shards, see derived/
 *   ff:{sums:<site>}:kept                   zset    generation:name of a copy → when it expires (ms)
 *   ff:{sums:<site>}:bytes                  hash    generation:name of a copy → its bytes; "" → all together
 *   ff:sites                                hash    site → its settings as JSON; # → the offset of their topic up to
 *                                                   which it goes
 *   ff:{dlq}:head:<partition>               hash    version, and the offset of the dead letters' topic up to which
 *                                                   their index goes, see letter-index.ts
 *   ff:{dlq}:letters                        hash    letter → what is known of it as JSON
 *   ff:{dlq}:lists                          zset    the letters in each order, all with score 0
 *   ff:{dlq}:counts                         hash    day|site|reason|status → letters
 *   ff:{dlq}:dropped                        hash    the same → letters that are no longer listed
 *   ff:{erasing}:open                      hash    receipt → an erasure as JSON whose records are not all published
 *   ff:{erasing}:ids:<receipt>              set     the person's ids whose records are not published yet
 *   ff:{erasing}:todo:<receipt>             set     those of them whose further ids are still to be looked for
 *   ff:{limit}:salt                         string  random, of a day: addresses are digested with it
 *   ff:{limit}:k:<digest>                   string  when the bucket of a write key will be full, µs; see take-tokens.lua
 *   ff:{limit}:a:<digest>                   string  the same of a client's address
 */

/** YYYYMMDD of the site's own calendar. Kept, since a batch needs the same few days again and again. */
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

/** The keys of a generation's shards. */
const shardKeys = (generation: string) => {
  const shard = (partition: number) => `ff:${generation}:{p${partition}}`;
  return {
    /** The beginning of every key of the generation. */
    prefix: `ff:${generation}:`,
    head: (p: number) => `${shard(p)}:head`,
    ledger: (p: number) => `${shard(p)}:ledger`,
    derived: (p: number) => `${shard(p)}:derived`,
    days: (p: number, site: string) => `${shard(p)}:days:${site}`,
    day: (p: number, site: string, d: Day) => `${shard(p)}:d:${site}:${day(d)}`,
    hours: (p: number, site: string, d: Day) => `${shard(p)}:h:${site}:${day(d)}`,
    minutes: (p: number, site: string, d: Day) => `${shard(p)}:m:${site}:${day(d)}`,
    products: (p: number, site: string, d: Day, metric: string) =>
      `${shard(p)}:p:${site}:${day(d)}:${metric}`,
    touched: (p: number, site: string) => `${shard(p)}:touched:${site}`,
    /** @param start of the hour, ms since the epoch. */
    productHour: (p: number, site: string, start: number, metric: string) =>
      `${shard(p)}:ph:${site}:${start / 1000}:${metric}`,
    names: (p: number, site: string, m: Month) => `${shard(p)}:n:${site}:${month(m)}`,
    gaps: (p: number, site: string, d: Day) => `${shard(p)}:g:${site}:${day(d)}`,
    cohort: (p: number, site: string, period: string, start: Day) =>
      `${shard(p)}:r:${site}:${period}:${day(start)}`,
    secondOrders: (p: number, site: string, d: Day) => `${shard(p)}:so:${site}:${day(d)}`,
    buyers: (p: number, site: string, period: string, start: Day) =>
      `${shard(p)}:rc:${site}:${period}:${day(start)}`,
    funnel: (p: number, site: string, funnel: string, d: Day) => `${shard(p)}:f:${site}:${funnel}:${day(d)}`,
    cartDay: (p: number, site: string, d: Day) => `${shard(p)}:ct:${site}:${day(d)}`,
    quality: (p: number, site: string, d: Day) => `${shard(p)}:q:${site}:${day(d)}`,
    qualitySamples: (p: number, site: string, d: Day) => `${shard(p)}:qs:${site}:${day(d)}`,
    /** @param d of UTC */
    kept: (p: number, site: string, d: Day) => `${shard(p)}:kept:${site}:${day(d)}`,
    packed: (p: number, site: string, d: Day) => `${shard(p)}:z:${site}:${day(d)}`,
    packedHours: (p: number, site: string, d: Day) => `${shard(p)}:zh:${site}:${day(d)}`,
    packedLarge: (p: number, site: string, d: Day) => `${shard(p)}:zl:${site}:${day(d)}`,
    packedDays: (p: number, site: string) => `${shard(p)}:packed:${site}`,
    funnels: (p: number) => `${shard(p)}:funnels`,
    live: (p: number, site: string) => `${shard(p)}:live:${site}`,
    checkouts: (p: number, site: string) => `${shard(p)}:checkout:${site}`,
    newest: (p: number, site: string) => `${shard(p)}:newest:${site}`,
    /** @param start of the half hour, ms since the epoch. */
    viewed: (p: number, site: string, start: number, what: string) =>
      `${shard(p)}:v:${site}:${start / 1000}:${what}`,
    carts: (p: number, site: string) => `${shard(p)}:cart:${site}`,
    cartValues: (p: number, site: string, d: Day) => `${shard(p)}:cv:${site}:${day(d)}`,
    dueCarts: (p: number, site: string) => `${shard(p)}:due:${site}`,
    claims: (p: number, site: string) => `${shard(p)}:claim:${site}`,
    leftCarts: (p: number, site: string) => `${shard(p)}:left:${site}`,
    breakdown: (p: number, site: string, d: Day, dimension: string) =>
      `${shard(p)}:b:${site}:${day(d)}:${dimension}`,
    user: (p: number, site: string, user: string) => `${shard(p)}:u:${site}:${user}`,
    order: (p: number, site: string, transaction: string) => `${shard(p)}:o:${site}:${transaction}`,
    loneOrder: (p: number, site: string, name: string) => `${shard(p)}:oe:${site}:${name}`,
    orders: (p: number, site: string, d: Day) => `${shard(p)}:oi:${site}:${day(d)}`,
    furtherAliases: (p: number, site: string, user: string) => `${shard(p)}:further:${site}:${user}`,
    /** @param digest of the user, see digest.ts. */
    tombstone: (p: number, site: string, digest: string) => `${shard(p)}:erased:${site}:${digest}`,
    receipt: (p: number, site: string, receipt: string) => `${shard(p)}:receipt:${site}:${receipt}`,
    replayed: (p: number) => `${shard(p)}:replayed`,
    timeline: (p: number, site: string, m: Month, user: string) =>
      `${shard(p)}:t:${site}:${month(m)}:${user}`,
  };
};

export type ShardKeys = ReturnType<typeof shardKeys>;

/** Made once, since a batch needs thousands of keys of one generation. */
const known = new Map<string, ShardKeys>();

/** @param generation its id, see generation.ts. */
export function keysOf(generation: string): ShardKeys {
  let keys = known.get(generation);
  if (!keys) {
    keys = shardKeys(generation);
    known.set(generation, keys);
  }
  return keys;
}

/** The keys of no shard. */
export const keys = {
  sites: 'ff:sites',
  letterHead: (p: number) => `ff:{dlq}:head:${p}`,
  letters: 'ff:{dlq}:letters',
  letterLists: 'ff:{dlq}:lists',
  letterCounts: 'ff:{dlq}:counts',
  lettersDropped: 'ff:{dlq}:dropped',
  erasures: 'ff:{erasing}:open',
  erasureIds: (receipt: string) => `ff:{erasing}:ids:${receipt}`,
  erasureTodo: (receipt: string) => `ff:{erasing}:todo:${receipt}`,
  answer: (digest: string) => `ff:answer:${digest}`,
  limitSalt: () => 'ff:{limit}:salt',
  limitOfKey: (digest: string) => `ff:{limit}:k:${digest}`,
  limitOfAddress: (digest: string) => `ff:{limit}:a:${digest}`,
  answersKept: (site: string) => `ff:{answers:${site}}:kept`,
  answersBytes: (site: string) => `ff:{answers:${site}}:bytes`,
  copy: (site: string, generation: string, name: string) => `ff:{sums:${site}}:${generation}:${name}`,
  copiesKept: (site: string) => `ff:{sums:${site}}:kept`,
  copiesBytes: (site: string) => `ff:{sums:${site}}:bytes`,
  answerLock: (digest: string) => `ff:answer:${digest}:lock`,
};
