import { homeOfOrder } from '../event/order-note.ts';
import { partitionOf } from '../event/partition.ts';
import type { Period } from '../fold/cohorts.ts';
import type { TrendingMetric, Viewed } from '../fold/counter-names.ts';
import type { BuyerPeriod } from '../fold/customer.ts';
import { type NewestInteraction, unpackNewest } from '../fold/newest-interactions.ts';
import { type OrderState, unpackOrder } from '../fold/order-state.ts';
import { type Interaction, unpackInteractions } from '../fold/timeline.ts';
import { type UserState, unpackUserState } from '../fold/user-state.ts';
import type { FunnelDefinition } from '../funnels/definition.ts';
import type { Generation } from '../generations/generation.ts';
import { chunkArray } from '../platform/chunk-array.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { answersOf, type RedisClient } from '../platform/redis/connection.ts';
import {
  ARRIVED,
  BIRTH,
  changesField,
  funnelsField,
  isLostField,
  joinField,
  positionsOf,
  SENT,
  splitField,
  splitFunnelField,
} from '../platform/redis/fields.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { type Day, dayStart, localDay, MINUTE_MS, type Month } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import type { Site } from '../sites/site.ts';
import { assertSameTopic } from './assert-topic.ts';
import { Changes } from './changes.ts';
import { fieldsInPages, scoresInPages } from './in-pages.ts';
import { orderKey } from './order-key.ts';
import { addCell, type Cells, cellOf, cellsOfFields } from './packing/cells.ts';
import { DayReader } from './packing/day-reader.ts';
import { breakdownSection, DAY_SECTIONS, funnelSection } from './packing/packed-parts.ts';
import { timelineMonths, VIEWED_MS } from './retention.ts';
import { type Sums, sumTable, tableOf } from './sums.ts';

/** How far a shard has come. */
export interface ShardHead {
  partition: number;
  /** Grows with each commit, and with every other change of the shard's numbers. */
  version: number;
  /** The offset of the next record to apply. */
  next: number;
  /** Timestamp of the last applied record, ms; undefined when there is none. */
  timestamp: number | undefined;
  /** By other shard: the position of the last record that came from there, and of the last one that was sent there. */
  arrived: Readonly<Record<number, number>>;
  sent: Readonly<Record<number, number>>;
}

/** What a shard's head says of one site, too. */
export interface SiteHead extends ShardHead {
  /** What no other head has: one that Redis lost, and that is filled again, has another one. Absent: it is older. */
  birth: string | undefined;
  /** Which of the site's days have changed. */
  changes: Changes;
  /** Differs whenever a funnel of the site is defined or removed. */
  funnels: string | undefined;
}

/** The lists of a site's shard in which a user can be, see keys.ts. The claim is as it is stored. */
export interface UserLists {
  live: number | undefined;
  checkout: number | undefined;
  cart: number | undefined;
  due: number | undefined;
  left: number | undefined;
  claim: string | undefined;
}

/** Fields that one step of a scan looks at, about. */
const ALIASES_A_PAGE = 1_000;

/** The most rankings that one call adds up. Smaller calls would only send the same products more often. */
const UNION_KEYS = 92;
/**
 * The most entries of rankings that one call adds up, see also in-pages.ts.
 * Redis needs 0.2 to 0.5 µs for each: a site may have any number of products and of event names, and others wait
 * meanwhile.
 */
const ENTRIES_A_CALL = 10_000;

/** The most fields of a hash that one call asks for. */
const FIELDS_A_CALL = 1_000;

/** About how many carts one step reads. */
const CARTS_A_PAGE = 5_000;

