import type * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { DAY_MS, parseDay } from '../platform/time.ts';
import { type Access, mustManage } from '../sites/access.ts';
import type { LetterFilter, ListedLetter } from './letter-index.ts';
import type { lettersAnswer, listQuery } from './letter-schemas.ts';

type FilterQuery = Omit<z.infer<typeof listQuery>, 'limit' | 'cursor' | 'format'>;

/**
 * Turns query parameters into a filter, limited to what the caller may see: a site's key sees that site's
 * letters.
 * @throws FootfallError `wrong_site` 403, `reversed_range` 400.
 */
export function filterOf({ reason, site, status, from, to }: FilterQuery, access: Access): LetterFilter {
  if (site !== undefined) mustManage(access, site);
  const [first, last] = [from, to].map((day) => (day === undefined ? undefined : parseDay(day)! * DAY_MS));
  if (first !== undefined && last !== undefined && first > last) {
    throw new FootfallError('reversed_range', 400, 'from is after to.');
  }
  return {
    reason,
    site: 'site' in access ? access.site : site,
    ...(status !== undefined && { statuses: [status] }),
    from: first,
    to: last === undefined ? undefined : last + DAY_MS,
  };
}

const iso = (ms: number) => new Date(ms).toISOString();

/** A letter as the API returns it. */
export const presentLetter = ({
  place: _,
  intent: __,
  at,
  received,
  actions,
  ...rest
}: ListedLetter): z.infer<typeof lettersAnswer>['letters'][number] => ({
  ...rest,
  at: iso(at),
  ...(received !== undefined && { received: iso(received) }),
  actions: actions.map((one) => ({ ...one, at: iso(one.at) })),
});
