import { readCarts } from '../../shared/questions/carts.ts';
import { readFunnel } from '../../shared/questions/funnels.ts';
import { readSessions } from '../../shared/questions/sessions.ts';
import { readUniqueUsers } from '../../shared/questions/unique-users.ts';
import { readRetention } from '../../shared/questions/user-retention.ts';
import type { Site } from '../../shared/sites/site.ts';
import type { Shop } from './shop.ts';

/** An event of history, on 2 March 2026 in Madrid unless the time has a day: `12:00` or `2026-03-03T12:00`. */
export const at = (time: string, fields: object) => ({
  timestamp: `${time.includes('T') ? time : `2026-03-02T${time}`}:00+01:00`,
  backfill: true,
  ...fields,
});
export const tea = { item_id: 'tea', item_name: 'Green tea', item_category: 'drinks', price: 10 };
export const pot = { item_id: 'pot', item_name: 'Tea pot', price: '25.50' };

interface Profile {
  user_id: string;
  asked: string;
  known: boolean;
  total_events: number;
  sessions: number;
  active_days: number;
  aliases: string[];
  [field: string]: unknown;
}
interface Page {
  user_id: string;
  asked: string;
  total: number;
  interactions: { id: string; name: string }[];
  next_cursor?: string;
}

/** What a site of a shop says about its people. */
export function peopleOf(shop: Shop, sites: readonly Site[]) {
  /** The profile of an id that is known. */
  const profile = async (site: string, user: string) => {
    const { status, body } = await shop.get<{ data: Profile }>(site, `/v1/users/${user}`);
    expect(status).toBe(200);
    return body.data;
  };

  const interactions = async (site: string, user: string, query = '') => {
    const { body } = await shop.get<{ data: Page }>(site, `/v1/users/${user}/interactions?${query}`);
    return body.data;
  };
  const idsOf = async (site: string, user: string, query = '') =>
    (await interactions(site, user, query)).interactions.map(({ id }) => id);

  /** Everything that a site says of its people and of its events, in March 2026. */
  async function answersOf(name: string) {
    const { reader } = shop;
    const site = sites.find(({ id }) => id === name)!;
    const range = { from: '2026-03-01', to: '2026-03-31' };
    const { users, new_users } = await readUniqueUsers(reader, site, range);
    const { sessions, bounces, converted_sessions, session_ms } = await readSessions(reader, site, range);
    const funnel = await readFunnel(reader, site, 'shop', range);
    const { cohorts } = await readRetention(reader, site, { ...range, period: 'day', periods: 2 });
    const carts = await readCarts(reader, site, { limit: 10 }, 60);
    const get = async (target: string) => (await shop.get<{ data: object }>(name, target)).body.data;
    const events = {
      frequency: await get('/v1/events?from=2026-03-01&to=2026-03-31&grain=day'),
      products: await get('/v1/products?from=2026-03-01&to=2026-03-31'),
      revenue: await get('/v1/revenue?from=2026-03-01&to=2026-03-31'),
    };
    const people = {
      users,
      new_users,
      sessions,
      bounces,
      converted_sessions,
      session_ms,
      funnel: funnel.steps.map((step) => step.count),
      cohorts: cohorts.filter((one) => one.users > 0).map((one) => [one.start, one.users]),
      carts: carts.carts.map((one) => one.user_id),
    };
    return { events, people };
  }
  return { profile, interactions, idsOf, answersOf };
}
