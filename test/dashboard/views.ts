import type { Page } from 'playwright-core';
import { HOSTILE } from './shop-stream.ts';

/** Every page, with the most that it can show; hostile ids among what they are about. */
export const VIEWS = [
  '/overview?range=28d',
  '/overview?range=28d&by=channel&metric=orders',
  '/overview?range=today',
  '/overview?range=90d&compare=year&metric=users&products=missed&sources=campaign&pages=page&wanted=category',
  '/overview?range=90d&products=trending&retention=month&hours=revenue&carts=all&funnel-by=day',
  '/overview?range=2001-01-01..2001-01-31',
  '/overview?site=outlet',
  '/live?metric=revenue',
  '/live?wall=1',
  '/products?range=90d',
  '/products?range=90d&sort=view_to_cart_rate&search=nothing+has+this+name',
  '/orders?range=90d',
  '/orders?range=2001-01-01..2001-01-31',
  '/orders/T-6',
  '/customers?range=90d',
  '/customers?range=90d&cohorts=week&shows=again',
  '/customers?range=2001-01-01..2001-01-31',
  '/people',
  '/people/nobody%20has%20this%20id',
  '/search',
  `/search?q=${encodeURIComponent('Tea No.')}`,
  '/search?q=T-6',
  '/system',
  '/system/topics',
  '/system/keys',
  '/system/runbook',
  '/letters',
  '/letters?status=all&reason=invalid',
  '/settings/site?site=demo',
  '/settings/keys?site=demo',
  '/settings/events?site=demo',
  '/settings/funnels?site=demo',
  '/settings/referrers?site=demo',
  '/settings/measurement-ids?site=demo',
  '/settings/quality?site=demo',
  '/settings/sites',
  // A page that does not exist.
  '/nonsense',
] as const;

/** Pages about one thing whose id is hostile. */
export const HOSTILE_VIEWS = [
  ...HOSTILE.slice(0, 3).map((id) => `/products/${encodeURIComponent(id)}?range=90d`),
  `/people/${encodeURIComponent(HOSTILE[0])}`,
  `/orders/${encodeURIComponent(`${HOSTILE[0]} 25`)}`,
  `/search?q=${encodeURIComponent(HOSTILE[0])}`,
];

interface Opened {
  view: string;
  key?: string;
  open(page: Page): Promise<void>;
}

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

/** Windows over pages, and what opens each. @param letter the id of an open letter. */
export const dialogs = (letter: string): Record<string, Opened> => ({
  'the keys': { view: '/overview?range=7d', open: press('Keys and help') },
  'sharing numbers': { view: '/overview?range=7d', open: press('Share') },
  'erasing a person': {
    view: HOSTILE_VIEWS[3]!,
    key: 'demo-admin-key',
    open: press('Erase this person'),
  },
  'discarding a letter': { view: `/letters/${letter}`, open: press('Discard') },
  'rotating a key': { view: '/settings/keys?site=demo', open: press('Rotate') },
});
