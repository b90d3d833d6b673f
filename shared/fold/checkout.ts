import { SHOP_FUNNEL } from '../funnels/definition.ts';
import { lastPurchase } from './cart.ts';
import type { UserState } from './user-state.ts';

const BEGUN = SHOP_FUNNEL.steps.findIndex(({ event }) => event === 'begin_checkout');

/** When a user last began a checkout that no purchase has followed, ms; undefined when there is none. */
export function openCheckout({ funnels, cart }: UserState): number | undefined {
  const begun = funnels.get(SHOP_FUNNEL.key)?.times[BEGUN]?.at(-1);
  return begun !== undefined && begun > lastPurchase(cart) ? begun : undefined;
}
