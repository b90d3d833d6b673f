import type { Answer } from '../../api/answers.ts';
import { RARELY, useAnswer } from '../../api/use-answer.ts';
import { formatDay, formatDayShort, formatDays } from '../../format/dates.ts';
import { formatFigure, formatShort } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Plot, type PlotLine } from '../../parts/plot.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { useView } from '../../view/view.ts';
import { daysIn, everyDay } from './days.ts';
import { PRODUCT_METRICS, type Product } from './metrics.ts';

const drawable = PRODUCT_METRICS.filter(({ ofDay }) => ofDay);

/** The chosen number by day, and the period compared with as a faint line. */
export function ProductPlot(props: { product: string; answer: Answer<Product>; csv: string | undefined }) {
  const { product, answer, csv } = props;
  const { days, compared, isOpen } = usePeriod();
  const { site } = useSession();
  const { query } = useView();
  const metric = drawable.find(({ id }) => id === query.metric) ?? drawable.find(({ id }) => id === 'units')!;
  const before = useAnswer(compared && '/v1/products/{product}', {
    ...{ path: { product }, query: compared ?? {} },
    every: RARELY,
  });
  const format = (value: number) => formatFigure(metric.kind, value, site.currency);
  const short = metric.kind === 'rate' ? format : formatShort;
  return (
    <Card
      title={`${metric.label} by day`}
      note={metric.about}
      wide
      actions={<CsvLink address={csv} name={`product-${days.from}-${days.to}`} />}
    >
      <Answered answer={answer} lines={8}>
        {(data) => {
          const dates = daysIn(days);
          const lines: PlotLine[] = [];
          const past = before.data?.days ?? (before.error?.code === 'unknown_product' ? [] : undefined);
          if (compared && past) {
            // A longer month before is cut; a shorter one ends early.
            const values = everyDay(past, compared, metric).slice(0, dates.length);
            lines.push({ label: formatDays(compared), look: 'faint', values, format, short });
          }
          lines.push({
            label: metric.label,
            look: 'line',
            values: everyDay(data.days, days, metric),
            format,
            short,
          });
          return (
            <Plot
              label={`${metric.label}, ${formatDays(days)}, by day`}
              points={dates.map(formatDay)}
              ticks={dates.map(formatDayShort)}
              lines={lines}
              isOpen={isOpen}
            />
          );
        }}
      </Answered>
    </Card>
  );
}
