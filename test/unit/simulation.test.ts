import fc from 'fast-check';
import { decode, usersOf } from '../../shared/event/decode.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { InteractionFactory, SIMULATED_DAY_MS } from '../../shared/simulation/factory.ts';
import { Heap } from '../../shared/simulation/heap.ts';
import {
  BURST_MS,
  burst,
  publishAtRate,
  publishBurst,
  shoppersFor,
  sitesToSimulate,
} from '../../shared/simulation/publish.ts';
import { Random, zipf } from '../../shared/simulation/random.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

const NOW = Date.UTC(2026, 2, 2, 12, 0, 0);
const demo = siteSchema.parse({ id: 'demo', zone: 'Europe/Madrid', currency: 'EUR' });
const outlet = siteSchema.parse({ id: 'outlet', zone: 'America/New_York', currency: 'USD' });
const tokyo = siteSchema.parse({ id: 'tokyo', zone: 'Asia/Tokyo', currency: 'JPY' });

function eventsOf(options: { seed?: number; count?: number; sites?: (typeof demo)[]; now?: number } = {}) {
  const { seed = 7, count = 20_000, sites = [demo, outlet], now = NOW } = options;
  const factory = new InteractionFactory({ sites, seed, shoppers: shoppersFor((count / BURST_MS) * 1000) });
  return [...burst(factory, count, now)];
}

const countBy = <T>(list: readonly T[], keyOf: (one: T) => string) => {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
};

