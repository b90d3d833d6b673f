import type { DataOf, QueryOf } from '../../api/types.ts';
import type { FigureKind } from '../../format/numbers.ts';

export type Product = DataOf<'/v1/products/{product}'>;
export type ProductDay = Product['days'][number];
export type Ranking = NonNullable<QueryOf<'/v1/products'>['metric']>;
type Counted = Exclude<keyof ProductDay, 'date'>;

/** A number of a product. */
export interface ProductMetric {
  id: Ranking;
  label: string;
  /** What exactly is counted. */
  about: string;
  kind: FigureKind;
  better?: 'down';
  /** The number of a range; money in minor units. */
  of(product: Product, currency: string): number | null;
  /** The number of one day. Absent for what the API tells of a whole range only. */
  ofDay?(day: ProductDay): number | null;
}

const moneyOf = ({ money }: Product, currency: string) => money.find((row) => row.currency === currency);

const counted = (id: Counted, rest: Pick<ProductMetric, 'label' | 'about' | 'better'>): ProductMetric => ({
  id,
  kind: id === 'view_to_cart_rate' || id === 'cart_to_purchase_rate' ? 'rate' : 'count',
  of: (product) => product[id],
  ofDay: (day) => day[id],
  ...rest,
});

/** In the order in which a shop asks. */
export const PRODUCT_METRICS: readonly ProductMetric[] = [
  {
    id: 'revenue',
    label: 'Revenue',
    about: 'What orders of this product cost, before refunds.',
    kind: 'money',
    of: (product, currency) => moneyOf(product, currency)?.revenue_minor ?? 0,
  },
  counted('units', { label: 'Units sold', about: 'Units in all orders.' }),
  counted('purchases', { label: 'Times bought', about: 'Purchases that have this product.' }),
  counted('views', { label: 'Views', about: "Views of the product's page." }),
  counted('carts', { label: 'Added to cart', about: 'How often the product was put into a cart.' }),
  counted('view_to_cart_rate', { label: 'View to cart', about: 'Added to cart, for each view.' }),
  counted('cart_to_purchase_rate', {
    label: 'Cart to purchase',
    about: 'Bought, for each time that it was added to a cart.',
  }),
  {
    id: 'refunded',
    label: 'Refunded',
    about: 'Money that was given back for it.',
    kind: 'money',
    better: 'down',
    of: (product, currency) => moneyOf(product, currency)?.refunded_minor ?? 0,
  },
  counted('units_refunded', { label: 'Units refunded', about: 'Units in all refunds.', better: 'down' }),
  counted('refunds', { label: 'Refunds', about: 'Refunds that have this product.', better: 'down' }),
  counted('clicks', { label: 'Clicks in lists', about: 'Clicks on the product in a list of products.' }),
  counted('others', { label: 'Other events', about: 'Events of the product with any other name.' }),
  {
    id: 'interactions',
    label: 'All interactions',
    about: 'Views, clicks, carts, purchases, refunds and other events together.',
    kind: 'count',
    of: ({ interactions }) => interactions,
    ofDay: ({ views, clicks, carts, purchases, refunds, others }) =>
      views + clicks + carts + purchases + refunds + others,
  },
];

/** These have a card; the others stand in a table. */
const WITH_CARD = 8;
export const CARD_METRICS = PRODUCT_METRICS.slice(0, WITH_CARD);
export const FURTHER_METRICS = PRODUCT_METRICS.slice(WITH_CARD);
