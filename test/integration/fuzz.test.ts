import type { Context } from 'aws-lambda';
import { Random } from '../../shared/simulation/random.ts';
import { seedsOf } from '../support/fuzz-seeds.ts';
import { requestOf } from '../support/http.ts';
import { ledgerOf } from '../support/ledger.ts';
import { mutate, mutateText } from '../support/mutate.ts';
import { collectRoutes } from '../support/routes.ts';
import { openShop, type Shop, siteOf } from '../support/shop.ts';

/**
 * Mutated bodies to every endpoint that takes events: none is answered with 5xx, and every record that reached the log
 * has an outcome in the ledger. `npm run test:fuzz` sends 100,000 to each.
 */
const BODIES = Number(process.env.FOOTFALL_FUZZ_BODIES ?? 300);
const SEED = Number(process.env.FOOTFALL_SEED ?? Date.now() % 2 ** 31);
/** Requests between two checks of the ledger. */
const ROUND = 5_000;

const routes = collectRoutes({} as never).filter(({ path }) => path !== '/f.js');

test.each(routes.map(({ method, path }) => ({ endpoint: `${method} ${path}`, method, path })))(
  `$endpoint (seed ${SEED})`,
  async ({ method, path }) => {
    const shop = await openShop([siteOf('shop', { currency: 'EUR', measurement_ids: ['G-SHOP1'] })]);
    const random = new Random(SEED);
    const seeds = seedsOf(method, path);
    expect(seeds.length).toBeGreaterThan(0);
    const statuses = new Map<number, number>();
    for (let done = 0; done < BODIES; ) {
      const round = Math.min(ROUND, BODIES - done);
      for (let n = 0; n < round; n++) {
        const { target, headers, body } = random.pick(seeds);
        const inQuery = body === undefined || random.chance(0.2);
        const [sent, query = ''] = target.split('?') as [string, string?];
        const request = requestOf(method, inQuery ? `${sent}?${mutateText(query, random)}` : target, {
          headers,
          ...(body !== undefined && { body: inQuery ? body : mutate(body, random) }),
        });
        const answer = await shop.handler(request, {} as Context);
        const status = answer.statusCode ?? 0;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status < 200 || status >= 500) {
          throw new Error(`${status} to ${JSON.stringify(request).slice(0, 5_000)}: ${answer.body}`);
        }
      }
      done += round;
      await shop.apply();
      await expectBalance(shop);
    }
    // A run needs both valid and invalid bodies to mean anything.
    const taken = [...statuses].filter(([status]) => status < 300);
    expect(taken.length).toBeGreaterThan(0);
    expect([...statuses.keys()].some((status) => status >= 400 || path === '/debug/mp/collect')).toBe(true);
  },
  3_600_000,
);

async function expectBalance(shop: Shop): Promise<void> {
  const sent = (await shop.ends()).reduce((sum, { high }) => sum + high, 0);
  const outcomes = await ledgerOf(shop.reader);
  expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(sent);
}