describe('the stream of a seed', () => {
  it('is the same byte for byte, and another for another seed', () => {
    const text = (seed: number) => JSON.stringify(eventsOf({ seed, count: 3000 }));
    expect(text(7)).toBe(text(7));
    expect(text(8)).not.toBe(text(7));
  });

  it('takes received from the caller and nothing else from it', () => {
    const stream = (delay: number) => {
      const factory = new InteractionFactory({ sites: [demo, outlet], seed: 7 });
      return Array.from({ length: 3000 }, (_, n) => factory.next(NOW + n * 100, NOW + n * 100 + delay));
    };
    const late = stream(1234);
    expect(late.every(({ ts, received }) => received === ts + 1234)).toBe(true);
    expect(late.map(({ received: _, ...rest }) => rest)).toEqual(
      stream(0).map(({ received: _, ...rest }) => rest),
    );
  });

  it('goes forward in time, ends now, and never repeats an id', () => {
    const events = eventsOf();
    events.reduce((last, { ts }) => {
      if (ts < last) throw new Error('An event lies before the one that came before it.');
      return ts;
    }, NOW - BURST_MS);
    expect(events.every(({ ts, received }) => ts <= NOW && received === NOW)).toBe(true);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('is what aggregate accepts, in any currency', () => {
    const sites = new Sites([demo, outlet, tokyo]);
    const events = eventsOf({ count: 5000, sites: sites.all() });
    const records = events.map((event, offset) => {
      const value = Buffer.from(JSON.stringify(event)).toString('base64');
      const key = Buffer.from(userKey(event)).toString('base64');
      return { topic: 'events', partition: 0, offset, timestamp: NOW, key, value };
    });
    const users = usersOf(records, 1);
    const decoded = records.map((record) => decode(record, users, sites));
    expect(decoded.filter(({ event }) => event === undefined)).toEqual([]);
    expect(decoded.map(({ event }) => event)).toEqual(events);
  });
});

describe('the shoppers', () => {
  const events = eventsOf({ count: 60_000 });
  const byName = countBy(events, ({ name }) => name);
  const count = (name: string) => byName.get(name) ?? 0;

  it('do everything that shoppers do, fewer at each step towards the order', () => {
    expect([...byName.keys()].sort()).toEqual([
      'add_payment_info',
      'add_to_cart',
      'begin_checkout',
      'identify',
      'login',
      'page_view',
      'purchase',
      'refund',
      'remove_from_cart',
      'search',
      'select_item',
      'view_cart',
      'view_item',
      'view_item_list',
    ]);
    const funnel = ['view_item', 'add_to_cart', 'begin_checkout', 'add_payment_info', 'purchase', 'refund'];
    for (const [n, name] of funnel.slice(1).entries()) expect(count(name)).toBeLessThan(count(funnel[n]!));
  });

  it('interleave: most events are of another person than the one before', () => {
    const changes = events.filter((event, n) => n > 0 && event.user !== events[n - 1]!.user).length;
    expect(changes / events.length).toBeGreaterThan(0.9);
  });

  it('are strangers and customers, in several countries and in both shops', () => {
    for (const site of ['demo', 'outlet']) {
      const here = events.filter((event) => event.site === site);
      const known = here.filter((event) => event.known);
      expect(known.length).toBeGreaterThan(here.length * 0.2);
      expect(known.length).toBeLessThan(here.length * 0.8);
      expect(known.every(({ user }) => user.startsWith('customer-'))).toBe(true);
      expect(here.some((event) => !event.known && event.user.startsWith('customer-'))).toBe(false);
      expect(countBy(here, (event) => event.country!).size).toBeGreaterThan(4);
      const homes = countBy(known, (event) => `${event.user} ${event.country}`);
      expect(homes.size).toBe(new Set(known.map(({ user }) => user)).size);
    }
  });

  /** By site and anonymous id: whose they are. */
  const accounts = new Map<string, string>();
  for (const { site, user, identifies } of events) {
    if (identifies !== undefined) accounts.set(`${site} ${user}`, `${site} ${identifies}`);
  }
  const personOf = (site: string, user: string) => accounts.get(`${site} ${user}`) ?? `${site} ${user}`;

  it('sign in, some with a full cart: always as the same customer, who goes on from there', () => {
    let withCart = 0;
    const carts = new Set<string>();
    const identified = events.filter(({ name }) => name === 'identify');
    for (const [n, event] of events.entries()) {
      const { site, user, known, name, identifies } = event;
      if (name === 'add_to_cart') carts.add(`${site} ${user}`);
      if (identifies === undefined) continue;
      expect(name).toBe('identify');
      expect([user.startsWith('anonymous-'), known]).toEqual([true, undefined]);
      expect(personOf(site, user)).toBe(`${site} ${identifies}`);
      if (carts.has(`${site} ${user}`)) withCart += 1;
      const next = events.slice(n + 1).find((one) => one.site === site && one.user === identifies);
      // Those at the very end have not come to it.
      if (n < events.length * 0.9) expect(next?.known).toBe(true);
    }
    expect(identified.length).toBeGreaterThan(events.length / 200);
    expect(withCart).toBeGreaterThan(identified.length / 10);
    expect(withCart).toBeLessThan(identified.length / 2);
    // Some come back with the cookie of before, and sign in again.
    expect(accounts.size).toBeLessThan(identified.length);
  });

  it('come from somewhere, with something in their hands: each of it with several values', () => {
    const values = (
      list: readonly FootfallEvent[],
      field: 'source' | 'medium' | 'campaign' | 'referrer' | 'page',
    ) =>
      countBy(
        list.filter((event) => event[field] !== undefined),
        (event) => event[field]!,
      );
    const landings = events.filter(({ source }) => source !== undefined);
    // One event of a visit says it, the first.
    expect(new Set(landings.map(({ name }) => name))).toEqual(new Set(['page_view']));
    expect(landings).toHaveLength(count('page_view'));
    for (const [field, least] of [
      ['source', 6],
      ['medium', 5],
      ['campaign', 5],
      ['referrer', 4],
      ['page', 50],
    ] as const) {
      const found = values(landings, field);
      expect(found.size).toBeGreaterThanOrEqual(least);
      const [[, most]] = [...found].sort(([, a], [, b]) => b - a) as [[string, number]];
      expect(most).toBeLessThan(landings.length * 0.6);
    }
    for (const field of ['device', 'browser', 'os'] as const) {
      expect(events.every((event) => event[field] !== undefined)).toBe(true);
      expect(countBy(events, (event) => event[field]!).size).toBeGreaterThanOrEqual(3);
    }
    // An anonymous id is a cookie in one browser.
    const strangers = events.filter(({ known }) => !known);
    const browsers = new Set(
      strangers.map(({ site, user, browser, os }) => `${site} ${user} ${browser} ${os}`),
    );
    expect(browsers.size).toBe(new Set(strangers.map(({ site, user }) => `${site} ${user}`)).size);
    for (const field of ['category', 'brand'] as const) {
      const items = events.flatMap(({ items = [] }) => items);
      expect(countBy(items, (item) => item[field]!).size).toBeGreaterThanOrEqual(6);
    }
  });

  it('buy only what was put in a cart, and leave carts behind', () => {
    const carts = new Map<string, Set<string>>();
    let left = 0;
    for (const { site, user: id, name, items = [] } of events) {
      const user = personOf(site, id);
      if (name === 'add_to_cart') {
        if (!carts.has(user)) carts.set(user, new Set());
        for (const { id } of items) carts.get(user)!.add(id);
      }
      if (name === 'purchase') for (const { id } of items) expect(carts.get(user)?.has(id)).toBe(true);
    }
    const orders = events.filter(({ name }) => name === 'purchase');
    const buyers = new Set(orders.map(({ site, user }) => personOf(site, user)));
    for (const user of carts.keys()) if (!buyers.has(user)) left += 1;
    expect(left).toBeGreaterThan(carts.size * 0.3);
  });

  it('pay exactly: a value is the sum of its lines, in the currency of the site', () => {
    for (const event of events.slice(0, 20_000)) {
      const amounts = (event.items ?? []).map(({ amount }) => amount);
      if (event.value === undefined) {
        expect([event.currency, ...new Set(amounts)].every((money) => money === undefined)).toBe(true);
      } else {
        expect(event.currency).toBe(event.site === 'demo' ? 'EUR' : 'USD');
        expect(event.value).toBe(amounts.reduce<number>((sum, amount) => sum + amount!, 0));
      }
    }
  });

  it('return goods of an order of theirs, a simulated day or more later', () => {
    const orders = new Map<string, FootfallEvent>();
    let returns = 0;
    for (const event of events) {
      if (event.name === 'purchase') {
        expect(orders.has(event.transaction_id!)).toBe(false);
        orders.set(event.transaction_id!, event);
      } else if (event.name === 'refund') {
        const order = orders.get(event.transaction_id!)!;
        expect([event.site, event.user, event.known]).toEqual([order.site, order.user, order.known]);
        expect(event.ts - order.ts).toBeGreaterThanOrEqual(SIMULATED_DAY_MS);
        for (const item of event.items!) expect(order.items).toContainEqual(item);
        returns += 1;
      }
    }
    expect(returns).toBeGreaterThan(0);
  });

  it('prefer few products by far (Zipf), the same ones whatever the seed', () => {
    const views = (seed: number) => {
      const seen = eventsOf({ seed, sites: [demo] }).filter(({ name }) => name === 'view_item');
      const ranked = [...countBy(seen, ({ items }) => items![0]!.id)].sort(([, a], [, b]) => b - a);
      return { total: seen.length, ranked };
    };
    const { total, ranked } = views(7);
    const share = (n: number) => ranked.slice(0, n).reduce((sum, [, views]) => sum + views, 0) / total;
    // The first of 400 has 1/6.57 of all, the first ten 2.93/6.57.
    expect(share(1)).toBeGreaterThan(0.11);
    expect(share(1)).toBeLessThan(0.2);
    expect(share(10)).toBeGreaterThan(0.37);
    expect(share(10)).toBeLessThan(0.53);
    expect(views(8).ranked[0]![0]).toBe(ranked[0]![0]);
  });

  it('sleep at night, each shop at its own', () => {
    const events = eventsOf({ count: 50_000, sites: [demo, outlet] });
    const hourly = (sites: (typeof demo)[]) => {
      const hours = new Array<number>(24).fill(0);
      for (const { ts, site } of events) {
        if (!sites.some(({ id }) => id === site)) continue;
        hours[Math.floor(((ts / SIMULATED_DAY_MS) % 1) * 24)]! += 1;
      }
      return hours;
    };
    const both = hourly([demo, outlet]);
    expect(Math.max(...both)).toBeGreaterThan(2 * Math.min(...both));
    const [here, there] = [hourly([demo]), hourly([outlet])];
    // New York's evening comes six hours after Madrid's.
    const peak = (hours: number[]) => hours.indexOf(Math.max(...hours));
    expect((peak(there) - peak(here) + 24) % 24).toBeGreaterThanOrEqual(3);
    expect((peak(there) - peak(here) + 24) % 24).toBeLessThanOrEqual(9);
  });
});

describe('publishing', () => {
  const factory = () => new InteractionFactory({ sites: [demo], seed: 7 });

  it('sends a burst in batches and tells how far it is', async () => {
    const batches: FootfallEvent[][] = [];
    const told: number[] = [];
    const sent = await publishBurst(factory(), 2500, {
      send: async (batch) => void batches.push(batch),
      now: NOW,
      onSent: (count) => told.push(count),
    });
    expect(sent).toBe(2500);
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(told).toEqual([1000, 2000, 2500]);
    expect(new Set(batches.flat().map(({ id }) => id)).size).toBe(2500);
  });

  it('stops a burst at the signal', async () => {
    const stop = new AbortController();
    const sent = await publishBurst(factory(), 2500, {
      send: async () => stop.abort(),
      now: NOW,
      signal: stop.signal,
    });
    expect(sent).toBe(1000);
  });

  it('keeps a pace by the clock it is given, and does not make up for a pause', async () => {
    const shops = factory();
    let now = NOW;
    while (shops.busyness(now) < 1) now += 1000;
    let ticks = 0;
    const clock = () => {
      ticks += 1;
      // The clock leaps eight hours once: a laptop was closed.
      now += ticks === 3 ? 8 * 3_600_000 : 500;
      return now;
    };
    const events: FootfallEvent[] = [];
    const counts: number[] = [];
    const pace = publishAtRate(shops, {
      send: async (batch) => void events.push(...batch),
      rate: 100,
      signal: new AbortController().signal,
      events: 700,
      clock,
    });
    for await (const sent of pace) counts.push(sent);
    expect(events).toHaveLength(700);
    expect(counts.at(-1)).toBe(700);
    const steps = counts.map((sent, n) => sent - (counts[n - 1] ?? 0));
    // Busiest hour 1.9 / 0.99 of the average, a leap counts as one second: 100 × 2 at most.
    expect(Math.max(...steps)).toBeLessThanOrEqual(200);
    events.reduce((last, { ts, received }) => {
      expect(ts).toBeGreaterThanOrEqual(last);
      expect(ts).toBeLessThanOrEqual(received);
      return ts;
    }, 0);
  });

  it('stops a pace at the signal and passes on what sending throws', async () => {
    const stop = new AbortController();
    const sends: number[] = [];
    const options = { rate: 1000, signal: stop.signal };
    const send = async (batch: FootfallEvent[]) => void sends.push(batch.length);
    for await (const sent of publishAtRate(factory(), { ...options, send })) {
      expect(sent).toBe(sends.reduce((sum, size) => sum + size, 0));
      stop.abort();
    }
    expect(sends).toHaveLength(1);
    const failing = publishAtRate(factory(), {
      rate: 1000,
      signal: new AbortController().signal,
      send: () => Promise.reject(new Error('broker gone')),
    });
    await expect(failing.next()).rejects.toThrow('broker gone');
  });

  it('simulates the sites named, and never a real shop by default', () => {
    const ids = (sites: Sites, named?: string[]) => sitesToSimulate(sites, named).map(({ id }) => id);
    expect(ids(new Sites([demo, outlet, tokyo]))).toEqual(['demo', 'outlet']);
    expect(ids(new Sites([tokyo]), ['tokyo'])).toEqual(['tokyo']);
    expect(() => ids(new Sites([tokyo]))).toThrow(/tokyo/);
    expect(() => ids(new Sites([tokyo, demo]), ['demo', 'x'])).toThrow(/There is no site x/);
  });
});

describe('the parts', () => {
  it('a heap gives back what was put in, smallest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (dues) => {
        const heap = new Heap<{ due: number }>();
        for (const due of dues) heap.push({ due });
        const out = dues.map(() => heap.pop()!.due);
        expect(out).toEqual([...dues].sort((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });

  it('Zipf’s law has half the weight on the second, a third on the third', () => {
    const random = new Random(1);
    const draws = zipf(3);
    const counts = [0, 0, 0];
    for (let n = 0; n < 60_000; n += 1) counts[draws.draw(random)]! += 1;
    const [first, second, third] = counts.map((count) => count / 60_000) as [number, number, number];
    expect(first).toBeCloseTo(6 / 11, 1);
    expect(second).toBeCloseTo(3 / 11, 1);
    expect(third).toBeCloseTo(2 / 11, 1);
  });
});
