import { z } from 'zod';
import { refundedIn, revenueIn } from '../aggregation/counters.ts';
import type { Sums } from '../aggregation/deltas.ts';
import { fromMinor } from '../money.ts';

export const moneySchema = z
  .object({
    currency: z.string(),
    revenue: z.string().meta({ description: 'Purchases, in units of the currency' }),
    refunded: z.string(),
    net: z.string().meta({ description: 'revenue − refunded' }),
    revenue_minor: z.number().int().meta({ description: 'The same in minor units (ISO 4217)' }),
    refunded_minor: z.number().int(),
    net_minor: z.number().int(),
  })
  .meta({ id: 'Money' });

/** The money among some counters, a row for each currency. */
export function moneyRows(sums: Sums): z.infer<typeof moneySchema>[] {
  const currencies = new Set<string>();
  for (const counter of sums.keys()) {
    const match = /^(?:revenue|refunded):([A-Z]{3})$/.exec(counter);
    if (match) currencies.add(match[1]!);
  }
  return [...currencies].sort().map((currency) => {
    const revenue = sums.get(revenueIn(currency)) ?? 0;
    const refunded = sums.get(refundedIn(currency)) ?? 0;
    return {
      currency,
      revenue: fromMinor(revenue, currency),
      refunded: fromMinor(refunded, currency),
      net: fromMinor(revenue - refunded, currency),
      revenue_minor: revenue,
      refunded_minor: refunded,
      net_minor: revenue - refunded,
    };
  });
}
