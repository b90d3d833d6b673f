/** The fields that an import can read from a column. `props.x` keeps a column as the own property x of the event. */
export const FIELDS = [
  'id',
  'ts',
  'user',
  'anonymous',
  'event',
  'product',
  'name',
  'brand',
  'category',
  'price',
  'quantity',
  'currency',
  'transaction',
  'country',
  'page',
  'search_term',
] as const;

export type Field = (typeof FIELDS)[number] | `props.${string}`;

/** By field, the column that holds it. `a|b` means column a, or b where a is blank. */
export type Columns = Partial<Record<Field, string>>;

export interface Preset {
  columns: Columns;
  /** The file's event names → Footfall's. */
  events: Record<string, string>;
  /** `row`: each line is an event. `invoice`: all lines of one transaction are one event. */
  shape: 'row' | 'invoice';
  zone?: string;
  currency?: string;
  /** The file's users are visitors who have not signed in. */
  anonymous?: true;
}

/** Names that shops' logs commonly use → GA4's. An import without a preset knows them. */
const COMMON_NAMES = {
  view: 'view_item',
  click: 'select_item',
  cart: 'add_to_cart',
  addtocart: 'add_to_cart',
  transaction: 'purchase',
};

/** A file described by --columns alone. */
export const NO_PRESET: Preset = { columns: {}, events: COMMON_NAMES, shape: 'row' };

export const PRESETS: Record<string, Preset> = {
  /** RetailRocket recommender system dataset (Kaggle), events.csv: times in epoch ms, no prices. */
  retailrocket: {
    columns: {
      ts: 'timestamp',
      user: 'visitorid',
      event: 'event',
      product: 'itemid',
      transaction: 'transactionid',
    },
    events: COMMON_NAMES,
    shape: 'row',
    anonymous: true,
  },
  /** REES46 eCommerce behavior data (Kaggle), 2019-Oct.csv and on: times in UTC, prices in US dollars. */
  rees46: {
    columns: {
      ts: 'event_time',
      user: 'user_id',
      event: 'event_type',
      product: 'product_id',
      category: 'category_code|category_id',
      brand: 'brand',
      price: 'price',
      'props.session': 'user_session',
    },
    events: COMMON_NAMES,
    shape: 'row',
    currency: 'USD',
  },
  /** UCI Online Retail (D. Chen, 2012). The lines of an invoice are one order, or a refund when its number begins with C. */
  'online-retail': {
    columns: {
      ts: 'InvoiceDate',
      user: 'CustomerID',
      product: 'StockCode',
      name: 'Description',
      price: 'UnitPrice',
      quantity: 'Quantity',
      transaction: 'InvoiceNo',
      country: 'Country',
    },
    events: {},
    shape: 'invoice',
    zone: 'Europe/London',
    currency: 'GBP',
  },
};
