import { useSession } from '../../session/session.ts';
import { useView } from '../../view/view.ts';
import { isReason, isStatus, type Reason, type Status } from './reasons.ts';

/** Which letters are looked at, as the address says it. */
export interface Filter {
  reason?: Reason;
  /** Of all sites when absent; a site's key sees its own only. */
  site?: string;
  from?: string;
  to?: string;
}

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text);

/** `status` is `all`, or one; the open ones when the address names none. */
export function useFilter(): { filter: Filter; status: Status | 'all' } {
  const { query } = useView();
  const { kind } = useSession();
  const { reason, of: site, from, to } = query;
  return {
    filter: {
      ...(isReason(reason) && { reason }),
      ...(kind === 'installation' && site && { site }),
      ...(isDay(from) && { from }),
      ...(isDay(to) && { to }),
    },
    status: query.status === 'all' ? 'all' : isStatus(query.status) ? query.status : 'open',
  };
}
