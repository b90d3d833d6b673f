import { parseDay } from '../../shared/platform/time.ts';
import { clockBuckets } from '../../shared/questions/time-buckets.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { siteSchema } from '../../shared/sites/site.ts';

test('the hour whose first half a clock change skips begins with the change', async () => {
  const site = siteSchema.parse({ id: 'shop', zone: 'Australia/Lord_Howe' });
  const bucket = Date.parse('2026-10-03T15:00:00Z') / 1_000;
  const store = {
    dayHashes: async () => [{ sums: new Map([[`${bucket}|events`, 3]]) }],
  } as unknown as StoreReader;
  const day = parseDay('2026-10-04')!;
  const points = await clockBuckets(
    store,
    site,
    { from: day, to: day },
    { grain: 'hour', zone: site.zone, now: Date.parse('2026-10-04T14:00:00Z') },
  );
  expect(points.map(({ start }) => start.slice(11, 16)).slice(0, 4)).toEqual([
    '13:30',
    '14:30',
    '15:30',
    '16:00',
  ]);
  expect(points[2]!.sums).toEqual(new Map([['events', 3]]));
  expect(points.filter(({ sums }) => sums.size > 0)).toHaveLength(1);
});
