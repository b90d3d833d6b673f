import { RARELY, SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatDayShort, formatDays, formatStart } from '../../format/dates.ts';
import { formatFigure, formatMoneyShort, formatShort } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Plot, type PlotLine } from '../../parts/plot.tsx';
import { useSession } from '../../session/session.ts';
import type { Grain } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';
import type { Metric } from './metrics.ts';
import { type Split, splitMetric } from './splits.ts';

/** Values with a line of their own. */
const TOP = 5;
const REST = '(rest)';

/** A metric over time by the value of a dimension: the five largest of the range, and the rest. */
export function SplitPlot({ metric, split, grain }: { metric: Metric; split: Split; grain: Grain }) {
  const { days, isOpen } = usePeriod();
  const { site } = useSession();
  const answer = useAnswer('/v1/series', {
    query: { ...days, grain, metric: splitMetric(metric)!, by: split.id, top: TOP },
    every: isOpen ? SOMETIMES : RARELY,
  });
  const format = (value: number | null) => formatFigure(metric.kind, value, site.currency);
  const short = (value: number) => {
    if (metric.kind === 'money') return formatMoneyShort(value, site.currency);
    return metric.kind === 'rate' ? format(value) : formatShort(value);
  };
  return (
    <Answered answer={answer} lines={8}>
      {({ points, series = [] }) => {
        const lines = series.map(({ value, total, points: own }, tone): PlotLine => {
          const isRest = value === REST;
          return {
            label: isRest ? 'The rest' : (split.name?.(value) ?? value),
            look: isRest ? 'faint' : 'line',
            values: own.map((point) => point.value),
            total: format(total),
            ...(!isRest && { tone }),
            format,
            short,
          };
        });
        return (
          <Plot
            label={`${metric.label} by ${split.label.toLowerCase()}, ${formatDays(days)}, by ${grain}`}
            points={points.map(({ start }) => formatStart(start, grain, site.zone))}
            ticks={points.map(({ start }) => formatDayShort(start))}
            lines={lines}
            isOpen={isOpen}
          />
        );
      }}
    </Answered>
  );
}
