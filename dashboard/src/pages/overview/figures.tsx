import type { DataOf } from '../../api/types.ts';
import { OFTEN, RARELY, useAnswer, useComparison } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatCount, formatDuration, formatRate } from '../../format/numbers.ts';
import { Change } from '../../parts/change.tsx';
import { usePeriod } from '../../view/use-period.ts';

type Overview = DataOf<'/v1/overview'>;

interface SmallFigure {
  label: string;
  about: string;
  better?: 'down';
  of(overview: Overview): number | null;
  format(value: number | null): string;
}

const FIGURES: readonly SmallFigure[] = [
  {
    label: 'New visitors',
    about: 'People whose first event ever was in these days.',
    of: ({ new_users }) => new_users,
    format: formatCount,
  },
  {
    label: 'Returning visitors',
    about: 'People who had been there before these days.',
    of: ({ returning_users }) => returning_users,
    format: formatCount,
  },
  {
    label: 'New customers',
    about: 'People whose first order was in these days.',
    of: ({ new_customers }) => new_customers,
    format: formatCount,
  },
  { label: 'Units sold', about: 'Units in all orders.', of: ({ units }) => units, format: formatCount },
  {
    label: 'Products seen',
    about: 'Different products with an event.',
    of: ({ products }) => products,
    format: formatCount,
  },
  {
    label: 'Bounce rate',
    about: 'The share of sessions that are not engaged.',
    better: 'down',
    of: ({ bounce_rate }) => bounce_rate,
    format: formatRate,
  },
  {
    label: 'Visit duration',
    about: 'From the first to the last event of a session, on average.',
    of: ({ session_ms_average }) => session_ms_average,
    format: formatDuration,
  },
];

/** Further numbers of the range, without a card of their own. */
export function Figures() {
  const { days, change, isOpen } = usePeriod();
  const { data, error } = useAnswer('/v1/overview', { query: days, every: isOpen ? OFTEN : RARELY });
  const sides = useComparison('/v1/overview', change);
  const title = change && `${formatDays(change.now)} against ${formatDays(change.before)}`;
  return (
    <dl class={`card figures${error ? ' outdated' : ''}`} aria-label="Further numbers">
      {FIGURES.map(({ label, about, better, of, format }) => (
        <div key={label} title={about}>
          <dt>{label}</dt>
          <dd>
            <strong>{data ? format(of(data)) : '…'}</strong>{' '}
            {title && sides && (
              <Change
                now={of(sides.now)}
                before={of(sides.before)}
                title={title}
                {...(better && { better })}
              />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
