import { createHash } from 'node:crypto';
import { type Cart, cartValue } from '../fold/cart.ts';

/** A record of the signals topic, as JSON: a user has filled a cart and abandoned it. */
export interface CartAbandoned {
  v: 1;
  type: 'cart_abandoned';
  /** Derived from the cart and its last activity, so the same cart at the same time gets the same id. */
  id: string;
  site: string;
  user: string;
  /** ISO 8601, UTC. */
  last_activity: string;
  lines: { product_id: string; quantity: number }[];
  /** By currency (ISO 4217), in minor units. */
  value: Record<string, number>;
  /** When it was handed to Kafka; ISO 8601, UTC. */
  published_at: string;
}

/** @param ts when the cart was last touched, ms. */
export function signalId(site: string, user: string, ts: number): string {
  return createHash('sha256').update(`cart_abandoned|${site}|${ts}|${user}`).digest('hex');
}

/** @param now ms. */
export function cartAbandoned(
  { id, site, user, ts }: { id: string; site: string; user: string; ts: number },
  { lines }: Cart,
  now: number,
): CartAbandoned {
  return {
    v: 1,
    type: 'cart_abandoned',
    id,
    site,
    user,
    last_activity: new Date(ts).toISOString(),
    lines: lines.map(({ product, quantity }) => ({ product_id: product, quantity })),
    value: Object.fromEntries([...cartValue(lines)].sort()),
    published_at: new Date(now).toISOString(),
  };
}
