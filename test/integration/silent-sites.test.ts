import type { FootfallEvent } from '../../shared/event/event.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import { logger, observed } from '../../shared/platform/observe/observe.ts';
import { MINUTE_MS } from '../../shared/platform/time.ts';
import { measureLag } from '../../shared/status/measure-lag.ts';
import { measureSilence } from '../../shared/sweep/silent-sites.ts';
import { printed } from '../support/printed.ts';
import { event, now, setUpSweep } from '../support/sweep.ts';

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** Events around one moment, each of another visitor. The shop of the other tests keeps too few days. */
const many = (count: number, minutesAgo: number, fields: Partial<FootfallEvent> = {}) =>
  Array.from({ length: count }, (_, i) => {
    const ago = minutesAgo + i / 20;
    return event(ago, {
      ...{ site: 'outlet', user: `v${minutesAgo}-${i}`, name: 'page_view', items: [] },
      received: now - ago * MINUTE_MS,
      ...fields,
    });
  });

const { context, reader, apply } = await setUpSweep();

/** What is measured, and which sites the log names. */
async function measured({ minutes = 60, until = Infinity } = {}) {
  const { lines } = await printed(() =>
    observed(undefined, {}, () => measureSilence(reader, context.sites, { minutes, now, until })),
  );
  const silent = lines.find((line) => METRICS.silentSites.name in line);
  const named = lines.find((line) => line.message === 'Sites that usually send have gone silent');
  return { silent: silent?.[METRICS.silentSites.name], sites: named?.sites };
}

test('a site without any event is not silent', async () => {
  expect(await measured()).toEqual({ silent: 0, sites: undefined });
});

test('a site that sent at this time a week ago, and sends nothing now, is silent until it sends', async () => {
  // A few are no habit: none may be chance.
  await apply(...many(10, WEEK + 20), event(3 * 60, { site: 'outlet', user: 'ben' }));
  expect(await measured()).toEqual({ silent: 0, sites: undefined });
  await apply(...many(200, WEEK + 15));
  expect(await measured()).toEqual({ silent: 1, sites: 'outlet' });
  // Neither visitors of another shop nor an event of before that hour end it.
  await apply(...many(3, 5, { site: 'shop' }), event(90, { site: 'outlet', user: 'cleo' }));
  expect(await measured()).toEqual({ silent: 1, sites: 'outlet' });
  // An event of 40 minutes ago does not count for the last half hour, and does for the last hour.
  await apply(event(40, { site: 'outlet', user: 'dan' }));
  expect(await measured()).toEqual({ silent: 0, sites: undefined });
  expect(await measured({ minutes: 35 })).toMatchObject({ silent: 1 });
  await apply(event(1, { site: 'outlet', user: 'dan' }));
  expect(await measured({ minutes: 35 })).toEqual({ silent: 0, sites: undefined });
});

test('a young site is compared with the day before', async () => {
  const { context, reader, apply } = await setUpSweep();
  await apply(...many(60, DAY + 20));
  const { lines } = await printed(() =>
    observed(undefined, {}, () =>
      measureSilence(reader, context.sites, { minutes: 60, now, until: Infinity }),
    ),
  );
  expect(lines.at(-1)).toMatchObject({ silentSites: 1 });
});

test('without time nothing is measured', async () => {
  expect(await measured({ until: performance.now() - 1 })).toEqual({ silent: undefined, sites: undefined });
});

test('only new numbers are looked at, and what fails stops no other measure', async () => {
  const heads = (next: number) => [
    { partition: 0, next, version: 1, timestamp: now - 5 * MINUTE_MS, arrived: {}, sent: {} },
  ];
  let looked = 0;
  const measure = (next: number, ifFresh: () => Promise<void>) =>
    measureLag(
      {
        store: { heads: async () => heads(next), lostRecords: async () => 0 },
        fetchOffsets: async () => [{ partition: 0, low: 0, high: 9 }],
      },
      ifFresh,
    );
  const look = async () => void looked++;
  expect(await measure(5, look)).toBe(true);
  expect(looked).toBe(0);
  expect(await measure(9, look)).toBe(true);
  expect(looked).toBe(1);
  logger.setLogLevel('SILENT');
  expect(await measure(9, () => Promise.reject(new Error('Redis is away')))).toBe(true);
  logger.setLogLevel('INFO');
});
