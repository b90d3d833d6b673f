import type { DataOf, QueryOf } from '../../api/types.ts';
import type { FigureKind } from '../../format/numbers.ts';

type Overview = DataOf<'/v1/overview'>;
type SeriesMetric = NonNullable<QueryOf<'/v1/series'>['metric']>;

/** A number that has a card and can be drawn. */
export interface Metric {
  id: SeriesMetric;
  label: string;
  /** What exactly is counted. */
  about: string;
  kind: FigureKind;
  better?: 'down';
  /** Exists by day, not by hour. */
  isOfUsers?: true;
  /** Can be added up over hours, so a part of a day can be compared with the same part of another. */
  isSum?: true;
  /** From the totals of a range; money in minor units. */
  of(overview: Overview, currency: string): number | null;
}

const moneyOf = (overview: Overview, currency: string) =>
  overview.money.find((row) => row.currency === currency);

/** In the order in which a shop asks. A further card is a further entry. */
export const METRICS: readonly Metric[] = [
  {
    id: 'net',
    label: 'Net revenue',
    about: 'What was bought, less what was refunded.',
    kind: 'money',
    isSum: true,
    of: (overview, currency) => moneyOf(overview, currency)?.net_minor ?? 0,
  },
  {
    id: 'orders',
    label: 'Orders',
    about: 'Each transaction once, however often and by whom it was sent.',
    kind: 'count',
    isSum: true,
    of: ({ orders }) => orders,
  },
  {
    id: 'conversion_rate',
    label: 'Conversion',
    about: 'The share of sessions with an order.',
    kind: 'rate',
    of: ({ conversion_rate }) => conversion_rate,
  },
  {
    id: 'average_order',
    label: 'Average order',
    about: 'Revenue for each order that has an amount; refunds are not subtracted.',
    kind: 'money',
    of: ({ average_order }, currency) =>
      average_order.find((row) => row.currency === currency)?.amount_minor ?? null,
  },
  {
    id: 'users',
    label: 'Visitors',
    about:
      'Different people who were there, each once in the range. Visitors without consent are not among them.',
    kind: 'count',
    isOfUsers: true,
    of: ({ users }) => users,
  },
  {
    id: 'sessions',
    label: 'Sessions',
    about: 'Visits; 30 minutes without an event end one.',
    kind: 'count',
    isSum: true,
    of: ({ sessions }) => sessions,
  },
  {
    id: 'engagement_rate',
    label: 'Engagement',
    about: 'The share of sessions of 10 seconds or longer, with two views, or with an order.',
    kind: 'rate',
    of: ({ engagement_rate }) => engagement_rate,
  },
  {
    id: 'refunded',
    label: 'Refunds',
    about: 'Money that was given back.',
    kind: 'money',
    better: 'down',
    isSum: true,
    of: (overview, currency) => moneyOf(overview, currency)?.refunded_minor ?? 0,
  },
];

/** Drawn beneath any other metric. */
export const REVENUE: SeriesMetric = 'revenue';
