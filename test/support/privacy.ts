import { randomUUID } from 'node:crypto';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { askAbout, askAboutFunnels } from '../oracle/questions.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { FUNNELS } from '../oracle/streams.ts';
import { familyOf } from './generation.ts';
import { type Answer, ask } from './http.ts';
import { ledgerOf } from './ledger.ts';
import { noonZone } from './noon.ts';
import { analyticsRoutes } from './routes.ts';
import { openShop, siteOf } from './shop.ts';

/** What the API answers to an erasure. */
export interface Receipt {
  receipt: string;
  status: 'pending' | 'done';
  requested_at: string;
  recorded_at: string | null;
  ids: number;
  keys: number;
  entries: number;
  erased: { sha256: string; keys: number; entries: number; recorded_at: string | null }[];
}
export const MINUTE = 60_000;
export const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
/** The kinds of these keys, sorted and without repeats. */
export const familiesOf = (places: { key: string }[]) =>
  [...new Set(places.map(({ key }) => familyOf(key)))].sort();
export const tea = { item_id: 'tea', item_name: 'Green tea', item_category: 'drinks', price: 10 };
const pot = { item_id: 'pot', item_name: 'Tea pot', price: '25.50' };
/** The headers of a site's administrator. */
export const admin = (site: string) => ({ headers: { authorization: `Bearer ${site}-admin-key` } });

