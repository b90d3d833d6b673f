import { OFTEN, RARELY, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDayShort, formatDays, formatStart, formatTime } from '../../format/dates.ts';
import { formatFigure, formatMoneyShort, formatShort } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Plot, type PlotLine } from '../../parts/plot.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import type { Grain } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { pointsOf, seriesOf } from './lines.ts';
import { type Metric, REVENUE } from './metrics.ts';
import { plotOf } from './plot-question.ts';
import { SplitPlot } from './split-plot.tsx';
import { SPLITS, splitMetric } from './splits.ts';

const LABELS: Record<Grain, string> = {
  minute: 'Minutes',
  hour: 'Hours',
  day: 'Days',
  week: 'Weeks',
  month: 'Months',
};

/** The chosen metric over time, the period compared with faint, and revenue as bars beneath. */
export function MetricPlot() {
  const period = usePeriod();
  const { days, compared, isOpen } = period;
  const { site } = useSession();
  const { query } = useView();
  const plot = plotOf(query, period);
  const { metric, grain, possible, isClock, isMissing, canSplit, wish, split, asked, askedBefore } = plot;

  const series = useAnswer(asked && '/v1/series', { query: asked ?? {}, every: isOpen ? OFTEN : RARELY });
  const before = useAnswer(askedBefore && '/v1/series', { query: askedBefore ?? {}, every: RARELY });
  const csv = useAddress(isMissing ? undefined : '/v1/series', {
    query: {
      ...seriesOf(days, grain, [metric.id]),
      ...(split && { metric: splitMetric(metric)!, by: split.id }),
    },
  });

  const currency = site.currency;
  const format = (value: number) => formatFigure(metric.kind, value, currency);
  const valuesOf = (points: readonly { value: number | null }[]) => points.map(({ value }) => value);
  const tickOf = (start: string) => (isClock ? formatTime(start, site.zone) : formatDayShort(start));
  return (
    <Card
      title={metric.label}
      note={`${metric.about}${aboutSplit(metric, wish !== undefined, isClock)}`}
      wide
      actions={
        <>
          {canSplit && (
            <select
              aria-label="Split by"
              value={wish?.id ?? ''}
              onChange={(event) => setQuery({ by: event.currentTarget.value || undefined })}
            >
              <option value="">Not split</option>
              {SPLITS.map(({ id, label }) => (
                <option key={id} value={id}>
                  By {label.toLowerCase()}
                </option>
              ))}
            </select>
          )}
          <Tabs
            label="Interval"
            tabs={possible.map((id) => ({ id, label: LABELS[id] }))}
            current={grain}
            onSelect={(id) => setQuery({ grain: id })}
          />
          <CsvLink address={csv} name={`${metric.id}-${days.from}-${days.to}`} />
        </>
      }
    >
      {isMissing ? (
        <p class="empty">
          Visitors are counted by day: one person in two hours is one visitor. Choose a longer range, or draw
          sessions.
        </p>
      ) : split ? (
        <SplitPlot metric={metric} split={split} grain={grain} />
      ) : (
        <Answered answer={series} lines={8}>
          {(data) => {
            const { points } = data;
            const lines: PlotLine[] = [];
            const revenue = data.also && pointsOf(data, REVENUE);
            if (revenue) {
              lines.push({
                ...{ label: 'Revenue', look: 'bars', values: valuesOf(revenue) },
                format: (value) => formatFigure('money', value, currency),
                short: (value) => formatMoneyShort(value, currency),
              });
            }
            if (before.data && compared) {
              lines.push({
                label: formatDays(compared),
                look: 'faint',
                values: valuesOf(before.data.points),
                format,
                short: format,
              });
            }
            lines.push({
              ...{ label: metric.label, look: 'line', values: valuesOf(points), format },
              short: (value) =>
                metric.kind === 'money'
                  ? formatMoneyShort(value, currency)
                  : metric.kind === 'rate'
                    ? format(value)
                    : formatShort(value),
            });
            return (
              <Plot
                label={`${metric.label}, ${formatDays(days)}, by ${grain}`}
                points={points.map(({ start }) => formatStart(start, grain, site.zone))}
                ticks={points.map(({ start }) => tickOf(start))}
                lines={lines}
                isOpen={isOpen}
              />
            );
          }}
        </Answered>
      )}
    </Card>
  );
}

/** What of the metric is split, or why it is not. */
function aboutSplit(metric: Metric, isWished: boolean, isClock: boolean): string {
  if (!isWished) return '';
  if (isClock) return ' Hours and minutes can’t be split: choose days, weeks or months.';
  const as = splitMetric(metric);
  if (as === undefined) return ' It can’t be split: it is no number of visits.';
  const refunds = as === 'revenue' ? ' Refunds have no visit, so revenue is split.' : '';
  return ` Split by what each visit is; the five largest and the rest.${refunds}`;
}
