import type { DataOf } from '../../api/types.ts';
import { RARELY, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDayShort, formatDays, formatStart } from '../../format/dates.ts';
import { formatCount, formatMoney, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Scrolls } from '../../parts/scrolls.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { cohortDays, isUnfinished, SHOWN } from '../overview/cohorts.ts';
import { heat } from '../overview/heat.ts';

type Data = DataOf<'/v1/customers/cohorts'>;
type Cohort = Data['cohorts'][number];
type Cell = Cohort['periods'][number];

const PERIODS = [
  { id: 'month', label: 'Months' },
  { id: 'week', label: 'Weeks' },
] as const;

interface Shown {
  id: string;
  label: string;
  /** What a cell says. */
  about: string;
  /** A cohort's first period says nothing (all of them bought), so colours begin after it. */
  fromFirst: boolean;
  of(cell: Cell, cohort: Cohort, currency: string): number | null;
  format(value: number | null, currency: string): string;
}

const amountOf = (rows: Cell['net_revenue'], currency: string) =>
  rows.find((one) => one.currency === currency)?.amount_minor ?? 0;

const SHOWS: readonly Shown[] = [
  {
    id: 'value',
    label: 'Value',
    about:
      'net revenue of one customer since the first order, on average; refunds are taken off the order’s own period',
    fromFirst: true,
    of: ({ net_revenue_per_customer }, _, currency) => amountOf(net_revenue_per_customer, currency),
    format: formatMoney,
  },
  {
    id: 'again',
    label: 'Bought again',
    about: 'the share of the customers with an order in that period',
    fromFirst: false,
    of: ({ customers }, cohort) => (cohort.customers === 0 ? null : customers / cohort.customers),
    format: formatRate,
  },
  {
    id: 'orders',
    label: 'Orders',
    about: 'orders in that period',
    fromFirst: true,
    of: ({ orders }) => orders,
    format: formatCount,
  },
];

/** Customers by the period of their first order, and what became of them. */
export function CohortsCard() {
  const { days, today } = usePeriod();
  const { site } = useSession();
  const { query } = useView();
  const period = PERIODS.find(({ id }) => id === query.cohorts)?.id ?? 'month';
  const shown = SHOWS.find(({ id }) => id === query.shows) ?? SHOWS[0]!;
  const range = cohortDays(days, period);
  const asked = { query: { ...range, period, periods: SHOWN[period] } };
  const answer = useAnswer('/v1/customers/cohorts', { ...asked, every: RARELY });
  const csv = useAddress('/v1/customers/cohorts', asked);
  const inCurrency = shown.id === 'value' ? ` In ${site.currency}.` : '';
  return (
    <Card
      title="Cohorts by first order"
      wide
      note={`Customers by the ${period} of their first order, ${formatDays(range)}: ${shown.about}.${inCurrency} “+1” is the ${period} after.`}
      actions={
        <>
          <Tabs
            label="What the cohorts show"
            tabs={SHOWS}
            current={shown.id}
            onSelect={(id) => setQuery({ shows: id })}
          />
          <Tabs
            label="Cohorts by"
            tabs={PERIODS}
            current={period}
            onSelect={(id) => setQuery({ cohorts: id })}
          />
          <CsvLink address={csv} name={`cohorts-${period}-${range.from}-${range.to}`} />
        </>
      }
    >
      <div class="tall">
        <Answered answer={answer} lines={12}>
          {(data) => <Cohorts data={data} shown={shown} today={today} />}
        </Answered>
      </div>
    </Card>
  );
}

function Cohorts({ data, shown, today }: { data: Data; shown: Shown; today: string }) {
  const { site } = useSession();
  const { period } = data;
  const cohorts = data.cohorts.filter(({ customers }) => customers > 0);
  if (cohorts.length === 0) return <p class="empty">No one bought for the first time in these days.</p>;
  const width = Math.max(...cohorts.map(({ periods }) => periods.length));
  const places = Array.from({ length: width }, (_, n) => n);
  const valueAt = (cohort: Cohort, n: number) => {
    const cell = cohort.periods[n];
    return cell && shown.of(cell, cohort, site.currency);
  };
  const most = Math.max(
    ...cohorts.flatMap((one) => places.slice(shown.fromFirst ? 0 : 1).map((n) => valueAt(one, n) ?? 0)),
  );
  const caption = `${shown.label} of customers by ${period} of the first order`;
  return (
    <Scrolls label={caption}>
      <table class="heat">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">First order</th>
            <th scope="col" class="number">
              Customers
            </th>
            {places.map((n) => (
              <th key={n} scope="col" class="number">
                {n === 0 ? `Same ${period}` : `+${n}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map((cohort) => (
            <tr key={cohort.start}>
              <th scope="row">
                {period === 'month'
                  ? formatStart(cohort.start, 'month', site.zone)
                  : formatDayShort(cohort.start)}
              </th>
              <td class="number">{formatCount(cohort.customers)}</td>
              {places.map((n) => {
                const value = valueAt(cohort, n);
                if (value === undefined) return <td key={n} />;
                const open = isUnfinished(cohort.start, n, period, today);
                const cell = cohort.periods[n]!;
                const isColoured = shown.fromFirst || n > 0;
                return (
                  <td
                    key={n}
                    class={open ? 'number cell open' : 'number cell'}
                    style={heat(isColoured ? value : 0, most)}
                    title={`${formatCount(cell.customers)} of ${formatCount(cohort.customers)} with ${formatCount(cell.orders)} orders${open ? `, the ${period} is not over` : ''}`}
                  >
                    {shown.format(value, site.currency)}
                    {open && <span class="unseen"> so far</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
