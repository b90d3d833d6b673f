import * as z from 'zod';
import { NEW_USERS } from '../fold/counter-names.ts';
import { type Day, formatDay } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
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
  const [sums, users] = await Promise.all([
    store.dayTotals(site.id, days),
    countUsers(store, site, days, covered.from),
  ]);
  return {
    from: formatDay(covered.from),
    to: formatDay(covered.to),
    ...userFiguresOf(users, sums.get(NEW_USERS) ?? 0),
  };
}

export const userFiguresOf = (users: number, newUsers: number) => ({
  users,
  new_users: newUsers,
  returning_users: users - newUsers,
});

/**
 * Different users of some days from `from` on. Each day adds the users who were not active on an earlier day of the range.
 */
export async function countUsers(
  store: StoreReader,
  site: Site,
  days: readonly Day[],
  from: Day,
): Promise<number> {
  let users = 0;
  await store.eachGap(site.id, days, (day, gap, count) => {
    if (isFirstSince(gap, day, from)) users += count;
  });
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