/** A shop with these sites, in whose zone no midnight is near, and what a site's administrator does there. */
export async function openPrivacyShop(names: readonly string[]) {
  const zone = noonZone();
  const sites = names.map((name) => siteOf(name, { zone, currency: 'EUR', funnels: FUNNELS }));
  const shop = await openShop(sites);
  const { redis } = shop;
  /** Another process, which keeps answers about the present in Redis for a minute. */
  const keeping = httpStack(
    routerOf(
      analyticsRoutes(
        analyticsContexts(
          { ...shop.config, answerMaxAgeMs: 60_000 },
          redis,
          { fetch: shop.ends },
          fixedSites(new Sites(sites)),
        ),
      ),
    ),
  );
  const siteNamed = (name: string) => sites.find(({ id }) => id === name)!;
  const askAs = <T>(site: string, method: string, target: string): Promise<Answer<{ data: T }>> =>
    ask(shop.handler, method, target, admin(site));

  /** Asks for an erasure and applies nothing. */
  async function request(site: string, user: string): Promise<string> {
    const { status, body, headers } = await askAs<Receipt>(
      site,
      'DELETE',
      `/v1/privacy/${encodeURIComponent(user)}`,
    );
    expect({ status, receipt: body.data.status }).toEqual({ status: 202, receipt: 'pending' });
    expect(headers.location).toBe(`/v1/privacy-receipts/${body.data.receipt}`);
    return body.data.receipt;
  }
  const receiptOf = async (site: string, receipt: string) =>
    (await askAs<Receipt>(site, 'GET', `/v1/privacy-receipts/${receipt}`)).body.data;

  /** Asks for an erasure and applies it. */
  async function erase(site: string, user: string): Promise<Receipt> {
    const receipt = await request(site, user);
    await shop.apply();
    const found = await receiptOf(site, receipt);
    expect(found.status).toBe('done');
    return found;
  }

  const data = async <T>(site: string, target: string) =>
    (await shop.get<{ data: T }>(site, target)).body.data;
  const statusOf = async (site: string, target: string) => (await shop.get(site, target)).status;
  const balanced = async (site: string) =>
    (await data<{ balanced: boolean; totals: Record<string, number> }>(site, '/v1/ledger')).balanced;

  /** Everything that can be stored about a person under three ids, and about a second person. */
  async function fill(site: string, ids: { user: string; visitor: string; second: string; other: string }) {
    const { user, visitor, second, other } = ids;
    // At half past eleven of UTC it is the same day in each zone that noonZone gives.
    const history = (day: string, fields: object) => ({
      timestamp: `${day}T11:30:00Z`,
      backfill: true,
      ...fields,
    });
    const money = { currency: 'EUR', country: 'ES', device: 'mobile', browser: 'Firefox' };
    for (const [ids, name] of [
      [{ user_id: user }, 'u'],
      [{ user_id: other }, 'o'],
    ] as const) {
      await shop.send(
        site,
        history('2026-03-02', { id: `${name}1`, name: 'view_item', ...ids, items: [tea], page: '/zapatos' }),
        history('2026-03-09', {
          id: `${name}2`,
          name: 'purchase',
          ...ids,
          ...money,
          items: [tea],
          transaction_id: `${name}-t1`,
        }),
        history('2026-05-20', { id: `${name}3`, name: 'refund', ...ids, transaction_id: `${name}-t1` }),
        history('2026-09-30', { id: `${name}4`, name: 'page_view', ...ids, page: '/zapatos' }),
        history('2026-09-30', {
          id: `${name}5`,
          name: 'purchase',
          ...ids,
          ...money,
          items: [pot],
          transaction_id: `${name}-t2`,
        }),
      );
    }
    await shop.send(
      site,
      history('2026-08-01', {
        id: 'v1',
        name: 'view_item',
        anonymous_id: visitor,
        items: [tea],
        source: 'google',
      }),
      {
        id: 'v2',
        name: 'view_item',
        anonymous_id: visitor,
        items: [pot],
        timestamp: ago(400),
        campaign: 'autumn',
      },
      { id: 'v3', name: 'add_to_cart', anonymous_id: visitor, ...money, items: [pot], timestamp: ago(390) },
      { id: 'v4', name: 'identify', anonymous_id: visitor, user_id: user, timestamp: ago(380) },
      // This visitor is the user's already; the second one only becomes so below.
      { id: 'v5', name: 'begin_checkout', anonymous_id: visitor, items: [pot], timestamp: ago(375) },
      {
        id: 's1',
        name: 'view_item',
        anonymous_id: second,
        items: [tea],
        timestamp: ago(300),
        search_term: 'tea',
      },
      { id: 'o6', name: 'add_to_cart', user_id: other, ...money, items: [pot], timestamp: ago(200) },
      { id: 'u6', name: 'page_view', user_id: user, timestamp: ago(100), props: { plan: 'gold' } },
      { id: 's2', name: 'identify', anonymous_id: second, user_id: user, timestamp: ago(90) },
    );
    // Abandoned carts: one that a sweep has claimed and not settled, and that changed afterwards.
    const claims = new CartClaims(redis, firstGeneration(shop.config.kafka));
    for (let shard = 0; shard < 4; shard++) {
      const due = await claims.due(shard, site, Date.now() - 60 * MINUTE);
      const wanted = due.map(({ user, ts }) => ({
        claim: { site, user, ts, id: randomUUID(), partition: 0, offset: 0, run: 'run' },
      }));
      const taken = await claims.take(shard, site, wanted, Date.now());
      expect(taken.filter(Boolean)).toHaveLength(due.length);
    }
    await shop.send(
      site,
      { id: 'u7', name: 'add_to_cart', user_id: user, ...money, items: [tea], timestamp: ago(4) },
      { id: 'o7', name: 'page_view', user_id: other, timestamp: ago(3) },
      { id: 's3', name: 'page_view', anonymous_id: second, timestamp: ago(2) },
    );
    // Answers that are kept in Redis, among them those that list users.
    for (const target of [
      '/v1/overview',
      '/v1/carts/abandoned',
      '/v1/carts/daily',
      '/v1/live',
      '/v1/funnels/shop',
      '/v1/users/unique?to=2026-10-01',
    ]) {
      const headers = { authorization: `Bearer ${site}-read-key` };
      expect((await ask(keeping, 'GET', target, { headers })).status).toBe(200);
    }
  }

  /** Compares every answer with the plain program that knows of the erasure. */
  async function expectAnswers(name: string, erasure: Parameters<typeof toldAfter>[0]): Promise<void> {
    const naive = new NaiveShop(keptEvents(erasure), siteNamed(name), Date.now(), toldAfter(erasure));
    for (const range of [
      { from: '2026-03-01', to: naive.today },
      { from: '2026-08-01', to: '2026-09-30' },
      { to: naive.today },
    ]) {
      const asked = [
        ...askAbout(shop.reader, naive, range, 0),
        ...askAboutFunnels(shop.reader, naive, range, [SHOP_FUNNEL, ...FUNNELS]),
      ];
      expect(asked.length).toBeGreaterThan(30);
      for (const { question, answer, expected } of asked) {
        expect({ question, answer: await answer }).toEqual({ question, answer: expected });
      }
    }
  }

  /** The ledger's count of an outcome. */
  const total = async (site: string, outcome: string) =>
    (await ledgerOf(shop.reader)).get(`${site}:${outcome}`) ?? 0;
  const visit = (site: string, visitor: string) =>
    shop.send(
      site,
      { id: 'a', name: 'view_item', anonymous_id: visitor, items: [tea], timestamp: ago(31) },
      { id: 'b', name: 'add_to_cart', anonymous_id: visitor, items: [tea], timestamp: ago(20) },
    );
  const numbersOf = async (site: string) => {
    const { users, new_users } = await data<Record<string, number>>(site, '/v1/users/unique');
    const { sessions } = await data<Record<string, number>>(site, '/v1/sessions');
    const { total_events } = await data<Record<string, number>>(site, '/v1/overview');
    return { users, new_users, sessions, total_events };
  };
  return {
    shop,
    redis,
    admin,
    ask: askAs,
    request,
    receiptOf,
    erase,
    data,
    statusOf,
    balanced,
    fill,
    expectAnswers,
    total,
    visit,
    numbersOf,
  };
}
