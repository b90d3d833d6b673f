import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { MAX_VALUES } from '../../shared/event/dimensions.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { readBreakdown } from '../../shared/questions/breakdowns.ts';
import { readCarts } from '../../shared/questions/carts.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { readProducts } from '../../shared/questions/products.ts';
import { readSeries } from '../../shared/questions/series.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { readUser } from '../../shared/questions/user.ts';
import { readRetention } from '../../shared/questions/user-retention.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import type { Site } from '../../shared/sites/site.ts';
import { products } from '../oracle/answers-shop.ts';
import { breakdown } from '../oracle/answers-values.ts';
import { erasedIds, erasureWithin, isAfter, keptEvents, toldAfter } from '../oracle/erased.ts';
import { distinct } from '../oracle/naive.ts';
import { asPeople, identities } from '../oracle/people.ts';
import {
  type Asked,
  askAbout,
  askAboutFunnels,
  askAboutNow,
  askAboutPeople,
  askForSeries,
} from '../oracle/questions.ts';
import { NaiveShop, type Range } from '../oracle/shop.ts';
import { eventStream, FUNNELS, hardSites, recordOf, recordsOf, shuffled, USERS } from '../oracle/streams.ts';
import { asIfAt } from '../support/as-if-at.ts';
import { Delivery, plans } from '../support/delivery.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { generationOf } from '../support/generation.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { openReader } from '../support/reader.ts';
import { RememberingReader } from '../support/remembering-reader.ts';

/**
 * The proof: random events are delivered as Kafka and Lambda may deliver them, to a consumer that may die at any step.
 * Then every answer from Redis equals that of a plain program with the whole list of events.
 */
const numRuns = Number(process.env.FOOTFALL_RUNS ?? 8);
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
/** Enough time to shrink a failing stream as well, and for a busy machine. */
const TIME_LIMIT_MS = 600_000 + numRuns * 20_000;

const config = await freshConfig({ partitions: 1, sites: hardSites });
const { redis } = openReader(config);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;

/**
 * The first time of receipt: years ahead, so nothing expires in Redis during the test. A clock goes forward, back, or
 * half an hour back; a month or a year ends.
 */
const STARTS = [
  ...['2031-03-30T01:00:00Z', '2031-10-26T01:00:00Z', '2031-11-02T06:00:00Z', '2031-03-09T05:30:00Z'],
  ...['2031-04-05T15:00:00Z', '2031-10-04T15:30:00Z', '2032-02-29T18:30:00Z', '2032-01-01T00:00:00Z'],
].map((text) => Date.parse(text));

/** A range within a shop's dates: its ends as per cent of the list, and some days more. */
type Part = [number, number, days: number];

const catalogues = fc
  .record({
    sites: fc.subarray(hardSites, { minLength: 1, maxLength: 2 }),
    start: fc.constantFrom(...STARTS),
    receivedFor: fc.constantFrom(HOUR, 12 * HOUR, 70 * HOUR),
    partitions: fc.constantFrom(1, 3, 16),
    part: fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 }), fc.nat({ max: 2 })),
    // When the questions are asked, after the last receipt; clients' clocks are five minutes ahead.
    later: fc.integer({ min: 6 * MINUTE, max: 40 * MINUTE }),
    spoilt: fc.array(fc.record({ at: fc.nat(), kind: fc.constantFrom('text', 'late', 'site') }), {
      maxLength: 4,
    }),
  })
  .chain((fields) =>
    fc.record({
      ...(Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, fc.constant(value)]),
      ) as unknown as { [K in keyof typeof fields]: fc.Arbitrary<(typeof fields)[K]> }),
      events: shuffled(
        eventStream({
          sites: fields.sites,
          receivedFrom: fields.start,
          receivedFor: fields.receivedFor,
          // Days, weeks and months before.
          history: [2, 7, 9, 26, 34, 63, 95, 118].map((days) => fields.start - days * DAY),
          maxEvents: 90,
          identities: true,
          orders: true,
        }),
      ).map(({ other }) => other),
    }),
  );

