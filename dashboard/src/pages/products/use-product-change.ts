import type { ComponentProps } from 'preact';
import type { Answer } from '../../api/answers.ts';
import { RARELY, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import type { Change } from '../../parts/change.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import type { Product, ProductMetric } from './metrics.ts';

const PATH = '/v1/products/{product}';

/** How each number of a product has changed, told from whole days only; undefined while unknown, and for today alone. */
export function useProductChange(
  product: string,
): (metric: ProductMetric) => ComponentProps<typeof Change> | undefined {
  const { change } = usePeriod();
  const { site } = useSession();
  const path = change && PATH;
  const asked = { path: { product } };
  const now = useAnswer(path, { ...asked, query: change?.now ?? {}, every: RARELY });
  const before = useAnswer(path, { ...asked, query: change?.before ?? {}, every: RARELY });
  return (metric) => {
    if (!change) return undefined;
    const values = {
      now: numberIn(now, metric, site.currency),
      before: numberIn(before, metric, site.currency),
    };
    if (values.now === undefined || values.before === undefined) return undefined;
    const title = `${formatDays(change.now)} against ${formatDays(change.before)}`;
    return { ...values, title, ...(metric.better && { better: metric.better }) };
  };
}

/** Without an event of the product there is no answer; its counts are 0 then. */
function numberIn({ data, error }: Answer<Product>, metric: ProductMetric, currency: string) {
  if (error?.code === 'unknown_product') return metric.kind === 'rate' ? null : 0;
  return data && metric.of(data, currency);
}
