import type { ComponentProps } from 'preact';
import type { Answer } from '../../api/answers.ts';
import { formatDays } from '../../format/dates.ts';
import { formatFigure } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Change } from '../../parts/change.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { everyDay } from './days.ts';
import { CARD_METRICS, type Product, type ProductMetric } from './metrics.ts';

type ChangeOf = (metric: ProductMetric) => ComponentProps<typeof Change> | undefined;

/** The numbers of a product. A click draws one. */
export function ProductCards({ answer, changeOf }: { answer: Answer<Product>; changeOf: ChangeOf }) {
  const { change, isOpen } = usePeriod();
  return (
    <section aria-label="Key numbers" class="metrics">
      {CARD_METRICS.map((metric) => (
        <MetricCard key={metric.id} metric={metric} answer={answer} change={changeOf(metric)} />
      ))}
      <p class="note wide">
        Money is known for the whole range, not by day, so it is not drawn.
        {change &&
          isOpen &&
          ` Changes: ${formatDays(change.now)} against ${formatDays(change.before)}, whole days only.`}
      </p>
    </section>
  );
}

function MetricCard(props: { metric: ProductMetric; answer: Answer<Product>; change: ReturnType<ChangeOf> }) {
  const { metric, answer, change } = props;
  const { site } = useSession();
  const { query } = useView();
  const { days, isOpen } = usePeriod();
  const { ofDay } = metric;
  const inside = (
    <>
      <span class="label">{metric.label}</span>
      <Answered answer={answer} lines={1}>
        {(data) => (
          <strong>{formatFigure(metric.kind, metric.of(data, site.currency), site.currency)}</strong>
        )}
      </Answered>
      <span class="beneath">
        {change && <Change {...change} />}
        {ofDay && answer.data && (
          <Sparkline values={everyDay(answer.data.days, days, metric)} isOpen={isOpen} />
        )}
      </span>
    </>
  );
  if (!ofDay) {
    return (
      <div class="metric" title={metric.about}>
        {inside}
      </div>
    );
  }
  return (
    <button
      type="button"
      class="metric"
      title={metric.about}
      aria-pressed={(query.metric ?? 'units') === metric.id}
      onClick={() => setQuery({ metric: metric.id })}
    >
      {inside}
    </button>
  );
}