test(
  `all answers are those of a program that has all events (FOOTFALL_SEED=${seed})`,
  async () => {
    console.log(`${numRuns} runs; FOOTFALL_SEED=${seed} makes them again`);
    let packed = 0;
    await fc.assert(
      fc.asyncProperty(catalogues, plans, async (catalogue, plan) => {
        const { sites, partitions, events } = catalogue;
        const logs = recordsOf(events, partitions);
        const bad = catalogue.spoilt.flatMap(({ at, kind }) => spoil(logs, events, at, kind));
        const delivery = new Delivery(logs, { redis, sites, partitions, funnels: FUNNELS });
        await delivery.run(plan);
        if (plan.rest % 2) await delivery.pack();
        packed += delivery.packed;
        const now = Math.max(...events.map(({ received }) => received)) + catalogue.later;
        const reader = new RememberingReader(redis, generationOf(partitions));
        await asIfAt(now, async () => {
          for (const site of sites) {
            const shop = new NaiveShop(events, site, now);
            await expectAnswers(askAll(reader, shop, events, catalogue.part));
          }
        });
        await expectLedgers(reader, events, delivery, sites, bad);
        expect(await keysWithoutEnd(redis)).toEqual([]);
      }),
      { numRuns, seed },
    );
    console.log('days of shards that were packed between batches', packed);
    if (numRuns >= 8) expect(packed).toBeGreaterThan(0);
  },
  TIME_LIMIT_MS,
);

test(
  `the same when people are erased in between (FOOTFALL_SEED=${seed})`,
  async () => {
    const cases = catalogues.chain((catalogue) =>
      fc.record({
        catalogue: fc.constant(catalogue),
        site: fc.constantFrom(...catalogue.sites),
        asked: fc.subarray([...USERS, 'never-seen'], { minLength: 1, maxLength: 3 }),
        // The per cent of the events that come before.
        share: fc.integer({ min: 5, max: 100 }),
        // The time of the erasure, as a part of the time in which events are received.
        at: fc.integer({ min: 0, max: 100 }),
        plan: plans,
        secondPlan: plans,
      }),
    );
    const erased = { events: 0, late: 0, back: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async ({ catalogue, site, asked, share, ...one }) => {
        const { sites, partitions, events, part } = catalogue;
        const at = catalogue.start + Math.floor((one.at * catalogue.receivedFor) / 100);
        const erasure = erasureWithin(events, { site: site.id, asked, at, share });
        const { before, after } = erasure;
        const ids = erasedIds(erasure);
        const delivery = new Delivery(recordsOf(before, partitions), {
          ...{ redis, sites, partitions, funnels: FUNNELS },
        });
        await delivery.run(one.plan);
        const erases = { receipt: 'receipt', of: ids.size };
        const erasures = [...ids].map((user) => erasureEvent({ site: site.id, user, at, erases }));
        if (one.plan.rest % 2) await delivery.pack();
        await delivery.goOn(one.secondPlan, [...erasures, ...after]);

        const now = Math.max(...events.map(({ received }) => received)) + catalogue.later;
        const reader = new RememberingReader(redis, generationOf(partitions));
        const told = toldAfter(erasure);
        await asIfAt(now, async () => {
          for (const own of sites) {
            const kept = own === site ? keptEvents(erasure) : [...before, ...after];
            const shop = new NaiveShop(
              [...before, ...after],
              own,
              now,
              own === site ? told : asPeople(distinct(kept)),
            );
            await expectAnswers(askAll(reader, shop, kept, part));
          }
        });
        const ends = delivery.logs.map((log, partition) => ({ partition, low: 0, high: log.length }));
        const ledger = await readLedger(reader, site, async () => ends);
        const isTheirs = (event: FootfallEvent) =>
          event.site === site.id && ids.has(event.user) && event.bot === undefined;
        const late = after.filter((event) => isTheirs(event) && !isAfter(event, at));
        expect(ledger).toMatchObject({ balanced: true, totals: { erased: late.length } });
        erased.events += before.filter(isTheirs).length;
        erased.late += late.length;
        erased.back += after.filter(isTheirs).length - late.length;
      }),
      { numRuns, seed },
    );
    console.log('events of erased people: before, dropped after, counted after', erased);
  },
  TIME_LIMIT_MS,
);

