import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { siteSchema } from '../../shared/sites/site.ts';

/** Events of one shop, for tests that look at one thing. */

export const shop = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR' });

/** Ten in the morning of 2026-06-10, UTC: noon in the shop's zone. ms */
export const NOON = Date.parse('2026-06-10T10:00:00Z');

/** A page view of ana at noon, but for what `fields` says. `received` is `ts` unless it is given. */
export function eventOf(fields: Partial<FootfallEvent> = {}): FootfallEvent {
  const { ts = NOON } = fields;
  return {
    ...{ v: EVENT_VERSION, id: 'e1', site: shop.id, user: 'ana', name: 'view_item', ts, received: ts },
    ...fields,
  };
}
