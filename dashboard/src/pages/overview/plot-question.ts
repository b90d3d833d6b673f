import { GRAINS, grainFor, grainsOf, isClockGrain, type Period } from '../../view/period.ts';
import { seriesOf } from './lines.ts';
import { METRICS, REVENUE } from './metrics.ts';
import { SPLITS, splitMetric } from './splits.ts';

/** What the plot shows, as the address says it. */
export function plotOf(
  query: Readonly<Record<string, string>>,
  { days, compared, today }: Pick<Period, 'days' | 'compared'> & { today: string },
) {
  const metric = METRICS.find(({ id }) => id === query.metric) ?? METRICS[0]!;
  const possible = grainsOf(days, today);
  const wanted = GRAINS.find((one) => one === query.grain);
  const grain = wanted && possible.includes(wanted) ? wanted : grainFor(days, today);
  const isClock = isClockGrain(grain);
  const isMissing = metric.isOfUsers === true && isClock;
  const canSplit = possible.some((one) => !isClockGrain(one));
  const wish = canSplit ? SPLITS.find(({ id }) => id === query.by) : undefined;
  const split = isClock || splitMetric(metric) === undefined ? undefined : wish;
  const isLine = !isMissing && !split;
  return {
    ...{ metric, grain, possible, isClock, isMissing, canSplit, wish, split },
    /** The question for its line, and the revenue beneath; undefined: there is none, or one by value. */
    asked: isLine
      ? seriesOf(days, grain, metric.id === 'net' ? [metric.id] : [metric.id, REVENUE])
      : undefined,
    /** The question for the faint line. */
    askedBefore: isLine && compared ? seriesOf(compared, grain, [metric.id]) : undefined,
  };
}