/** Puts a record into the log that cannot be counted. */
function spoil(
  logs: ReturnType<typeof recordsOf>,
  events: readonly FootfallEvent[],
  at: number,
  kind: string,
) {
  const event = events[at % events.length]!;
  const partition = logs.findIndex((log) =>
    log.some(({ key }) => key === recordOf(JSON.stringify(event), 0, 0).key),
  );
  const log = logs[partition]!;
  const offset = at % (log.length + 1);
  const { backfill: _, ...rest } = event;
  const value = {
    text: 'no event',
    late: JSON.stringify({ ...rest, id: `late-${at}`, ts: event.received - 72 * HOUR - 1 }),
    site: JSON.stringify({ ...event, site: 'elsewhere' }),
  }[kind]!;
  log.splice(offset, 0, recordOf(value, partition, offset, `${event.site}:${event.user}`));
  for (const [i, record] of log.entries()) log[i] = { ...record, offset: i };
  return [{ kind, site: event.site }];
}

function askAll(reader: StoreReader, shop: NaiveShop, events: readonly FootfallEvent[], part: Part): Asked[] {
  const { dates, today } = shop;
  if (dates.length === 0) return [];
  const [low, high] = part
    .slice(0, 2)
    .map((one) => Math.floor((one * (dates.length - 1)) / 100))
    .sort((a, b) => a - b);
  const near = (date: string, days: number) =>
    new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);
  const range = { from: near(dates[low!]!, -part[2]), to: near(dates[high!]!, part[2]) };
  const ranges: Range[] = [range, { to: dates.at(-1)! }];
  // Hours are kept for 90 days, minutes for two; a day of another zone may begin half a day before.
  const recent = dates.findLast((date) => date <= today && date > near(today, -80)) ?? today;
  const day = recent < near(today, -1) ? today : recent;
  const visitors = Map.groupBy(
    [...identities(distinct(events))].filter(([name]) => JSON.parse(name)[0] === shop.site.id),
    ([, user]) => user,
  );
  const ids = [...visitors].map(
    ([user, list]) => [user, list.map(([name]) => JSON.parse(name)[1] as string)] as const,
  );
  return [
    ...ranges.flatMap((one, i) => [
      ...askAbout(reader, shop, one, part[0] + i),
      ...askAboutFunnels(reader, shop, one, [SHOP_FUNNEL, ...FUNNELS]),
    ]),
    ...askForSeries(reader, shop, {
      days: { from: range.from, to: min(range.to, near(range.from, 16)) },
      hours: { from: near(recent, -2), to: recent },
      minutes: { from: day, to: day },
      turn: part[0],
    }),
    ...askAboutNow(reader, shop, range, new Map(ids)),
    ...askAboutPeople(reader, shop, range, new Map(ids)),
  ];
}

const min = (a: string, b: string) => (a < b ? a : b);

async function expectAnswers(asked: Asked[]): Promise<void> {
  const answers = await Promise.all(asked.map(({ answer }) => answer));
  for (const [i, { question, expected }] of asked.entries()) {
    // A quick comparison first, since nearly all of some hundred thousand answers are equal.
    if (isDeepStrictEqual(answers[i], expected)) continue;
    expect({ question, answer: answers[i] }).toEqual({ question, answer: expected });
  }
}

/** Checks that every record has one outcome and every event is applied once in all shards. */
async function expectLedgers(
  reader: StoreReader,
  events: readonly FootfallEvent[],
  { logs, letters }: Delivery,
  sites: readonly Site[],
  bad: readonly { kind: string; site: string }[],
): Promise<void> {
  const ends = logs.map((log, partition) => ({ partition, low: 0, high: log.length }));
  const known = identities(distinct(events));
  for (const site of sites) {
    const ours = distinct(events).filter((event) => event.site === site.id);
    const moved = new Set<string>();
    const forwarded = ours.filter((event) => {
      const visitor = JSON.stringify([site.id, event.user]);
      if (known.get(visitor) !== undefined && event.identifies !== undefined) moved.add(visitor);
      return moved.has(visitor);
    });
    expect(await readLedger(reader, site, async () => ends)).toMatchObject({
      totals: {
        applied: ours.length,
        forwarded: forwarded.length,
        bot: events.filter((event) => event.site === site.id && event.bot !== undefined).length,
        joined: moved.size,
        // The site of a record is known when it is only late.
        dead_lettered: bad.filter((one) => one.kind === 'late' && one.site === site.id).length,
      },
      unattributed: bad.filter(({ kind }) => kind !== 'late').length,
      lost: [],
      balanced: true,
      partitions: ends.map(({ high }) => ({ next: high, end: high, in_flight: 0 })),
    });
  }
  const published = new Set(letters.map(({ record }) => `${record.partition}-${record.offset}`));
  expect(published.size).toBe(bad.length);
}

