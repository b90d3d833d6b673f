import type { FootfallEvent } from '../shared/event/event.ts';
import { firstGeneration, type Generation } from '../shared/generations/generation.ts';
import type { RedisClient } from '../shared/platform/redis/connection.ts';
import { eventsQuery, readEvents } from '../shared/questions/events.ts';
import { overviewQuery, readOverview } from '../shared/questions/overview.ts';
import { StoreReader } from '../shared/shard/reader.ts';
import type { Site } from '../shared/sites/site.ts';

/**
 * Compares what aggregate left in Redis with a plain count over the events.
 * @throws Error that names the first number that differs: a speed with wrong totals means nothing.
 */
export async function verifyTotals(
  redis: RedisClient,
  partitions: number,
  sites: Site[],
  events: FootfallEvent[],
  {
    topic = 'events',
    generation = firstGeneration({ eventsTopic: topic, partitions }),
  }: { topic?: string; generation?: Generation } = {},
) {
  const store = new StoreReader(redis, generation);
  for (const site of sites) {
    const own = events.filter((event) => event.site === site.id);
    const [overview, frequency] = [
      await readOverview(store, site, overviewQuery.parse({})),
      await readEvents(store, site, eventsQuery.parse({})),
    ];
    const money = (name: string) =>
      own
        .filter((event) => event.name === name)
        .reduce(
          (sum, { value, items = [] }) =>
            sum + (value ?? items.reduce((all, { amount = 0 }) => all + amount, 0)),
          0,
        );
    const same = (what: string, counted: number, expected: number) => {
      if (counted === expected) return;
      throw new Error(`${site.id}: ${what} is ${counted}, an independent count says ${expected}.`);
    };
    same('events', overview.total_events, own.length);
    for (const name of new Set(own.map((event) => event.name))) {
      same(name, frequency.events[name] ?? 0, own.filter((event) => event.name === name).length);
    }
    same('users', overview.new_users, new Set(own.map((event) => event.user)).size);
    same('revenue', overview.money[0]?.revenue_minor ?? 0, money('purchase'));
    same('refunds', overview.money[0]?.refunded_minor ?? 0, money('refund'));
  }
}
