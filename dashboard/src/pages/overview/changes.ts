import { RARELY, SOMETIMES, useAnswer, useAnswers } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { METRICS, type Metric } from './metrics.ts';

interface MetricChange {
  now: number | null;
  before: number | null;
  /** Which days, or hours, are compared. */
  title: string;
}

const sums = METRICS.filter(({ isSum }) => isSum);

/**
 * How each metric has changed. Only whole days are compared, and for today whole hours: a day that has just begun would
 * look like a loss. What can't be added up has no change for a part of a day.
 */
export function useChanges(): (metric: Metric) => MetricChange | undefined {
  const { change, compared, days, isOpen } = usePeriod();
  const { site } = useSession();
  // Whole days only, so late events alone change it.
  const now = useAnswer(change && '/v1/overview', { query: change?.now ?? {}, every: RARELY }).data;
  const before = useAnswer(change && '/v1/overview', { query: change?.before ?? {}, every: RARELY }).data;

  const isByHour = !change && compared !== undefined;
  const byHour = (range: { from: string; to: string }) =>
    isByHour ? sums.map(({ id }) => ({ query: { ...range, metric: id, grain: 'hour' as const } })) : [];
  const hoursNow = useAnswers('/v1/series', byHour(days), SOMETIMES);
  const hoursBefore = useAnswers('/v1/series', byHour(compared ?? days), RARELY);

  return (metric) => {
    if (change && now && before) {
      return {
        now: metric.of(now, site.currency),
        before: metric.of(before, site.currency),
        title: `${formatDays(change.now)} against ${formatDays(change.before)}${isOpen ? '; whole days only' : ''}`,
      };
    }
    const at = sums.indexOf(metric);
    const [own, other] = [hoursNow[at]?.data?.points, hoursBefore[at]?.data?.points];
    if (!own || !other || !compared) return undefined;
    const hours = own.length - 1;
    const sumOf = (points: typeof own) =>
      points.slice(0, hours).reduce((sum, { value }) => sum + (value ?? 0), 0);
    return {
      now: sumOf(own),
      before: sumOf(other),
      title: `The first ${hours} hours of the day against those of ${formatDays(compared)}`,
    };
  };
}
