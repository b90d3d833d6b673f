import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { useSession } from '../../session/session.ts';

export type LiveData = DataOf<'/v1/live'>;

interface Figure {
  label: string;
  about: string;
  of(live: LiveData, currency: string): string;
  /** Stands beneath. */
  more?(live: LiveData, currency: string): string;
}

/** Each currency by itself; nothing is zero of the site's own. */
const amounts = (rows: LiveData['revenue_30m'], currency: string) =>
  rows.length === 0
    ? formatMoney(0, currency)
    : rows.map((one) => formatMoney(one.amount_minor, one.currency)).join(' + ');

const FIGURES: readonly Figure[] = [
  {
    label: 'Visitors now',
    about: 'People with an event within the last 5 minutes.',
    of: ({ users_5m }) => formatCount(users_5m),
  },
  {
    label: 'Visitors, 30 min',
    about: 'People with an event within the last 30 minutes.',
    of: ({ users_30m }) => formatCount(users_30m),
  },
  {
    label: 'Open carts',
    about: 'People with something in the cart, which does not count as left behind yet.',
    of: ({ open_carts }) => formatCount(open_carts.users),
    more: ({ open_carts }, currency) => `worth ${amounts(open_carts.value, currency)}`,
  },
  {
    label: 'In checkout',
    about: 'People who began a checkout within the last 30 minutes, and have bought nothing since.',
    of: ({ checkouts }) => formatCount(checkouts),
  },
  {
    label: 'Orders, 30 min',
    about: 'Orders of the last 30 minutes.',
    of: ({ orders_30m }) => formatCount(orders_30m),
  },
  {
    label: 'Revenue, 30 min',
    about: 'Revenue of these orders.',
    of: ({ revenue_30m }, currency) => amounts(revenue_30m, currency),
  },
];

/** The numbers of this moment. */
export function NowFigures({ live }: { live: Answer<LiveData> }) {
  const { site } = useSession();
  return (
    <section aria-label="Now" class="metrics now">
      {FIGURES.map(({ label, about, of, more }) => (
        <div key={label} class="metric" title={about}>
          <span class="label">{label}</span>
          <Answered answer={live} lines={1}>
            {(data) => (
              <>
                <strong>{of(data, site.currency)}</strong>
                {more && <span class="quiet more">{more(data, site.currency)}</span>}
              </>
            )}
          </Answered>
        </div>
      ))}
    </section>
  );
}
