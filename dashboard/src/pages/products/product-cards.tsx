import type { Answer } from '../../api/answers.ts';
import { OFTEN, RARELY, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { Answered } from '../../parts/answered.tsx';
import { Change } from '../../parts/change.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { everyDay } from './days.ts';
import { formatProductMetric, PRODUCT_METRICS, type Product, type ProductMetric } from './metrics.ts';

const PATH = '/v1/products/{product}';

/** The numbers of a product. A click draws one. */
export function ProductCards({ product, answer }: { product: string; answer: Answer<Product> }) {
  const { change, isOpen } = usePeriod();
  const { site } = useSession();
  const path = change && PATH;
  const now = useAnswer(path, {
    ...{ path: { product }, query: change?.now ?? {} },
    every: isOpen ? OFTEN : RARELY,
  });
  const before = useAnswer(path, { path: { product }, query: change?.before ?? {}, every: RARELY });
  const title = change && `${formatDays(change.now)} against ${formatDays(change.before)}`;
  const changeOf = (metric: ProductMetric) => {
    const values = [now, before].map((of) => numberIn(of, metric, site.currency));
    if (!title || values.includes(undefined)) return undefined;
    return { now: values[0], before: values[1], title };
  };
  return (
    <section aria-label="Key numbers" class="metrics">
      {PRODUCT_METRICS.map((metric) => (
        <MetricCard key={metric.id} metric={metric} answer={answer} change={changeOf(metric)} />
      ))}
      <p class="note wide">
        Money is known for the whole range, not by day, so it is not drawn.
        {title && isOpen && ` Changes: ${title}, whole days only.`}
      </p>
    </section>
  );
}

/** Without an event of the product there is no answer; its counts are 0 then. */
function numberIn({ data, error }: Answer<Product>, metric: ProductMetric, currency: string) {
  if (error?.code === 'unknown_product') return metric.kind === 'rate' ? null : 0;
  return data && metric.of(data, currency);
}

function MetricCard(props: {
  metric: ProductMetric;
  answer: Answer<Product>;
  change: { now: number | null | undefined; before: number | null | undefined; title: string } | undefined;
}) {
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
          <strong>{formatProductMetric(metric.kind, metric.of(data, site.currency), site.currency)}</strong>
        )}
      </Answered>
      <span class="beneath">
        {change && <Change {...change} {...(metric.better && { better: metric.better })} />}
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
