import { HOSTILE } from './shop-stream.ts';

/** Every page, with the most that it can show; hostile ids among what they are about. */
export const VIEWS = [
  '/overview?range=28d',
  '/overview?range=today',
  '/overview?range=90d&compare=year&metric=users',
  '/settings/site?site=demo',
  '/settings/keys?site=demo',
  '/settings/events?site=demo',
  '/settings/funnels?site=demo',
  '/settings/referrers?site=demo',
  '/settings/measurement-ids?site=demo',
  '/settings/quality?site=demo',
  '/settings/sites',
] as const;

/** Pages about one thing whose id is hostile. */
export const HOSTILE_VIEWS = HOSTILE.slice(0, 3).map((id) => `/products/${encodeURIComponent(id)}?range=90d`);
