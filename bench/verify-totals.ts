import type { FootfallEvent } from '../shared/event/event.ts';
import { firstGeneration, type Generation } from '../shared/generations/generation.ts';
import type { RedisClient } from '../shared/platform/redis/connection.ts';
import { eventsQuery, readEvents } from '../shared/questions/events.ts';
import { overviewQuery, readOverview } from '../shared/questions/overview.ts';
import { StoreReader } from '../shared/shard/reader.ts';
import type { Site } from '../shared/sites/site.ts';

/** What a plain count over the events of a site says. Money is in minor units. */
interface PlainTotals {
  events: number;
  byName: Map<string, number>;
  users: number;
  revenue: number;
  refunds: number;
}

/** By the site's id. */
export type Totals = ReadonlyMap<string, PlainTotals>;

/** Counts events plainly: an independent count of what aggregate leaves in Redis. */
export function countPlainly(events: readonly FootfallEvent[]): Totals {
  const sites = Map.groupBy(events, ({ site }) => site);
  return new Map([...sites].map(([site, own]) => [site, totalsOf(own)]));
}

function totalsOf(events: readonly FootfallEvent[]): PlainTotals {
  const byName = new Map<string, number>();
  for (const { name } of events) byName.set(name, (byName.get(name) ?? 0) + 1);
  const money = (name: string) =>
    events
      .filter((event) => event.name === name)
      .reduce(
        (sum, { value, items = [] }) =>
          sum + (value ?? items.reduce((all, { amount = 0 }) => all + amount, 0)),
        0,
      );
  return {
    events: events.length,
    byName,
    users: new Set(events.map(({ user }) => user)).size,
    revenue: money('purchase'),
    refunds: money('refund'),
  };
}

/**
 * Compares what aggregate left in Redis with an independent count of the same events.
 * @throws Error that names the first number that differs: a speed with wrong totals means nothing.
 */
export async function verifyTotals(
  redis: RedisClient,
  partitions: number,
  sites: Site[],
  totals: Totals,
  {
    topic = 'events',
    generation = firstGeneration({ eventsTopic: topic, partitions }),
  }: { topic?: string; generation?: Generation } = {},
) {
  const store = new StoreReader(redis, generation);
  for (const site of sites) {
    const own = totals.get(site.id) ?? totalsOf([]);
    const [overview, frequency] = [
      await readOverview(store, site, overviewQuery.parse({})),
      await readEvents(store, site, eventsQuery.parse({})),
    ];
    const same = (what: string, counted: number, expected: number) => {
      if (counted === expected) return;
      throw new Error(`${site.id}: ${what} is ${counted}, an independent count says ${expected}.`);
    };
    same('events', overview.total_events, own.events);
    for (const [name, events] of own.byName) same(name, frequency.events[name] ?? 0, events);
    same('users', overview.new_users, own.users);
    same('revenue', overview.money[0]?.revenue_minor ?? 0, own.revenue);
    same('refunds', overview.money[0]?.refunded_minor ?? 0, own.refunds);
  }
}
