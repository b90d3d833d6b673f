import { z } from 'zod';
import { MINUTE_MS } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { oneRow, question } from './question.ts';

export const liveSchema = z
  .object({
    users_5m: z.number().int().meta({ description: 'Users with an event within the last 5 minutes' }),
    users_30m: z.number().int().meta({ description: 'The same for 30 minutes' }),
  })
  .meta({ id: 'Live', examples: [{ users_5m: 42, users_30m: 160 }] });

/** How many users are there now. */
export async function readLive(
  store: StoreReader,
  site: Site,
  now = Date.now(),
): Promise<z.infer<typeof liveSchema>> {
  const [users_5m, users_30m] = await Promise.all([
    store.live(site.id, now - 5 * MINUTE_MS),
    store.live(site.id, now - 30 * MINUTE_MS),
  ]);
  return { users_5m, users_30m };
}

export const liveQuestion = question({
  path: '/v1/live',
  summary: 'How many users are there now',
  answer: liveSchema,
  cached: 'moment',
  csv: oneRow(liveSchema),
  read: ({ store, site }) => readLive(store, site),
});
