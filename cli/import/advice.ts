import type { Plan } from './plan.ts';

/** Events that Footfall counts as more than an event of their own (docs/sending-events.md). */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...[
    'page_view',
    'screen_view',
    'view_item',
    'view_item_list',
    'select_item',
    'view_promotion',
    'select_promotion',
  ],
  ...[
    'add_to_cart',
    'remove_from_cart',
    'view_cart',
    'begin_checkout',
    'add_shipping_info',
    'add_payment_info',
  ],
  ...[
    'purchase',
    'refund',
    'search',
    'view_search_results',
    'login',
    'sign_up',
    'identify',
    'add_to_wishlist',
  ],
  ...['session_start', 'first_visit', 'user_engagement', 'scroll', 'click', 'file_download', 'form_start'],
  ...['form_submit', 'video_start', 'video_progress', 'video_complete', 'generate_lead', 'share', 'group'],
]);
const MAX_NAMES = 5;

/**
 * Remarks on an import that may count something other than its caller means. Each names the command that puts it right.
 * @param found how many events of each name and with money of each currency there were.
 */
export function adviceOn(
  plan: Plan,
  found: { names: Readonly<Record<string, number>>; currencies: Readonly<Record<string, number>> },
): string[] {
  const advice: string[] = [];
  const { site, shape } = plan;
  const foreign = Object.keys(found.currencies).filter((currency) => currency !== site.currency);
  if (foreign.length > 0) {
    advice.push(
      `Prices are in ${foreign.join(', ')}, but the currency of site ${site.id} is ${site.currency}: they are counted apart. ` +
        `${plan.columns.currency ? 'If' : `If they are in ${site.currency}, add --currency ${site.currency}. If`} ` +
        `${foreign[0]} is the shop's currency, run npx footfall sites set ${site.id} --currency ${foreign[0]}.`,
    );
  }
  const unknown = Object.keys(found.names).filter((name) => !KNOWN_NAMES.has(name));
  if (shape === 'row' && unknown.length > 0) {
    const shown = unknown.slice(0, MAX_NAMES).join(', ') + (unknown.length > MAX_NAMES ? ', …' : '');
    advice.push(
      `Footfall counts events named ${shown} as events of your own, not as views, carts or orders. ` +
        `If they are, add --map "${unknown[0]}=purchase" or the like.`,
    );
  }
  return advice;
}
