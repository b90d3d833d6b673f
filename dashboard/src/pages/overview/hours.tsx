import { RARELY, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatMoney, formatMoneyShort, formatScore } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Scrolls } from '../../parts/scrolls.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { heat } from './heat.ts';
import { type HourGrid, hourGrid, keptHours, WEEKDAY_NAMES, WEEKDAYS } from './hour-grid.ts';

const TABS = [
  { id: 'sessions', label: 'Sessions' },
  { id: 'orders', label: 'Orders' },
  { id: 'revenue', label: 'Revenue' },
] as const;
type HourMetric = (typeof TABS)[number]['id'];

/** When the shop is busy: the average of each hour of the week. */
export function HoursCard() {
  const { days, today, isOpen } = usePeriod();
  const { site } = useSession();
  const { query } = useView();
  const metric = TABS.find(({ id }) => id === query.hours)?.id ?? 'sessions';
  const range = keptHours(days, today);
  const path = range && '/v1/series';
  const asked = { query: { ...range, metric, grain: 'hour' as const } };
  const answer = useAnswer(path, { ...asked, every: RARELY });
  const csv = useAddress(path, asked);
  const isCut = range !== undefined && range.from !== days.from;
  return (
    <Card
      title="Weekday and hour"
      wide
      note={
        range &&
        `${TABS.find(({ id }) => id === metric)!.label}: the average of each hour of the week in ${site.zone}, ${formatDays(range)}.${isCut ? ' Hours before are no longer kept: they are deleted after 90 days.' : ''}`
      }
      actions={
        <>
          <Tabs
            label="Weekday and hour of"
            tabs={TABS}
            current={metric}
            onSelect={(id) => setQuery({ hours: id })}
          />
          <CsvLink address={csv} name={`hours-${metric}-${range?.from}-${range?.to}`} />
        </>
      }
    >
      {range ? (
        <Answered answer={answer} lines={10}>
          {({ points }) => (
            // The last hour is not over.
            <Week grid={hourGrid(isOpen ? points.slice(0, -1) : points, site.zone)} metric={metric} />
          )}
        </Answered>
      ) : (
        <p class="empty">Hours are kept for 90 days, and this range is older. Choose a later one.</p>
      )}
    </Card>
  );
}

function Week({ grid, metric }: { grid: HourGrid; metric: HourMetric }) {
  const { site } = useSession();
  const isMoney = metric === 'revenue';
  const text = (value: number) =>
    isMoney ? formatMoney(Math.round(value), site.currency) : formatScore(value);
  const short = (value: number) =>
    isMoney ? formatMoneyShort(value, site.currency).replace(/\.\d+$/, '') : text(value);
  const { best, bestDay } = grid;
  return (
    <>
      <p class="note">
        {best && bestDay !== undefined
          ? `Best hour: ${WEEKDAY_NAMES[best.weekday]}, ${clock(best.hour)}–${clock(best.hour + 1)}, ${text(best.value)}. Best day: ${WEEKDAY_NAMES[bestDay]}, ${text(grid.days[bestDay]!)}.`
          : 'Nothing in these hours.'}
      </p>
      <Scrolls label={`Average ${metric} by weekday and hour`}>
        <table class="heat hours">
          <caption class="unseen">Average {metric} by weekday and hour</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {Array.from({ length: 24 }, (_, hour) => (
                <th key={hour} scope="col" class="number">
                  {String(hour).padStart(2, '0')}
                </th>
              ))}
              <th scope="col" class="number">
                In all
              </th>
            </tr>
          </thead>
          <tbody>
            {grid.hours.map((row, weekday) => (
              <tr key={WEEKDAYS[weekday]}>
                <th scope="row">{WEEKDAYS[weekday]}</th>
                {row.map((value, hour) => (
                  <td
                    key={hour}
                    class="number cell"
                    style={heat(value, best?.value ?? 0)}
                    title={
                      value === undefined
                        ? undefined
                        : `${WEEKDAY_NAMES[weekday]}, ${clock(hour)}–${clock(hour + 1)}: ${text(value)}`
                    }
                  >
                    {value === undefined ? '–' : value === 0 ? '' : short(value)}
                  </td>
                ))}
                <td class="number">{grid.days[weekday] === undefined ? '–' : text(grid.days[weekday])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </>
  );
}

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
