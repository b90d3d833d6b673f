import type { DataOf } from '../../api/types.ts';
import { RARELY, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDayShort, formatDays, formatStart } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Scrolls } from '../../parts/scrolls.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { averageRates, cohortDays, isUnfinished, SHOWN } from './cohorts.ts';
import { heat } from './heat.ts';

const TABS = [
  { id: 'day', label: 'Days' },
  { id: 'week', label: 'Weeks' },
  { id: 'month', label: 'Months' },
] as const;

/** How many of the people who came first in a period came back in each period after it. */
export function RetentionCard() {
  const { days, today } = usePeriod();
  const { query } = useView();
  const period = TABS.find(({ id }) => id === query.retention)?.id ?? 'week';
  const range = cohortDays(days, period);
  const asked = { query: { ...range, period, periods: SHOWN[period] } };
  const answer = useAnswer('/v1/retention', { ...asked, every: RARELY });
  const csv = useAddress('/v1/retention', asked);
  return (
    <Card
      title="Coming back"
      wide
      note={`People by the ${period} they were first seen, ${formatDays(range)}, and the share that came back. “+1” is the ${period} after.`}
      actions={
        <>
          <Tabs
            label="Coming back by"
            tabs={TABS}
            current={period}
            onSelect={(id) => setQuery({ retention: id })}
          />
          <CsvLink address={csv} name={`retention-${period}-${range.from}-${range.to}`} />
        </>
      }
    >
      <div class="tall">
        <Answered answer={answer} lines={12}>
          {(data) => <Cohorts data={data} today={today} />}
        </Answered>
      </div>
    </Card>
  );
}

function Cohorts({ data, today }: { data: DataOf<'/v1/retention'>; today: string }) {
  const { site } = useSession();
  const { cohorts, period } = data;
  if (cohorts.length === 0) return <p class="empty">No one came for the first time in these days.</p>;
  const width = Math.max(...cohorts.map(({ retained }) => retained.length));
  const later = Array.from({ length: width - 1 }, (_, i) => i + 1);
  const average = averageRates(cohorts, period, today);
  // A cohort's own period is 100 % always, so colours begin after it.
  const most = Math.max(...cohorts.flatMap(({ retained }) => retained.slice(1).map(({ rate }) => rate ?? 0)));
  return (
    <Scrolls label={`People who came back, by ${period}`}>
      <table class="heat">
        <caption class="unseen">People who came back, by {period}</caption>
        <thead>
          <tr>
            <th scope="col">First seen</th>
            <th scope="col" class="number">
              People
            </th>
            {later.map((n) => (
              <th key={n} scope="col" class="number">
                +{n}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="average">
            <th scope="row">All</th>
            <td class="number">{formatCount(cohorts.reduce((sum, { users }) => sum + users, 0))}</td>
            {later.map((n) => (
              <td key={n} class="number">
                {average[n] === undefined ? '' : formatRate(round(average[n]))}
              </td>
            ))}
          </tr>
          {cohorts.map(({ start, users, retained }) => (
            <tr key={start}>
              <th scope="row">
                {period === 'month' ? formatStart(start, 'month', site.zone) : formatDayShort(start)}
              </th>
              <td class="number">{formatCount(users)}</td>
              {later.map((n) => {
                const cell = retained[n];
                if (!cell) return <td key={n} />;
                const open = isUnfinished(start, n, period, today);
                return (
                  <td
                    key={n}
                    class={open ? 'number cell open' : 'number cell'}
                    style={heat(cell.rate, most)}
                    title={`${formatCount(cell.users)} of ${formatCount(users)}${open ? `, the ${period} is not over` : ''}`}
                  >
                    {formatRate(round(cell.rate))}
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

/** Whole percents: a cohort is seldom large enough for more. */
const round = (rate: number | null) => (rate === null ? null : Math.round(rate * 100) / 100);
