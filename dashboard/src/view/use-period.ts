import { useSession } from '../session/session.ts';
import { dayIn, type Period, periodOf } from './period.ts';
import { useView } from './view.ts';

/** The period of the address, in the calendar of the site that is looked at; `today` is the site's day. */
export function usePeriod(): Period & { today: string } {
  const { query } = useView();
  const { site } = useSession();
  const today = dayIn(site.zone);
  return { ...periodOf(query.range, query.compare, today), today };
}
