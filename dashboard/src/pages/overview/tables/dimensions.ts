import type { DataOf, PathOf, QueryOf } from '../../../api/types.ts';
import { countryName } from '../../../format/names.ts';
import type { FigureKind } from '../../../format/numbers.ts';

type Dimension = PathOf<'/v1/breakdowns/{dimension}'>['dimension'];
export type DimensionRow = DataOf<'/v1/breakdowns/{dimension}'>['rows'][number];
type RankMetric = NonNullable<QueryOf<'/v1/breakdowns/{dimension}'>['metric']>;

/** A figure that each row of a table has. */
export interface Figure {
  id: string;
  label: string;
  kind: FigureKind;
  /** The API's metric to rank by. The page ranks the others itself, among the largest values. */
  rank?: RankMetric;
  minor?: true;
  better?: 'down';
  /** Which part of an order's money the cell shows; revenue when absent. */
  amounts?: 'discounts_minor' | 'refunded_minor';
  /** Money in minor units of the site's currency. */
  of(row: DimensionRow, currency: string): number | null;
}

const revenueOf = (row: DimensionRow, currency: string) =>
  row.revenue?.find((one) => one.currency === currency)?.amount_minor ??
  row.money?.find((one) => one.currency === currency)?.revenue_minor ??
  0;

const ORDERS: Figure = {
  id: 'orders',
  label: 'Orders',
  kind: 'count',
  rank: 'orders',
  of: ({ orders = 0 }) => orders,
};
const REVENUE: Figure = { id: 'revenue', label: 'Revenue', kind: 'money', rank: 'revenue', of: revenueOf };
const count = (id: RankMetric & keyof DimensionRow, label: string): Figure => ({
  id,
  label,
  kind: 'count',
  rank: id,
  of: (row) => (row[id] as number | undefined) ?? 0,
});

/** The share of visits that took a step towards an order. */
const step = (id: 'view_rate' | 'cart_rate' | 'checkout_rate', label: string): Figure => ({
  id,
  label,
  kind: 'rate',
  minor: true,
  of: (row) => row[id] ?? null,
});

/** Of visits: where they came from, where they began, and how far they came. */
const OF_SESSIONS: readonly Figure[] = [
  count('sessions', 'Sessions'),
  step('view_rate', 'Viewed'),
  step('cart_rate', 'Carted'),
  step('checkout_rate', 'Checked out'),
  {
    id: 'conversion',
    label: 'Conversion',
    kind: 'rate',
    of: ({ conversion_rate }) => conversion_rate ?? null,
  },
  {
    id: 'bounce_rate',
    label: 'Bounce rate',
    kind: 'rate',
    better: 'down',
    of: ({ bounce_rate }) => bounce_rate ?? null,
  },
  ORDERS,
  REVENUE,
];
/** Of single events, each with the value it has itself. */
const OF_EVENTS: readonly Figure[] = [
  count('events', 'Events'),
  ORDERS,
  REVENUE,
  { ...count('refunds', 'Refunds'), minor: true, better: 'down' },
];
const moneyOf = (row: DimensionRow, currency: string) => row.money?.find((one) => one.currency === currency);

/** Of orders, by the code that the buyer entered. */
const OF_COUPONS: readonly Figure[] = [
  ORDERS,
  REVENUE,
  {
    id: 'discounts',
    label: 'Discounts',
    kind: 'money',
    minor: true,
    amounts: 'discounts_minor',
    of: (row, currency) => moneyOf(row, currency)?.discounts_minor ?? 0,
  },
  {
    id: 'refunded',
    label: 'Refunded',
    kind: 'money',
    rank: 'refunded',
    minor: true,
    better: 'down',
    amounts: 'refunded_minor',
    of: (row, currency) => moneyOf(row, currency)?.refunded_minor ?? 0,
  },
];
/** Of the items of events. */
const OF_ITEMS: readonly Figure[] = [
  count('views', 'Views'),
  count('carts', 'Carts'),
  { ...count('purchases', 'Orders'), id: 'purchases' },
  { ...count('units', 'Units'), minor: true },
  REVENUE,
];

/** A tab of a table. */
export interface DimensionTab {
  id: Dimension;
  label: string;
  figures: readonly Figure[];
  /** What a value is called to a shop. */
  name?(value: string): string;
  /** `(not set)` is left out: it is no answer to what the table asks. */
  onlySet?: true;
  note?: string;
  /** What the table says without a row. */
  empty?: string;
}

export interface DimensionTable {
  /** Its parameters of the address begin with this. */
  id: string;
  title: string;
  /** Its columns need the whole width of the page. */
  wide?: true;
  tabs: readonly DimensionTab[];
}

const FIRST_OF_VISIT = 'Where each visit came from: its earliest event that says so.';
const OF_VISIT =
  'Of each visit: its earliest event that says so. Orders and revenue are those of its visits.';
const capital = (value: string) => value.charAt(0).toUpperCase() + value.slice(1);

/** In the order of the page. A further table, or tab, is a further entry. */
export const TABLES: readonly DimensionTable[] = [
  {
    id: 'sources',
    title: 'Where visits come from',
    wide: true,
    tabs: [
      { id: 'channel', label: 'Channels', figures: OF_SESSIONS, note: FIRST_OF_VISIT },
      { id: 'source', label: 'Sources', figures: OF_SESSIONS, note: FIRST_OF_VISIT },
      { id: 'medium', label: 'Mediums', figures: OF_SESSIONS, note: FIRST_OF_VISIT },
      { id: 'campaign', label: 'Campaigns', figures: OF_SESSIONS, note: FIRST_OF_VISIT },
      { id: 'referrer', label: 'Referrers', figures: OF_SESSIONS, note: 'Other sites that linked here.' },
    ],
  },
  {
    id: 'pages',
    title: 'Pages',
    wide: true,
    tabs: [
      {
        id: 'landing_page',
        label: 'Landing pages',
        figures: OF_SESSIONS,
        note: 'The first page of each visit. Conversion is the share of its visits with an order.',
      },
      {
        id: 'page',
        label: 'All pages',
        figures: OF_EVENTS,
        note: 'Where events happened; orders and revenue are those of the page with the purchase.',
      },
    ],
  },
  {
    id: 'visitors',
    title: 'Countries and devices',
    wide: true,
    tabs: [
      { id: 'country', label: 'Countries', figures: OF_SESSIONS, note: OF_VISIT, name: countryName },
      { id: 'device', label: 'Devices', figures: OF_SESSIONS, note: OF_VISIT, name: capital },
      { id: 'browser', label: 'Browsers', figures: OF_SESSIONS, note: OF_VISIT },
      { id: 'os', label: 'Systems', figures: OF_SESSIONS, note: OF_VISIT },
    ],
  },
  {
    id: 'coupons',
    title: 'Coupons',
    tabs: [
      {
        id: 'coupon',
        label: 'Coupons',
        figures: OF_COUPONS,
        onlySet: true,
        note: 'Of each order with a coupon: its own, else that of its first line with one. Refunds count under their order’s coupon.',
        empty: 'No order with a coupon in these days. Coupons come from the field coupon of purchases.',
      },
    ],
  },
  {
    id: 'wanted',
    title: 'What people look for',
    tabs: [
      {
        id: 'search_term',
        label: 'Search terms',
        figures: OF_EVENTS.slice(0, 1),
        onlySet: true,
        note: 'What was typed into the shop’s own search.',
      },
      { id: 'category', label: 'Categories', figures: OF_ITEMS },
      { id: 'brand', label: 'Brands', figures: OF_ITEMS },
    ],
  },
];
