import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { OFTEN, RARELY, SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatFigure, formatMoney } from '../../format/numbers.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { Change } from '../../parts/change.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { useSession } from '../../session/session.ts';
import { grainFor } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { useChanges } from './changes.ts';
import { linesOf, pointsOf } from './lines.ts';
import { METRICS, type Metric } from './metrics.ts';

type Overview = DataOf<'/v1/overview'>;

/** The key numbers. A click draws one. */
export function Cards() {
  const period = usePeriod();
  const { query } = useView();
  const every = period.isOpen ? OFTEN : RARELY;
  const overview = useAnswer('/v1/overview', { query: period.days, every });
  const changes = useChanges();
  const grain = grainFor(period.days, period.today);
  // After the numbers, so that the plot is asked for first.
  const isDue = overview.data !== undefined || overview.error !== undefined;
  const lines = useAnswer(isDue ? '/v1/series' : undefined, {
    query: linesOf(period.days, grain),
    every: period.isOpen ? SOMETIMES : RARELY,
  });
  return (
    <section aria-label="Key numbers" class="metrics">
      {overview.error && !overview.data && (
        <div class="wide">
          <Problem error={overview.error} />
        </div>
      )}
      {METRICS.map((metric) => (
        <MetricCard
          key={metric.id}
          metric={metric}
          overview={overview}
          change={changes(metric)}
          values={pointsOf(lines.data, metric.id)?.map(({ value }) => value) ?? []}
          isOpen={period.isOpen}
          isDrawn={(query.metric ?? METRICS[0]!.id) === metric.id}
        />
      ))}
      <OtherCurrencies overview={overview} days={formatDays(period.days)} />
    </section>
  );
}

function MetricCard(props: {
  metric: Metric;
  overview: Answer<Overview>;
  change: ReturnType<ReturnType<typeof useChanges>>;
  values: readonly (number | null)[];
  isOpen: boolean;
  isDrawn: boolean;
}) {
  const { metric, overview, change } = props;
  const { data } = overview;
  const { site } = useSession();
  return (
    <button
      type="button"
      class="metric"
      aria-pressed={props.isDrawn}
      title={metric.about}
      onClick={() => setQuery({ metric: metric.id })}
    >
      <span class="label">{metric.label}</span>
      {data || overview.error ? (
        <strong class={overview.error ? 'outdated' : undefined}>
          {data ? formatFigure(metric.kind, metric.of(data, site.currency), site.currency) : '–'}
        </strong>
      ) : (
        <Skeleton lines={1} />
      )}
      <span class="beneath">
        {change && <Change {...change} {...(metric.better && { better: metric.better })} />}
        <Sparkline values={props.values} isOpen={props.isOpen} />
      </span>
    </button>
  );
}

/** Money is never added up over currencies; what came in others is said. */
function OtherCurrencies({ overview, days }: { overview: Answer<Overview>; days: string }) {
  const { site } = useSession();
  const others = overview.data?.money.filter(({ currency }) => currency !== site.currency) ?? [];
  if (others.length === 0) return null;
  const sums = others.map(({ currency, net_minor }) => formatMoney(net_minor, currency)).join(', ');
  return (
    <p class="note wide">
      Net revenue in other currencies, {days}: {sums}. It is not part of the amounts in {site.currency}.
    </p>
  );
}
