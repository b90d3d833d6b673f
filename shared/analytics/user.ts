import { z } from 'zod';
import { eventCount } from '../aggregation/counters.ts';
import { FootfallError } from '../errors.ts';
import type { Site } from '../sites.ts';
import type { StoreReader } from '../store/reads.ts';
import { eventsByName, totalOf } from './counts.ts';
import { moneyRows, moneySchema } from './money.ts';

export const userSchema = z
  .object({
    user_id: z.string(),
    known: z
      .boolean()
      .meta({ description: "True when it is the shop's own user id, false for an anonymous id" }),
    first_seen: z.iso.datetime(),
    last_seen: z.iso.datetime(),
    total_events: z.number().int(),
    events: z.record(z.string(), z.number().int()).meta({ description: 'By name' }),
    orders: z.number().int(),
    refunds: z.number().int(),
    money: z.array(moneySchema),
  })
  .meta({
    id: 'User',
    examples: [
      {
        user_id: 'ada',
        known: true,
        first_seen: '2026-01-12T09:30:00.000Z',
        last_seen: '2026-03-31T18:05:12.250Z',
        total_events: 57,
        events: { view_item: 51, add_to_cart: 4, purchase: 2 },
        orders: 2,
        refunds: 0,
        money: [
          {
            currency: 'EUR',
            revenue: '80.40',
            refunded: '0.00',
            net: '80.40',
            revenue_minor: 8_040,
            refunded_minor: 0,
            net_minor: 8_040,
          },
        ],
      },
    ],
  });

/** A user's engagement: what they did, how often, and what they spent. @throws `unknown_user` (404). */
export async function readUser(
  store: StoreReader,
  site: Site,
  user: string,
): Promise<z.infer<typeof userSchema>> {
  const state = await store.user(site.id, user);
  if (!state) throw unknownUser();
  const events = eventsByName(state.sums);
  return {
    user_id: user,
    known: state.firstKnown !== Infinity,
    first_seen: new Date(state.first).toISOString(),
    last_seen: new Date(state.last).toISOString(),
    total_events: totalOf(events),
    events,
    orders: state.sums.get(eventCount('purchase')) ?? 0,
    refunds: state.sums.get(eventCount('refund')) ?? 0,
    money: moneyRows(state.sums),
  };
}

export const unknownUser = () => new FootfallError('unknown_user', 404, 'Nothing is known of this user.');
