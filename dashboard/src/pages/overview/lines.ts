import type { DataOf, QueryOf } from '../../api/types.ts';
import { type Days, type Grain, isClockGrain } from '../../view/period.ts';
import { METRICS, type Metric } from './metrics.ts';

type Series = DataOf<'/v1/series'>;
type SeriesQuery = QueryOf<'/v1/series'>;
type SeriesMetric = Series['metric'];

/** One question for several metrics over time. */
export function seriesOf(
  range: Days,
  grain: Grain,
  [metric, ...also]: readonly [SeriesMetric, ...SeriesMetric[]],
): SeriesQuery {
  return { ...range, grain, metric, ...(also.length > 0 && { also }) };
}

/** Whether a metric can be drawn: people are counted by day. */
const hasGrain = ({ isOfUsers }: Metric, grain: Grain) => !(isOfUsers && isClockGrain(grain));

/** The question for the small plots of all key numbers. */
export function linesOf(range: Days, grain: Grain): SeriesQuery {
  const [first, ...others] = METRICS.filter((metric) => hasGrain(metric, grain)).map(({ id }) => id);
  return seriesOf(range, grain, [first!, ...others]);
}

/** The points of one of an answer's metrics; undefined where it has none. */
export const pointsOf = (data: Series | undefined, metric: SeriesMetric): Series['points'] | undefined =>
  data?.metric === metric ? data.points : data?.also?.find((one) => one.metric === metric)?.points;
