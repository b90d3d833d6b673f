import fc from 'fast-check';
import { PRODUCT_EVENTS } from '../../shared/aggregation/counters.ts';
import { readEvents } from '../../shared/analytics/events.ts';
import { readInteractions } from '../../shared/analytics/interactions.ts';
import { readOverview } from '../../shared/analytics/overview.ts';
import { readProducts } from '../../shared/analytics/products.ts';
import { readRevenue } from '../../shared/analytics/revenue.ts';
import { readUser } from '../../shared/analytics/user.ts';
import type { FootfallEvent } from '../../shared/events/event.ts';
import { NaiveShop } from '../oracle/answers.ts';
import { timeline, wallClock } from '../oracle/naive.ts';
import { cut, eventStream, hardSites, recordsOf } from '../oracle/streams.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { openReader } from '../support/reader.ts';

/** The questions of the API, on real Redis, against a program that has all events and starts from scratch. */
const PARTITIONS = 3;
const config = await freshConfig({ partitions: PARTITIONS, sites: hardSites });
const { reader } = openReader(config);
const consumer = openConsumer(config);

const now = Date.now();
/** So that even a client whose clock runs ahead says nothing of the minutes in which this test runs. */
const receivedFrom = now - 13 * 3_600_000;
const streams = eventStream({
  receivedFrom,
  receivedFor: 12 * 3_600_000,
  maxEvents: 400,
}).filter((list) => list.length > 350);
const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
const [events] = fc.sample(streams, { numRuns: 1, seed }) as [FootfallEvent[]];
const shops = hardSites.map((site) => [site.zone, site, new NaiveShop(events, site)] as const);

interface Range {
  from?: string;
  to: string;
}

/** Ranges of a shop: all of it, each single day, and some days of it; those without a start begin with the first. */
function ranges({ dates }: NaiveShop): Range[] {
  const last = dates.at(-1)!;
  const middle = dates[Math.floor(dates.length / 2)]!;
  return [
    { to: last },
    { to: middle },
    { from: dates.at(-10)!, to: dates.at(-3)! },
    ...dates.map((date) => ({ from: date, to: date })),
  ];
}

beforeAll(async () => {
  for (const records of recordsOf(events, PARTITIONS)) {
    for (const batch of cut(records, [40, 7])) await consumer.apply(batch);
  }
  console.log(`${events.length} events; FOOTFALL_SEED=${seed} makes them again`);
});

describe.each(shops)('a shop in %s', (_, site, shop) => {
  test('overview', async () => {
    for (const range of ranges(shop)) {
      const { from = shop.dates[0]!, to } = range;
      expect(await readOverview(reader, site, range)).toMatchObject(shop.overview(from, to));
    }
  });

  test('frequency of events, in total and of one', async () => {
    for (const range of ranges(shop)) {
      const { from = shop.dates[0]!, to } = range;
      const frequency = shop.frequency(from, to);
      expect(await readEvents(reader, site, range)).toMatchObject(frequency);
      const purchases = frequency.events.purchase ?? 0;
      const one = await readEvents(reader, site, { ...range, event: 'purchase' });
      expect([one.total, one.events.purchase]).toEqual([purchases, purchases]);
    }
  });

  test('series by day, hour and minute', async () => {
    const { date: today } = wallClock(now, site.zone);
    const recent = shop.dates.filter((date) => Date.parse(today) - Date.parse(date) <= 2 * 86_400_000);
    for (const grain of ['day', 'hour', 'minute'] as const) {
      for (const date of grain === 'day' ? shop.dates : recent) {
        const { series = [] } = await readEvents(reader, site, { from: date, to: date, grain });
        const found = series.filter(({ total }) => total > 0).map(({ start, events }) => [start, events]);
        // A series ends now: what clients claim of the future is counted, but has no point yet.
        const until = grain === 'day' ? Infinity : now;
        const past = date > today ? {} : shop.series(grain, date, until);
        expect(Object.fromEntries(found)).toEqual(past);
      }
    }
  });

  test('products by each metric', async () => {
    const metrics = ['views', 'clicks', 'carts', 'purchases', 'refunds', 'others', 'units'] as const;
    for (const range of ranges(shop)) {
      const { from = shop.dates[0]!, to } = range;
      for (const metric of ['interactions', ...metrics, 'revenue', 'refunded'] as const) {
        const currency = metric === 'revenue' || metric === 'refunded' ? 'KWD' : undefined;
        const stored =
          metric === 'interactions' ? PRODUCT_EVENTS : [currency ? `${metric}:${currency}` : metric];
        const query = { ...range, metric, limit: 1_000, ...(currency && { currency }) };
        const answer = await readProducts(reader, site, query);
        const found = answer.products.map(({ product_id, value }) => [product_id, value]);
        expect(found.filter(([, value]) => value !== 0)).toEqual(shop.products(stored, from, to));
        expect(answer.total_products).toBe(found.length);
      }
    }
  });

  test('revenue by day, month and country', async () => {
    for (const range of ranges(shop)) {
      const { from = shop.dates[0]!, to } = range;
      for (const by of ['day', 'month', 'country'] as const) {
        const { rows } = await readRevenue(reader, site, { ...range, by });
        expect(rows).toEqual(shop.revenue(by, from, to));
      }
    }
  });

  test('each user and what they did, in one page and in pages of two', async () => {
    for (const user of shop.users) {
      expect(await readUser(reader, site, user)).toMatchObject(shop.user(user));
      for (const range of ranges(shop)) {
        const { from = shop.dates[0]!, to } = range;
        const expected = shop.interactions(user, from, to);
        const all = await readInteractions(reader, site, user, { ...range, limit: 1_000 });
        expect(all.interactions.map(({ id, name, timestamp }) => ({ id, name, timestamp }))).toEqual(
          expected,
        );
        expect([all.total, all.truncated, all.next_cursor]).toEqual([expected.length, false, undefined]);
      }
      const { to } = ranges(shop)[0]!;
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await readInteractions(reader, site, user, {
          to,
          limit: 2,
          ...(cursor && { cursor }),
        });
        ids.push(...page.interactions.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor);
      expect(ids).toEqual(timeline(events, site.id, user).map(({ id }) => id));
    }
  });
});