const noon = Date.parse('2031-06-10T10:00:00Z');
const [madrid] = hardSites as [Site];
const lordHowe = hardSites.find(({ zone }) => zone === 'Australia/Lord_Howe')!;

let count = 0;
const eventOf = (fields: Partial<FootfallEvent>): FootfallEvent => {
  const received = fields.ts ?? noon;
  return {
    v: EVENT_VERSION,
    id: `e${count++}`,
    site: madrid.id,
    user: 'ben',
    name: 'view_item',
    ts: noon,
    received,
    ...fields,
  };
};

/** Applies events in batches of a number of records. */
async function deliver(
  events: readonly FootfallEvent[],
  options: { partitions?: number; rest?: number } = {},
) {
  const { partitions = 1, rest = 1 } = options;
  const delivery = new Delivery(recordsOf(events, partitions), {
    redis,
    sites: hardSites,
    partitions,
    funnels: [],
  });
  await delivery.run({ turns: [], rest, flush: null });
  return { delivery, reader: new StoreReader(redis, generationOf(partitions)) };
}

test('what a visitor sends after the identify belongs to the user, in any batch', async () => {
  const { reader } = await deliver([
    eventOf({ user: 'v1' }),
    eventOf({ user: 'v1', name: 'identify', identifies: 'ben', ts: noon + 1 }),
    eventOf({ user: 'v1', ts: noon + 2 }),
  ]);
  const range = { from: '2031-06-10', to: '2031-06-10' };
  expect(await readUniqueUsers(reader, madrid, range)).toMatchObject({ users: 1, new_users: 1 });
  expect(await readUser(reader, madrid, 'ben')).toMatchObject({ total_events: 3 });
});

test('an old cart of a visitor is not waited for when the visitor becomes a user', async () => {
  const old = noon - 40 * DAY;
  const items = [{ id: 'tea', quantity: 1 }];
  const { reader } = await deliver([
    eventOf({ user: 'v1', name: 'add_to_cart', ts: old, received: noon, backfill: true, items }),
    eventOf({ user: 'v1', name: 'identify', identifies: 'ben', ts: noon + 1 }),
  ]);
  const query = { from: '2031-01-01', to: '2031-06-10', limit: 10 };
  expect(await readCarts(reader, madrid, query, 60, noon + DAY)).toMatchObject({ total: 0 });
});

test("a week's cohort is whole, on whichever of its days a range begins", async () => {
  const { reader } = await deliver([
    eventOf({ user: 'v1', ts: noon - DAY }),
    eventOf({ user: 'v2', ts: noon + DAY }),
  ]);
  // The 9th of June is a Monday.
  for (const from of ['2031-06-09', '2031-06-10', '2031-06-12']) {
    const query = { from, to: '2031-06-15', period: 'week', periods: 1 } as const;
    const { cohorts } = await readRetention(reader, madrid, query, noon + 5 * DAY);
    expect(cohorts).toMatchObject([{ start: '2031-06-09', users: 2 }]);
  }
});

test('product names come back with the numbers when Redis was lost', async () => {
  const items = [{ id: 'tea', name: 'Green tea', quantity: 1 }];
  const delivery = new Delivery(recordsOf([eventOf({ items }), eventOf({})], 1), {
    redis,
    sites: hardSites,
    partitions: 1,
    funnels: [],
  });
  const turn = { partition: 0, size: 1, back: 0, crash: null };
  await delivery.run({ turns: [turn, turn], rest: 1, flush: 1 });
  const query = { from: '2031-06-10', to: '2031-06-10', metric: 'views', limit: 1 } as const;
  const { products } = await readProducts(new StoreReader(redis, generationOf(1)), madrid, query);
  expect(products).toMatchObject([{ product_id: 'tea', name: 'Green tea', value: 1 }]);
});

