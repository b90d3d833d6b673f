import { RARELY, SOMETIMES, useAnswer, useComparison } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { linesOf, pointsOf } from './lines.ts';
import type { Metric } from './metrics.ts';

interface MetricChange {
  now: number | null;
  before: number | null;
  /** Which days, or hours, are compared. */
  title: string;
}

/**
 * How each metric has changed. Only whole days are compared, and for today whole hours: a day that has just begun would
 * look like a loss. What can't be added up has no change for a part of a day.
 */
export function useChanges(): (metric: Metric) => MetricChange | undefined {
  const { change, compared, days, isOpen } = usePeriod();
  const { site } = useSession();
  const sides = useComparison('/v1/overview', change);

  const path = !change && compared ? '/v1/series' : undefined;
  const hoursNow = useAnswer(path, { query: linesOf(days, 'hour'), every: SOMETIMES }).data;
  const hoursBefore = useAnswer(path, { query: linesOf(compared ?? days, 'hour'), every: RARELY }).data;

  return (metric) => {
    if (change && sides) {
      return {
        now: metric.of(sides.now, site.currency),
        before: metric.of(sides.before, site.currency),
        title: `${formatDays(change.now)} against ${formatDays(change.before)}${isOpen ? '; whole days only' : ''}`,
      };
    }
    if (!metric.isSum) return undefined;
    const [own, other] = [pointsOf(hoursNow, metric.id), pointsOf(hoursBefore, metric.id)];
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
