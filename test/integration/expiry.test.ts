import fc from 'fast-check';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { DAY_MS, HOUR_MS } from '../../shared/platform/time.ts';
import type { Site } from '../../shared/sites/site.ts';
import { eventStream, FUNNELS, hardSites, recordsOf, shuffled } from '../oracle/streams.ts';
import { openConsumer } from '../support/consumer.ts';
import { Delivery, plans } from '../support/delivery.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { siteOf } from '../support/shop.ts';

const RETENTION_DAYS = 30;
const shop = siteOf('shop', { zone: 'Europe/Madrid', currency: 'EUR', retention_days: RETENTION_DAYS });
const oldSites: Site[] = hardSites.map((site) => ({ ...site, retention_days: RETENTION_DAYS }));
const sites = [...oldSites, shop];

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 20);
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);

const config = await freshConfig({ partitions: 1, sites });
const { redis, reader } = openReader(config);
const consumer = openConsumer(config);

const now = Date.now();
const eventAt = (ts: number, id: string): FootfallEvent => ({
  ...{ v: EVENT_VERSION, id, site: shop.id, user: 'ben', name: 'view_item' },
  ...{ ts, received: ts },
});

describe("a month of a timeline that the user's state names, and whose key has expired", () => {
  const timelines = () => keyNames(redis, '*:t:shop:*');

  beforeEach(() => loseAll(redis));

  test('leaves no key when a refill reads its events again', async () => {
    const old = now - 3 * RETENTION_DAYS * DAY_MS;
    const [records] = recordsOf([eventAt(now, 'now'), eventAt(old, 'a'), eventAt(old, 'b')], 1);
    // Each in a batch of its own: the last finds a state that names the month.
    for (const record of records!) await consumer.apply([record]);
    expect(await ledgerOf(reader)).toEqual(new Map([['shop:applied', 3]]));
    expect(await timelines()).toHaveLength(1);
    expect(await keysWithoutEnd(redis)).toEqual([]);
  });

  test('begins again with an end when the site keeps it longer', async () => {
    const [records] = recordsOf([eventAt(now, 'a'), eventAt(now, 'b')], 1);
    await consumer.apply(records!.slice(0, 1));
    const [key] = await timelines();
    await redis.del(key!);
    await consumer.apply(records!.slice(1));
    expect(await timelines()).toEqual([key]);
    expect(await keysWithoutEnd(redis)).toEqual([]);
  });
});

/** Days before today on which the old events came in: all of their months expired, some, and none. */
const AGES = [200, 61, 45, RETENTION_DAYS + 2, 3];

/** The events of three days, in any order. */
const eventsFrom = (sites: Site[], start: number, maxEvents: number) =>
  shuffled(
    eventStream({
      sites,
      receivedFrom: start,
      receivedFor: 70 * HOUR_MS,
      history: [2, 9, 26, 34, 63].map((days) => start - days * DAY_MS),
      maxEvents,
      identities: true,
      orders: true,
    }),
  ).map(({ other }) => other);

test(
  `no key of events near and beyond the end of retention stays (FOOTFALL_SEED=${seed})`,
  async () => {
    const cases = fc
      .record({
        sites: fc.subarray(oldSites, { minLength: 1, maxLength: 2 }),
        start: fc.constantFrom(...AGES).map((days) => now - days * DAY_MS),
        partitions: fc.constantFrom(1, 3),
      })
      .chain(({ start, ...fields }) =>
        fc.record({
          sites: fc.constant(fields.sites),
          partitions: fc.constant(fields.partitions),
          plan: plans,
          old: eventsFrom(fields.sites, start, 60),
          // Of the same people: their states stay, and name months that are gone.
          recent: eventsFrom(fields.sites, now - 3 * DAY_MS, 20),
        }),
      );
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ plan, old, recent, ...one }) => {
        const others = recent.map((event) => ({ ...event, id: `recent ${event.id}` }));
        const logs = recordsOf([...others, ...old], one.partitions);
        await new Delivery(logs, { redis, funnels: FUNNELS, ...one }).run(plan);
        expect(await keysWithoutEnd(redis)).toEqual([]);
        kept += (await keyNames(redis, '*:t:*')).length;
      }),
      { numRuns, seed },
    );
    expect(kept).toBeGreaterThan(0);
  },
  600_000 + numRuns * 20_000,
);