test('a repeated half hour is an hour of its own as soon as it has begun', async () => {
  const change = Date.parse('2031-04-05T15:00:00Z');
  const { reader } = await deliver([
    eventOf({ site: lordHowe.id, ts: change - 10 * MINUTE }),
    eventOf({ site: lordHowe.id, ts: change + 10 * MINUTE }),
    eventOf({ site: lordHowe.id, ts: change + 40 * MINUTE }),
  ]);
  const query = { from: '2031-04-06', to: '2031-04-06', metric: 'events', grain: 'hour' } as const;
  const { points } = await readSeries(reader, lordHowe, query, {
    now: change + 45 * MINUTE,
    cartMinutes: 60,
  });
  // 00:00, 01:00, 01:30 again, and 02:00.
  expect(points.map(({ start, value }) => [start, value])).toEqual([
    ['2031-04-05T13:00:00.000Z', 0],
    ['2031-04-05T14:00:00.000Z', 1],
    ['2031-04-05T15:00:00.000Z', 1],
    ['2031-04-05T15:30:00.000Z', 1],
  ]);
});

test('values above the limit of a day are counted as (other), and totals stay right', async () => {
  const values = Array.from({ length: MAX_VALUES + 150 }, (_, i) => `value ${i}`);
  const money = { currency: 'EUR', value: 7, items: [{ id: 'tea', quantity: 1, amount: 7 }] };
  // Each value comes three times in different orders, and a session's source moves to an earlier event.
  const events = [0, 1, 2].flatMap((round) =>
    values.map((_, i) => {
      const value = values[(i * 7 + round * 100) % values.length]!;
      const user = `u${i}`;
      const items = money.items.map((item) => ({ ...item, category: value }));
      return eventOf({
        ...money,
        items,
        user,
        name: round === 1 ? 'purchase' : 'view_item',
        ts: noon - round * MINUTE,
        search_term: value,
        source: value,
      });
    }),
  );
  const range = { from: '2031-06-10', to: '2031-06-10' };
  const shop = new NaiveShop(events, madrid, noon);
  for (const partitions of [1, 2]) {
    const { reader } = await deliver(events, { partitions, rest: 100 });
    for (const [dimension, metric] of [
      ['search_term', 'events'],
      ['category', 'interactions'],
      ['source', 'sessions'],
    ] as const) {
      const question = { ...range, metric, currency: 'EUR' };
      const all = breakdown(shop, dimension, question).rows;
      const { rows } = await readBreakdown(reader, madrid, dimension, { ...question, limit: 1_000 });
      const names = rows.map(({ value }) => value);
      expect(names).toContain('(other)');
      if (partitions === 1) {
        // In one shard the values that are kept apart are whole, and the rest is in one.
        expect(rows.filter(({ value }) => value !== '(other)')).toEqual(
          all.filter(({ value }) => names.includes(value)),
        );
        expect(rows.length).toBeLessThanOrEqual(MAX_VALUES + 1);
      }
      const total = (list: readonly object[]) => {
        const figures = list as Record<string, number & { revenue_minor: number; amount_minor: number }[]>[];
        const orders = figures.reduce((sum, row) => sum + (row.orders ?? 0), 0);
        const amount = figures.reduce((sum, row) => sum + row[metric]!, 0);
        const amounts = figures.flatMap(({ money = [], revenue = [] }) => [
          ...money.map(({ revenue_minor }) => revenue_minor),
          ...revenue.map(({ amount_minor }) => amount_minor),
        ]);
        const paid = amounts.reduce((sum, one) => sum + one, 0);
        return { orders, amount, paid };
      };
      expect(total(rows)).toEqual(total(all));
    }
  }
});

test('products with equal values are ranked over all shards, page by page', async () => {
  const events = Array.from({ length: 600 }, (_, i) =>
    eventOf({ user: `u${i}`, items: [{ id: `p${(i * 37) % 250}`, quantity: 1 }] }),
  );
  const { reader } = await deliver(events, { partitions: 16, rest: 100 });
  const query = { from: '2031-06-10', to: '2031-06-10', metric: 'views' } as const;
  const expected = products(new NaiveShop(events, madrid, noon), query).products;
  const found: unknown[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await readProducts(reader, madrid, { ...query, limit: 7, ...(cursor && { cursor }) });
    found.push(...page.products);
    cursor = page.next_cursor;
  }
  expect(found).toEqual(expected);
});