const daysBetween = (first: Day, last: Day): Day[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

interface CartsCommand {
  readCarts(keyCount: number, ...args: (string | number)[]): Promise<string[]>;
}

/** The kinds of hashes that are kept by day. packed-parts.ts lists those that are packed. */
export type DayHash = 'day' | 'hours' | 'minutes' | 'gaps' | 'secondOrders' | 'cartDay';

/**
 * The read side of the store. It adds up counters over all shards, since a site's users are spread over them. The
 * connection pipelines the commands of one tick by itself, so each method takes one round trip.
 */
export class StoreReader {
  readonly #redis: RedisClient & CartsCommand;
  readonly #generation: Generation;
  readonly #keys: ShardKeys;
  readonly #partitions: readonly number[];
  readonly #byDay: DayReader;

  /** @param redis a connection with enableAutoPipelining */
  constructor(redis: RedisClient, generation: Generation) {
    redis.defineCommand('readCarts', { lua: readScript('shard/read-carts.lua') });
    this.#redis = redis as RedisClient & CartsCommand;
    this.#generation = generation;
    this.#keys = keysOf(generation.id);
    this.#byDay = new DayReader(redis, this.#keys);
    const { partitions } = generation;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
  }

  /** The id of the generation that is read. */
  get generation(): string {
    return this.#generation.id;
  }

  /** How far each shard has come. @throws FootfallError `wrong_partitions` 500 when a shard counts another topic. */
  async heads(): Promise<ShardHead[]> {
    return (await this.#heads([])).map(({ head }) => head);
  }

  /** The same, with what the heads say of a site. It costs no more commands. @throws as {@link heads}. */
  async siteHeads(site: string): Promise<SiteHead[]> {
    const [field, funnels] = [changesField(site), funnelsField(site)];
    const heads = await this.#heads([BIRTH, field, funnels]);
    return heads.map(({ head, fields }) => ({
      ...head,
      birth: fields[BIRTH],
      changes: new Changes(fields[field]),
      funnels: fields[funnels],
    }));
  }

  /** @param further fields that are wanted, too. All of a head may be very long: it says something of each site. */
  #heads(further: readonly string[]): Promise<{ head: ShardHead; fields: Partial<Fields> }[]> {
    const others = this.#partitions.flatMap((one) => [`${ARRIVED}${one}`, `${SENT}${one}`]);
    const names = ['version', 'next', 'timestamp', 'topic', 'partitions', ...others, ...further];
    return this.#eachShard(async (partition) => {
      const values = await this.#redis.hmget(this.#keys.head(partition), ...names);
      const fields: Fields = {};
      names.forEach((name, i) => {
        if (typeof values[i] === 'string') fields[name] = values[i];
      });
      assertSameTopic(fields, this.#generation);
      const head = {
        partition,
        version: Number(fields.version ?? 0),
        next: Number(fields.next ?? 0),
        timestamp: fields.timestamp ? Number(fields.timestamp) : undefined,
        arrived: Object.fromEntries(positionsOf(fields, ARRIVED)),
        sent: Object.fromEntries(positionsOf(fields, SENT)),
      };
      return { head, fields };
    });
  }

  /** For each shard: `site:outcome` → records, `lost:from-to` → records, `skipped` → offsets; and its next offset. */
  ledgers(): Promise<{ partition: number; next: number; sums: Counters }[]> {
    return this.#eachShard(async (partition) => {
      // In one transaction: a commit between the two would make them disagree.
      const [next, ledger] = await answersOf<[string | null, Record<string, string>]>(
        this.#redis.multi().hget(this.#keys.head(partition), 'next').hgetall(this.#keys.ledger(partition)),
      );
      return { partition, next: Number(next ?? 0), sums: sumFields([ledger]) };
    });
  }

  /** One shard's ledger with the records of other shards separate, and its next offset. */
  async ledger(partition: number): Promise<{ next: number; sums: Counters; derived: Counters }> {
    const [next, ledger, derived] = await answersOf<[string | null, Fields, Fields]>(
      this.#redis
        .multi()
        .hget(this.#keys.head(partition), 'next')
        .hgetall(this.#keys.ledger(partition))
        .hgetall(this.#keys.derived(partition)),
    );
    return { next: Number(next ?? 0), sums: sumFields([ledger]), derived: sumFields([derived]) };
  }

  /**
   * How many records are lost for good: Redis lost or never had them, and Kafka had deleted them. Read outside of a
   * transaction, which a full Redis refuses even for reading.
   */
  async lostRecords(): Promise<number> {
    const ledgers = await this.#eachShard((partition) => this.#redis.hgetall(this.#keys.ledger(partition)));
    let lost = 0;
    for (const ledger of ledgers) {
      for (const [field, records] of Object.entries(ledger)) if (isLostField(field)) lost += Number(records);
    }
    return lost;
  }

  /** The days on which a site has events, in order. */
  async days(site: string): Promise<Day[]> {
    const shards = await this.#eachShard((partition) => this.#redis.hkeys(this.#keys.days(partition, site)));
    return [...new Set(shards.flat().map(Number))].sort((a, b) => a - b);
  }

  /** One kind of counters for each of the days, by field. */
  async dayHashes(
    kind: DayHash,
    site: string,
    days: readonly Day[],
  ): Promise<{ day: Day; sums: Counters }[]> {
    const section: string | undefined = (DAY_SECTIONS as Partial<Record<DayHash, string>>)[kind];
    return this.#eachPackedDay(site, days, section, this.#keys[kind]);
  }

  /** The counters of all the days, added up. */
  async dayTotals(site: string, days: readonly Day[]): Promise<Counters> {
    const totals: Counters = new Map();
    for (const { sums } of await this.dayHashes('day', site, days)) {
      for (const [counter, amount] of sums) increase(totals, counter, amount);
    }
    return totals;
  }

  /**
   * Calls `visit` with how many users were active on a day and last before that `gap` days earlier; 0: never. See
   * active-days.ts.
   */
  async eachGap(
    site: string,
    days: readonly Day[],
    visit: (day: Day, gap: number, users: number) => void,
  ): Promise<void> {
    for (const { day, sums } of await this.dayHashes('gaps', site, days)) {
      for (const [gap, users] of sums) visit(day, Number(gap), users);
    }
  }

  /** A dimension's `counter|value` sums for each of the days. */
  breakdown(site: string, days: readonly Day[], dimension: string): Promise<{ day: Day; sums: Counters }[]> {
    const keyOf = (partition: number, _: string, day: Day) =>
      this.#keys.breakdown(partition, site, day, dimension);
    return this.#eachPackedDay(site, days, breakdownSection(dimension), keyOf);
  }

  /** Calls `visit` with each of these sums. */
  async eachValue(
    site: string,
    days: readonly Day[],
    dimension: string,
    visit: (day: Day, counter: string, value: string, amount: number) => void,
  ): Promise<void> {
    for (const { day, sums } of await this.breakdown(site, days, dimension)) {
      for (const [field, amount] of sums) {
        const [counter, value] = cellOf(field);
        if (counter !== null) visit(day, counter, value, amount);
      }
    }
  }

  /** The same, added up over the days, by counter and value. */
  async breakdownSums(site: string, days: readonly Day[], dimension: string): Promise<Sums> {
    const byDay = await this.breakdown(site, days, dimension);
    return sumTable(tableOf(byDay.map(({ day, sums }) => [day, cellsOfFields(sums)])));
  }

  /** How well a site's events could be read on each of the days, see fold/quality.ts; and samples by finding. */
  quality(
    site: string,
    days: readonly Day[],
  ): Promise<{ day: Day; sums: Counters; samples: Map<string, string[]> }[]> {
    return Promise.all(
      days.map(async (day) => {
        const shards = await this.#eachShard((partition) =>
          Promise.all([
            this.#redis.hgetall(this.#keys.quality(partition, site, day)),
            this.#redis.hgetall(this.#keys.qualitySamples(partition, site, day)),
          ]),
        );
        const samples = new Map<string, string[]>();
        for (const [, some] of shards) {
          for (const [field, sample] of Object.entries(some)) {
            // Behind the finding stands the sample's number.
            getOrMake(samples, field.slice(0, field.lastIndexOf('|')), () => []).push(sample);
          }
        }
        return { day, sums: sumFields(shards.map(([sums]) => sums)), samples };
      }),
    );
  }

  /** The amounts of some metrics by product for each of the days. */
  async productsByDay(
    site: string,
    days: readonly Day[],
    metrics: readonly string[],
  ): Promise<{ day: Day; cells: Cells }[]> {
    const byDay = new Map(days.map((day): [Day, Cells] => [day, new Map()]));
    await this.#eachShard((partition) =>
      this.#byDay.products(partition, site, days, metrics, (day, metric, product, amount) =>
        addCell(byDay.get(day)!, metric, product, amount),
      ),
    );
    return days.map((day) => ({ day, cells: byDay.get(day)! }));
  }

  /** The same, added up over the days. */
  async products(site: string, days: readonly Day[], metrics: readonly string[]): Promise<Sums> {
    const byDay = await this.productsByDay(site, days, metrics);
    return sumTable(tableOf(byDay.map(({ day, cells }) => [day, cells])));
  }

  /** Weighted sums by product over the hours of trending products. Hours are named by their start, ms. */
  async trending(
    site: string,
    metric: TrendingMetric,
    hours: ReadonlyMap<number, number>,
  ): Promise<Counters> {
    const unions = await this.#eachShard((partition) =>
      this.#union(
        [...hours].map(([start, weight]) => [this.#keys.productHour(partition, site, start, metric), weight]),
      ),
    );
    return sumScores(unions.flat());
  }

  /** One product's sum of each metric for each of the days. */
  async productDays(
    site: string,
    product: string,
    days: readonly Day[],
    metrics: readonly string[],
  ): Promise<{ day: Day; sums: Counters }[]> {
    const byDay = new Map(days.map((day): [Day, Counters] => [day, new Map()]));
    await this.#eachShard((partition) =>
      this.#byDay.product(partition, { site, product }, days, metrics, (day, metric, amount) =>
        increase(byDay.get(day)!, metric, amount),
      ),
    );
    return days.map((day) => ({ day, sums: byDay.get(day)! }));
  }

  /** Names of some products (all when not given) in some months. The name of the latest month wins. */
  async names(
    site: string,
    months: readonly Month[],
    products?: readonly string[],
  ): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    if (products?.length === 0) return names;
    const inOrder = [...months].sort((a, b) => a - b);
    const found = await Promise.all(
      inOrder.map((month) =>
        this.#eachShard(async (partition): Promise<[string, string | null][]> => {
          const key = this.#keys.names(partition, site, month);
          if (!products) return Object.entries(await fieldsInPages(this.#redis, key));
          const values = await this.#redis.hmget(key, ...products);
          return products.map((product, i) => [product, values[i] ?? null]);
        }),
      ),
    );
    for (const [product, name] of found.flat(2)) if (name !== null) names.set(product, name);
    return names;
  }

  /** Users of the cohorts that begin on each of these days, by the number of periods after which they were active. */
  cohorts(site: string, period: Period, starts: readonly Day[]): Promise<{ day: Day; sums: Counters }[]> {
    return this.#eachDay(starts, (partition, day) =>
      this.#redis.hgetall(this.#keys.cohort(partition, site, period, day)),
    );
  }

  /** The cohorts by first order (see fold/customer.ts) that begin on each of these days. */
  buyers(site: string, period: BuyerPeriod, starts: readonly Day[]): Promise<{ day: Day; sums: Counters }[]> {
    return this.#eachDay(starts, (partition, day) =>
      this.#redis.hgetall(this.#keys.buyers(partition, site, period, day)),
    );
  }

  /** A funnel's fields (see funnels/progress.ts) for each of the days. */
  funnel(site: string, funnel: string, days: readonly Day[]): Promise<{ day: Day; sums: Counters }[]> {
    const keyOf = (partition: number, _: string, day: Day) => this.#keys.funnel(partition, site, funnel, day);
    return this.#eachPackedDay(site, days, funnelSection(funnel), keyOf);
  }

  /** The funnels that a site has defined, oldest first. Every shard has the same. */
  async funnels(site: string): Promise<FunnelDefinition[]> {
    const all = await this.#redis.hgetall(this.#keys.funnels(0));
    return Object.entries(all)
      .filter(([field]) => splitFunnelField(field)[0] === site)
      .map(([, json]) => JSON.parse(json) as FunnelDefinition)
      .sort((a, b) => a.effective_from - b.effective_from || (a.id < b.id ? -1 : 1));
  }

  /** How many users had their last event at this time or later, ms. */
  live(site: string, since: number): Promise<number> {
    return this.#countSince((partition) => this.#keys.live(partition, site), since);
  }

  /** How many users have begun a checkout at this time or later (ms) that no purchase has followed. */
  checkouts(site: string, since: number): Promise<number> {
    return this.#countSince((partition) => this.#keys.checkouts(partition, site), since);
  }

  /**
   * The filled carts that were last touched at this time or later (ms), by the day of that: how many there are, and what
   * they are worth by currency. Each cart is read with its worth at one moment. One that is touched meanwhile is in the
   * answer once, as it was or as it is then.
   */
  async cartsSince(site: Site, since: number): Promise<Map<Day, { carts: number; value: Counters }>> {
    const found = new Map<Day, { carts: number; value: Counters }>();
    const carts = await this.#eachShard((partition) => this.#cartsSince(partition, site, since));
    for (const { ts, worth } of carts.flatMap((one) => [...one.values()])) {
      const sum = getOrMake(found, localDay(ts, site.zone), () => ({ carts: 0, value: new Map() }));
      sum.carts++;
      if (worth !== '') addValue(sum.value, worth);
    }
    return found;
  }

  /** By user: a shard's filled carts, each with the time of its last change, ms, and its worth. */
  async #cartsSince(
    partition: number,
    { id: site, zone }: Site,
    since: number,
  ): Promise<Map<string, { ts: number; worth: string }>> {
    const first = localDay(since, zone);
    const days = daysBetween(first, Math.max(first, localDay(Date.now(), zone) + 1));
    const names = [
      this.#keys.carts(partition, site),
      ...days.map((day) => this.#keys.cartValues(partition, site, day)),
    ];
    const begins = days.map((day) => dayStart(day, zone));
    const found = new Map<string, { ts: number; worth: string }>();
    // A cart that is touched moves to the end, so a page begins with the time of the last one, and not at a rank.
    for (let [from, skipped] = [since, 0]; ; ) {
      const page = [from, skipped, CARTS_A_PAGE] as const;
      const flat = await this.#redis.readCarts(names.length, ...names, ...page, ...begins);
      for (let i = 0; i < flat.length; i += 3) {
        found.set(flat[i]!, { ts: Number(flat[i + 1]), worth: flat[i + 2]! });
      }
      if (flat.length < 3 * CARTS_A_PAGE) return found;
      const last = Number(flat.at(-2));
      // All of them may be of one time.
      skipped = last === from ? skipped + CARTS_A_PAGE : 0;
      from = last;
    }
  }

  async #countSince(keyOf: (partition: number) => string, since: number): Promise<number> {
    const counts = await this.#eachShard((partition) => this.#redis.zcount(keyOf(partition), since, '+inf'));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * The counters of some minutes, in their order. Two round trips: a day's hash says which counters there are, since a
   * hash of minutes has all minutes of the day.
   * @param minutes by their start (ms), each with its day
   * @param isWanted whether to read a counter
   */
  async minutes(
    site: string,
    minutes: readonly { start: number; day: Day }[],
    isWanted: (counter: string) => boolean,
  ): Promise<Counters[]> {
    const sums = minutes.map((): Counters => new Map());
    const days = Map.groupBy(minutes.keys(), (i) => minutes[i]!.day);
    await this.#eachShard((partition) =>
      Promise.all(
        [...days].map(async ([day, indexes]) => {
          const found = new Set<string>();
          await this.#byDay.hashes(
            partition,
            [day],
            { site, section: DAY_SECTIONS.day, keyOf: (one) => this.#keys.day(partition, site, one) },
            (_, counter) => void found.add(counter),
          );
          const counters = [...found].filter(isWanted);
          if (counters.length === 0) return;
          const fields = indexes.flatMap((i) =>
            counters.map((counter) => joinField(minutes[i]!.start / 1_000, counter)),
          );
          const key = this.#keys.minutes(partition, site, day);
          // Not in one call: a site may have hundreds of names of events.
          const parts = chunkArray(fields, FIELDS_A_CALL).map((some) => this.#redis.hmget(key, ...some));
          (await Promise.all(parts)).flat().forEach((amount, n) => {
            const i = indexes[Math.floor(n / counters.length)]!;
            if (amount !== null) increase(sums[i]!, counters[n % counters.length]!, Number(amount));
          });
        }),
      ),
    );
    return sums;
  }

  /** By partition: the newest interactions, none earlier than `since` (ms). They are in no order. */
  newest(site: string, since: number): Promise<NewestInteraction[][]> {
    return this.#eachShard(async (partition) => {
      const key = this.#keys.newest(partition, site);
      const flat = await this.#redis.zrangebyscore(key, since, '+inf', 'WITHSCORES');
      const found: NewestInteraction[] = [];
      for (let i = 0; i < flat.length; i += 2) found.push(unpackNewest(flat[i]!, Number(flat[i + 1])));
      return found;
    });
  }

  /**
   * Views by page or by product in some minutes. A shard counts the first 500 values of a half hour separately, further
   * ones as `(other)`.
   * @param minutes by their start, ms
   */
  async viewed(site: string, what: Viewed, minutes: readonly number[]): Promise<Counters> {
    const views: Counters = new Map();
    const halfHours = Map.groupBy(minutes, (start) => start - (start % VIEWED_MS));
    await this.#eachShard((partition) =>
      Promise.all(
        [...halfHours].map(async ([halfHour, some]) => {
          const wanted = new Set(some.map((start) => String((start - halfHour) / MINUTE_MS)));
          const key = this.#keys.viewed(partition, site, halfHour, what);
          for (const [field, count] of Object.entries(await fieldsInPages(this.#redis, key))) {
            const [minute, value] = splitField(field);
            if (wanted.has(minute)) increase(views, value, Number(count));
          }
        }),
      ),
    );
    return views;
  }

  /** How many filled carts were last touched between two instants, both inclusive, ms. */
  async countCarts(site: string, from: number, to: number): Promise<number> {
    const counts = await this.#eachShard((partition) =>
      this.#redis.zcount(this.#keys.carts(partition, site), from, to),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * A page of the filled carts that were last touched between two instants (ms), latest first; those of the same ms in
   * the order of their users.
   */
  async carts(
    site: string,
    range: { from: number; to: number; after?: { ts: number; user: string } | undefined; limit: number },
  ): Promise<{ user: string; ts: number }[]> {
    const { from, to, limit, after } = range;
    const place = after && { ts: after.ts, member: after.user };
    const found = await this.#eachShard((partition) =>
      this.#latestOf(this.#keys.carts(partition, site), { from, to, limit, after: place }),
    );
    return found
      .flat()
      .sort(byLatest)
      .slice(0, limit)
      .map(({ member, ts }) => ({ user: member, ts }));
  }

  /**
   * A page of the orders that count on some of a site's days, latest first; those of the same ms in the order of their
   * keys. Begins with the last days, and reads only as many as the page needs.
   * @param days in order
   */
  async orders(
    site: string,
    days: readonly Day[],
    { after, limit }: { after?: { ts: number; key: string } | undefined; limit: number },
  ): Promise<{ key: string; ts: number }[]> {
    const place = after && { ts: after.ts, member: after.key };
    const range = { from: -Infinity, to: Infinity, limit, after: place };
    const found: Scored[] = [];
    const left = [...days];
    // Most shops have a page's orders on one day, and others few in a month.
    for (let some = 1; left.length > 0 && found.length < limit; some *= 2) {
      const lists = await Promise.all(
        left
          .splice(-some)
          .map((day) =>
            this.#eachShard((partition) => this.#latestOf(this.#keys.orders(partition, site, day), range)),
          ),
      );
      found.push(...lists.flat(2).sort(byLatest));
    }
    return found.slice(0, limit).map(({ member, ts }) => ({ key: member, ts }));
  }

  /** How many orders count on some of a site's days. */
  async countOrders(site: string, days: readonly Day[]): Promise<number> {
    const counts = await this.#eachShard((partition) =>
      Promise.all(days.map((day) => this.#redis.zcard(this.#keys.orders(partition, site, day)))),
    );
    return counts.flat().reduce((sum, count) => sum + count, 0);
  }

  /**
   * The first `limit` members of one sorted set, highest score first. A set may have any number of members of one ms,
   * since clients name the time: of those, only the ones that are wanted are read.
   */
  async #latestOf(
    key: string,
    range: { from: number; to: number; after: Scored | undefined; limit: number },
  ): Promise<Scored[]> {
    const { from, to, after, limit } = range;
    // Two more than asked for: one after the last shows that its ms is complete, and the cursor's own comes again. So
    // one call is nearly always enough.
    const size = limit + 2;
    const members: Scored[] = [];
    for (let most = scoreText(Math.min(to, after?.ts ?? to)); ; ) {
      const flat: string[] = await this.#redis.zrevrangebyscore(
        key,
        most,
        scoreText(from),
        'WITHSCORES',
        'LIMIT',
        0,
        size,
      );
      const last: number = Number(flat.at(-1));
      for (let i = 0; i < flat.length; i += 2) {
        const one = { member: flat[i]!, ts: Number(flat[i + 1]) };
        // The last ms may have more members than came, so it is read below.
        const isWhole = flat.length < 2 * size || one.ts > last;
        if (isWhole && isAfter(one, after)) members.push(one);
      }
      if (flat.length < 2 * size || members.length >= limit) return members;
      // Redis has the members of one ms in the order of their names, backwards: forwards are the ones that come first.
      const before = await this.#redis.zcount(key, '-inf', `(${last}`);
      const end = before + (await this.#redis.zcount(key, last, last));
      const first =
        after && after.ts === last ? await this.#rankAfter(key, after.member, before, end) : before;
      const names = await this.#redis.zrange(key, String(first), String(Math.min(end, first + limit) - 1));
      members.push(...names.map((member) => ({ member, ts: last })));
      if (members.length >= limit) return members;
      most = `(${last}`;
    }
  }

  /** The first rank from `low` on, and before `high`, of a member behind this one; all of them have one score. */
  async #rankAfter(key: string, member: string, low: number, high: number): Promise<number> {
    let [first, end] = [low, high];
    while (first < end) {
      const middle = (first + end) >> 1;
      const [found] = await this.#redis.zrange(key, String(middle), String(middle));
      if (found !== undefined && compareBytes(found, member) <= 0) first = middle + 1;
      else end = middle;
    }
    return first;
  }

  /** Which of these users have a signal for their present cart. */
  async signalled(site: string, users: readonly string[]): Promise<boolean[]> {
    return Promise.all(
      users.map(async (user) => {
        const score = await this.#redis.zscore(this.#keys.leftCarts(this.#home(site, user), site), user);
        return score !== null;
      }),
    );
  }

  /** For each of the days: the offset behind the last record that changed it in a shard; 0 when there is none. */
  async changedAt(site: string, partition: number, days: readonly Day[]): Promise<number[]> {
    const offsets = await this.#redis.hmget(this.#keys.touched(partition, site), ...days.map(String));
    return offsets.map((offset) => Number(offset ?? 0));
  }

  async user(site: string, user: string): Promise<UserState | undefined> {
    const bytes = await this.#redis.getBuffer(this.#keys.user(this.#home(site, user), site, user));
    return bytes ? unpackUserState(bytes) : undefined;
  }

  /** An order, from its home. @param key see order-note.ts */
  async order(site: string, key: string): Promise<OrderState | undefined> {
    const home = this.#home(site, homeOfOrder(key));
    const bytes = await this.#redis.getBuffer(orderKey(this.#keys, home, site, key));
    return bytes ? unpackOrder(bytes) : undefined;
  }

  /** Anonymous ids that became the user and that the user's state has no room for, in pages. One may come twice. */
  async *furtherAliases(site: string, user: string): AsyncGenerator<string[]> {
    const name = this.#keys.furtherAliases(this.#home(site, user), site, user);
    let cursor = '0';
    do {
      const [next, flat] = await this.#redis.hscan(name, cursor, 'COUNT', ALIASES_A_PAGE);
      yield flat.filter((_, i) => i % 2 === 0);
      cursor = next;
    } while (cursor !== '0');
  }

  /** The months of a user's timeline, in order, including those that the user's state does not name. */
  async timelineMonths(site: string, user: string, now: number): Promise<Month[]> {
    const home = this.#home(site, user);
    const months = timelineMonths(now).reverse();
    const names = months.map((month) => this.#keys.timeline(home, site, month, user));
    if ((await this.#redis.exists(...names)) === 0) return [];
    const found = await Promise.all(names.map((name) => this.#redis.exists(name)));
    return months.filter((_, i) => found[i] === 1);
  }

  /** The lists of a shard that a user is in, and since when, ms. */
  async lists(site: string, user: string): Promise<UserLists> {
    const home = this.#home(site, user);
    const score = async (key: string) => {
      const ts = await this.#redis.zscore(key, user);
      return ts === null ? undefined : Number(ts);
    };
    const [live, checkout, cart, due, left, claim] = await Promise.all([
      score(this.#keys.live(home, site)),
      score(this.#keys.checkouts(home, site)),
      score(this.#keys.carts(home, site)),
      score(this.#keys.dueCarts(home, site)),
      score(this.#keys.leftCarts(home, site)),
      this.#redis.hget(this.#keys.claims(home, site), user),
    ]);
    return { live, checkout, cart, due, left, claim: claim ?? undefined };
  }

  /** A user's interactions of some months, in no order. */
  async interactions(site: string, user: string, months: readonly Month[]): Promise<Interaction[]> {
    const home = this.#home(site, user);
    const found: Interaction[] = [];
    // One after the other: a month may have 4 MB.
    for (const month of months) {
      const block = await this.#redis.get(this.#keys.timeline(home, site, month, user));
      if (block) for (const one of unpackInteractions(block)) found.push(one);
    }
    return found;
  }

  /**
   * Adds up rankings of one shard, as few at a time as their entries demand. A ranking that is too long by itself
   * comes in pages.
   * @param weighted the rankings' keys, and by what their scores are multiplied
   * @returns lists of member, score, member, …; a member may be in several of them
   */
  async #union(weighted: readonly (readonly [key: string, weight: number])[]): Promise<string[][]> {
    const lengths = await Promise.all(weighted.map(([key]) => this.#redis.zcard(key)));
    const calls: [key: string, weight: number][][] = [];
    const long: (readonly [key: string, weight: number])[] = [];
    let entries = Infinity;
    for (const [i, [key, weight]] of weighted.entries()) {
      const length = lengths[i]!;
      if (length === 0) continue;
      if (length > ENTRIES_A_CALL) {
        long.push([key, weight]);
        continue;
      }
      entries += length;
      if (entries > ENTRIES_A_CALL || calls.at(-1)!.length === UNION_KEYS) {
        calls.push([]);
        entries = length;
      }
      calls.at(-1)!.push([key, weight]);
    }
    const lists = await Promise.all(
      calls.map((some) => {
        const keys = some.map(([key]) => key);
        const weights = some.map(([, weight]) => String(weight));
        return this.#redis.zunion(keys.length, [...keys, 'WEIGHTS', ...weights], 'WITHSCORES');
      }),
    );
    for (const [key, weight] of long) {
      const scores = await scoresInPages(this.#redis, key);
      lists.push([...scores].flatMap(([member, score]) => [member, String(score * weight)]));
    }
    return lists;
  }

  #home(site: string, user: string): number {
    return partitionOf(userKey({ site, user }), this.#partitions.length);
  }

  #eachShard<T>(read: (partition: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#partitions.map(read));
  }

  /**
   * The hash of each day, with what is packed of it, in its fields' sums over all shards.
   * @param section undefined: it is never packed
   */
  async #eachPackedDay(
    site: string,
    days: readonly Day[],
    section: string | undefined,
    keyOf: (partition: number, site: string, day: Day) => string,
  ): Promise<{ day: Day; sums: Counters }[]> {
    const byDay = new Map(days.map((day): [Day, Counters] => [day, new Map()]));
    await this.#eachShard((partition) =>
      this.#byDay.hashes(
        partition,
        [...byDay.keys()],
        { site, section, keyOf: (day) => keyOf(partition, site, day) },
        (day, field, amount) => increase(byDay.get(day)!, field, amount),
      ),
    );
    return days.map((day) => ({ day, sums: byDay.get(day)! }));
  }

  #eachDay(
    days: readonly Day[],
    read: (partition: number, day: Day) => Promise<Record<string, string>>,
  ): Promise<{ day: Day; sums: Counters }[]> {
    return Promise.all(
      days.map(async (day) => ({
        day,
        sums: sumFields(await this.#eachShard((partition) => read(partition, day))),
      })),
    );
  }
}

/** @param value a cart's worth as it is stored: `EUR:2500,JPY:-3` */
function addValue(to: Counters, value: string): void {
  for (const part of value.split(',')) {
    const [currency, minor] = part.split(':') as [string, string];
    increase(to, currency, Number(minor));
  }
}

/** As Redis orders members of one score. */
const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A member of a sorted set, whose score is a time (ms). */
interface Scored {
  member: string;
  ts: number;
}

const byLatest = (a: Scored, b: Scored) => b.ts - a.ts || compareBytes(a.member, b.member);

const isAfter = (one: Scored, after: Scored | undefined) => after === undefined || byLatest(after, one) < 0;

/** As Redis takes scores. */
const scoreText = (score: number) =>
  score === Infinity ? '+inf' : score === -Infinity ? '-inf' : String(score);

type Fields = Record<string, string>;

function sumFields(hashes: Record<string, string>[]): Counters {
  const sums: Counters = new Map();
  for (const hash of hashes) {
    for (const [field, amount] of Object.entries(hash)) increase(sums, field, Number(amount));
  }
  return sums;
}

/** Adds up scores by member over several lists, each as Redis returns it: member, score, member, … */
function sumScores(lists: readonly string[][]): Counters {
  const total: Counters = new Map();
  for (const flat of lists) {
    for (let i = 0; i < flat.length; i += 2) increase(total, flat[i]!, Number(flat[i + 1]));
  }
  return total;
}
