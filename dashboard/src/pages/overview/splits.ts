import type { QueryOf } from '../../api/types.ts';
import { countryName } from '../../format/names.ts';
import type { Metric } from './metrics.ts';

type By = NonNullable<QueryOf<'/v1/series'>['by']>;

/** What a plot can be split by: what a visit has one value of. */
export interface Split {
  id: By;
  label: string;
  name?(value: string): string;
}

export const SPLITS: readonly Split[] = [
  { id: 'channel', label: 'Channel' },
  { id: 'source', label: 'Source' },
  { id: 'campaign', label: 'Campaign' },
  { id: 'landing_page', label: 'Landing page' },
  { id: 'device', label: 'Device' },
  { id: 'browser', label: 'Browser' },
  { id: 'os', label: 'System' },
  { id: 'country', label: 'Country', name: countryName },
];

/** Refunds have no visit, so revenue is split in the place of net revenue. */
const SPLIT_AS: Partial<Record<Metric['id'], Metric['id']>> = {
  net: 'revenue',
  orders: 'orders',
  conversion_rate: 'conversion_rate',
  average_order: 'average_order',
  sessions: 'sessions',
  engagement_rate: 'engagement_rate',
};

/** The metric whose parts are drawn; undefined: visits do not have it. */
export const splitMetric = ({ id }: Metric): Metric['id'] | undefined => SPLIT_AS[id];
