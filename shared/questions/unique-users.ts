import * as z from 'zod';
import { NEW_USERS } from '../fold/counter-names.ts';
import type { Counters } from '../platform/counters.ts';
import { type Day, formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { sumOf } from './arithmetic.ts';
import { rangeParameters, resolveRange } from './date-range.ts';
import { oneRow, question } from './question.ts';

export const uniqueUsersQuery = z.object(rangeParameters);

export const userFigures = {
  users: z.number().int().meta({ description: 'Different users with an event in the range; exact' }),
  new_users: z.number().int().meta({ description: 'Users whose first event ever is in the range' }),
  returning_users: z.number().int().meta({ description: 'users − new_users' }),
};

export const uniqueUsersSchema = z.object({ from: z.iso.date(), to: z.iso.date(), ...userFigures }).meta({
  id: 'UniqueUsers',
  examples: [
    { from: '2026-03-01', to: '2026-03-31', users: 4_390, new_users: 3_104, returning_users: 1_286 },
  ],
});

/** How many different users were active in a range, exactly. */
export async function readUniqueUsers(
  store: StoreReader,
  site: Site,
  query: z.infer<typeof uniqueUsersQuery>,
): Promise<z.infer<typeof uniqueUsersSchema>> {
  const { days, covered } = await resolveRange(store, site, query);
  const [byDay, gaps] = await Promise.all([
    store.dayHashes('day', site.id, days),
    store.dayHashes('gaps', site.id, days),
  ]);
  const newUsers = sumOf(byDay.map(({ sums }) => sums)).get(NEW_USERS) ?? 0;
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    ...userFiguresOf(countUsers(gaps, covered.from), newUsers),
  };
}

export const userFiguresOf = (users: number, newUsers: number) => ({
  users,
  new_users: newUsers,
  returning_users: users - newUsers,
});

/**
 * Different users of some days from `from` on. Each day adds the users who were not active on an earlier day of the range.
 * @param days with their users by gap, see active-days.ts.
 */
export function countUsers(days: readonly { day: Day; sums: Counters }[], from: Day): number {
  let users = 0;
  for (const { day, sums } of days) {
    for (const [gap, count] of sums) if (isFirstSince(Number(gap), day, from)) users += count;
  }
  return users;
}

/** Whether a user who was last active `gap` days before a day (0: never) was not active since `from`. */
export const isFirstSince = (gap: number, day: Day, from: Day) => gap === 0 || gap > day - from;

export const uniqueUsersQuestion = question({
  path: '/v1/users/unique',
  summary: 'How many different users were active in a range, exactly; new and returning ones',
  query: uniqueUsersQuery,
  answer: uniqueUsersSchema,
  cached: 'days',
  csv: oneRow(uniqueUsersSchema),
  read: ({ store, site }, _, query) => readUniqueUsers(store, site, query),
});
