import type { FootfallEvent } from '../../shared/event/event.ts';
import type { CollectContext } from '../../shared/intake/collect.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import type { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { collectRoutes } from './routes.ts';

/** No rate limit, for tests of other things. */
export const unlimited: CollectContext['limit'] = async () => {};

/** The collect function with a test's own `publish`, and without a rate limit unless one is given. */
export const collecting = (
  sites: Sites,
  publish: CollectContext['publish'],
  limit: CollectContext['limit'] = unlimited,
) =>
  httpStack(
    routerOf(
      collectRoutes({ sites: fixedSites(sites), publish, limit, countryHeader: 'cloudfront-viewer-country' }),
    ),
  );

/** The collect function of these sites, and what it has published since the running test began. */
export function openCollecting(sites: Sites) {
  const published: FootfallEvent[] = [];
  beforeEach(() => {
    published.length = 0;
  });
  const handler = collecting(sites, async (events) => {
    published.push(...events);
  });
  return { handler, published };
}

/** Checks that an event survives the topic: as JSON, and with a key that is UTF-8. */
export function expectStorable(event: FootfallEvent): void {
  expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  expect(event.user.isWellFormed()).toBe(true);
}
