import fc from 'fast-check';
import { Copies } from '../../shared/derived/copies.ts';
import { DerivedReader } from '../../shared/derived/derived-reader.ts';
import { DIMENSIONS } from '../../shared/event/dimensions.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import { PRODUCT_COUNTS } from '../../shared/fold/counter-names.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import type { Counters } from '../../shared/platform/counters.ts';
import { type Day, monthOf } from '../../shared/platform/time.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import type { Site } from '../../shared/sites/site.ts';
import { eventStream, FUNNELS, hardSites, recordsOf, shuffled, USERS } from '../oracle/streams.ts';
import { asIfAt } from '../support/as-if-at.ts';
import { Delivery, plans } from '../support/delivery.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { generationOf } from '../support/generation.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { openReader } from '../support/reader.ts';
import { keyNames } from '../support/redis-data.ts';
import { isAll } from '../support/runs.ts';
import { fieldsOf } from '../support/sums.ts';

/**
 * A reader that uses derived copies has the numbers of one that adds up the shards, at every moment of a delivery: while
 * late events, joins and erasures change days that have copies, and while Redis or one of its shards is lost and filled
 * again.
 */
const numRuns = Number(process.env.FOOTFALL_RUNS ?? (isAll ? 5 : 3));
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const TIME_LIMIT_MS = 600_000 + numRuns * 20_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2031-03-30T01:00:00Z');

const config = await freshConfig({ partitions: 1, sites: hardSites });
const { redis } = openReader(config);

const cases = fc
  .record({
    sites: fc.subarray(hardSites, { minLength: 1, maxLength: 2 }),
    partitions: fc.constantFrom(1, 3, 8),
    receivedFor: fc.constantFrom(HOUR, 70 * HOUR),
    erased: fc.subarray(USERS, { minLength: 1, maxLength: 2 }),
    /** Batches between two comparisons. */
    every: fc.integer({ min: 1, max: 4 }),
    /** The comparison after which a shard is lost, and which. */
    loss: fc.option(fc.record({ at: fc.nat({ max: 8 }), partition: fc.nat({ max: 7 }) })),
    /** When it is, after the last receipt: some days are settled, or all of them. */
    later: fc.constantFrom(HOUR, 40 * DAY),
    parts: fc.integer({ min: 1, max: 5 }),
  })
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      stream: shuffled(
        eventStream({
          sites: fields.sites,
          receivedFrom: START,
          receivedFor: fields.receivedFor,
          history: [2, 7, 9, 26, 34, 63, 95, 118, 150, 240, 330].map((days) => START - days * DAY),
          maxEvents: 80,
          identities: true,
          orders: true,
        }),
      ),
      plan: plans,
    }),
  );

/** The ranges that are compared: all days, one month, days that begin and end within months, and some without events. */
function rangesOf(days: readonly Day[]): Day[][] {
  const middle = days[Math.floor(days.length / 2)] ?? Math.floor(START / DAY);
  return [
    [...days],
    days.filter((day) => monthOf(day) === monthOf(middle)),
    days.slice(1, -1),
    days.slice(-1),
    Array.from({ length: 70 }, (_, i) => middle - 35 + i),
  ];
}

const rows = (sums: Counters) => [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
const byDay = (all: readonly { day: Day; sums: Counters }[]) =>
  all.map(({ day, sums }) => [day, rows(sums)] as const);

async function valuesByDay(reader: StoreReader, site: string, days: readonly Day[]) {
  const all: [string, number][] = [];
  await reader.eachValue(site, days, 'country', (day, counter, value, amount) =>
    all.push([`${day} ${counter} ${value}`, amount]),
  );
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** All that copies are made of. */
async function numbersOf(reader: StoreReader, { id }: Site) {
  const days = await reader.days(id);
  const ranges = rangesOf(days);
  return {
    days,
    ranges: await Promise.all(
      ranges.map(async (range) => ({
        day: byDay(await reader.dayHashes('day', id, range)),
        hours: byDay(await reader.dayHashes('hours', id, range)),
        gaps: byDay(await reader.dayHashes('gaps', id, range)),
        funnel: byDay(await reader.funnel(id, SHOP_FUNNEL.key, range)),
        values: await Promise.all(
          DIMENSIONS.map(async (dimension) =>
            rows(fieldsOf(await reader.breakdownSums(id, range, dimension))),
          ),
        ),
        valuesByDay: await valuesByDay(reader, id, range),
        products: rows(fieldsOf(await reader.products(id, range, [...PRODUCT_COUNTS, 'revenue:EUR']))),
        views: rows(fieldsOf(await reader.products(id, range, ['views']))),
      })),
    ),
  };
}

/** Processes that keep copies: one for the whole time, and those that begin with what Redis has. */
class Processes {
  readonly #old = new Copies(redis);
  #turn = 0;

  async readerOf(store: StoreReader, partitions: number, site: Site): Promise<DerivedReader> {
    const heads = await store.siteHeads(site.id);
    const copies = this.#turn++ % 3 === 2 ? new Copies(redis) : this.#old;
    return new DerivedReader(redis, generationOf(partitions), copies, { site, heads, now: Date.now() });
  }
}

/** Deletes what a shard has, as when a server of a cluster is lost. */
async function loseShard(partition: number): Promise<void> {
  await Promise.all((await keyNames(redis, `ff:*:{p${partition}}:*`)).map((name) => redis.unlink(name)));
}

test(
  `answers with and without copies are the same while the numbers change (FOOTFALL_SEED=${seed})`,
  async () => {
    const seen = { comparisons: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async ({ fields, stream, plan }) => {
        const { sites, partitions, loss } = fields;
        const events = stream.other;
        const now = Math.max(START, ...events.map(({ received }) => received)) + fields.later;
        const store = new StoreReader(redis, generationOf(partitions));
        const processes = new Processes();
        let [batches, comparisons] = [0, 0];
        const compare = async () => {
          for (const site of sites) {
            const reader = await processes.readerOf(store, partitions, site);
            if (seen.comparisons % 4 === 3) {
              const months = new Set((await reader.settledStamps()).keys());
              expect(await reader.prepare({ months, isWhole: true }, () => true)).toBe(true);
            }
            expect(await numbersOf(reader, site)).toEqual(await numbersOf(store, site));
            seen.comparisons++;
          }
        };
        const after = async () => {
          if (batches++ % fields.every > 0 || comparisons > 25) return;
          comparisons++;
          await compare();
          if (comparisons !== loss?.at) return;
          await loseShard(loss.partition % partitions);
          await compare();
        };
        await asIfAt(now, async () => {
          const delivery = new Delivery(recordsOf([], partitions), {
            ...{ redis, sites, partitions, funnels: FUNNELS, after },
          });
          await delivery.run({ turns: [], rest: plan.rest, flush: null });
          const size = Math.ceil(events.length / fields.parts);
          for (let i = 0; i < events.length; i += size) {
            await delivery.goOn({ ...plan, turns: plan.turns.slice(i, i + 8) }, events.slice(i, i + size));
          }
          const erasures = fields.erased.flatMap((user) =>
            sites.map((site) =>
              erasureEvent({ site: site.id, user, at: now, erases: { receipt: 'receipt', of: 1 } }),
            ),
          );
          await delivery.goOn({ ...plan, turns: [] }, erasures);
          comparisons = 0;
          await compare();
          // Once more, with copies of everything.
          await compare();
        });
        expect(await keysWithoutEnd(redis)).toEqual([]);
      }),
      { numRuns, seed },
    );
    console.log(seen);
  },
  TIME_LIMIT_MS,
);
