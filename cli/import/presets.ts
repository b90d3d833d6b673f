import { KEPT_FIELDS, type KeptField, type KeptItemField } from '../../shared/event/kept-fields.ts';

/**
 * Fields of a line of a list or order that are kept and not counted, and their names in the canonical item. Those that an
 * event has, too, begin with `item_` here.
 */
export const KEPT_OF_LINE = {
  variant: 'variant',
  category2: 'category2',
  category3: 'category3',
  category4: 'category4',
  category5: 'category5',
  index: 'index',
  item_coupon: 'coupon',
  item_discount: 'discount',
  item_affiliation: 'affiliation',
  item_location_id: 'location_id',
} as const satisfies Record<string, KeptItemField>;

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
  'amount',
  'currency',
  'transaction',
  'value',
  'refunded',
  'status',
  'country',
  'page',
  'search_term',
  ...(Object.keys(KEPT_OF_LINE) as (keyof typeof KEPT_OF_LINE)[]),
  ...(Object.keys(KEPT_FIELDS) as KeptField[]),
] as const;

export type Field = (typeof FIELDS)[number] | `props.${string}`;

/** By field, the column that holds it. `a|b` means column a, or b where a is blank. */
export type Columns = Partial<Record<Field, string>>;

export interface Preset {
  columns: Columns;
  /** The file's event names → Footfall's. */
  events: Record<string, string>;
  /**
   * `row`: each line is an event, or a line of an order. `invoice`: all lines of one transaction are one event. The others
   * are JSON of other systems, whose nested objects hold the fields.
   */
  shape: 'row' | 'invoice' | 'segment' | 'ga4' | 'matomo';
  /** The name of every event, for files of orders. */
  event?: string;
  /** Columns that not every file of this kind has. */
  optional?: Field[];
  /** What the status of an order says, in lower case, when it is not a sale. Such lines are rejected. */
  notSales: readonly string[];
  /** Fields of an order may stand in its first row alone, and are blank in those right behind it. */
  inherits?: true;
  zone?: string;
  currency?: string;
  /** Numbers that do not go with it are rejected. */
  decimal?: '.' | ',';
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
export const NO_PRESET: Preset = {
  columns: {},
  events: COMMON_NAMES,
  shape: 'row',
  inherits: true,
  notSales: ['cancelled', 'canceled', 'failed', 'voided', 'draft', 'trash'],
};

/** A file of JSON objects, which a reader of its own understands. */
const objects = (shape: Preset['shape']): Preset => ({ columns: {}, events: {}, shape, notSales: [] });

const NOT_SALES_IN_WOOCOMMERCE = [
  ...['cancelled', 'failed', 'pending', 'pending payment', 'draft', 'checkout-draft', 'trash'],
  ...['wc-cancelled', 'wc-failed', 'wc-pending', 'wc-checkout-draft'],
];

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
    notSales: [],
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
    notSales: [],
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
    notSales: [],
    zone: 'Europe/London',
    currency: 'GBP',
    decimal: '.',
  },
  /**
   * Shopify, Orders, Export. An order's further lines repeat its name and have blanks for the rest. The value is the order's
   * total, with tax and shipping, as in Shopify's "Total sales".
   */
  shopify: {
    columns: {
      ts: 'Created at',
      user: 'Email|Phone',
      transaction: 'Name',
      product: 'Lineitem sku|Lineitem name',
      name: 'Lineitem name',
      brand: 'Vendor',
      price: 'Lineitem price',
      quantity: 'Lineitem quantity',
      currency: 'Currency',
      value: 'Total',
      refunded: 'Refunded Amount',
      status: 'Financial Status',
      country: 'Billing Country|Shipping Country',
      item_discount: 'Lineitem discount',
      coupon: 'Discount Code',
      discount: 'Discount Amount',
      shipping: 'Shipping',
      tax: 'Taxes',
      payment_type: 'Payment Method',
      shipping_tier: 'Shipping Method',
      affiliation: 'Source',
      location_id: 'Location',
    },
    events: {},
    event: 'purchase',
    shape: 'row',
    inherits: true,
    notSales: ['voided', 'expired'],
    optional: [
      ...(['brand', 'refunded', 'status', 'country', 'item_discount', 'coupon', 'discount'] as const),
      ...(['shipping', 'tax', 'payment_type', 'shipping_tier', 'affiliation', 'location_id'] as const),
    ],
  },
  /** WooCommerce's "Customer/Order/Coupon Export" (SkyVerge), format "Default - One Row per Item". */
  woocommerce: {
    columns: {
      ts: 'order_date|date',
      user: 'customer_id|customer_user|billing_email',
      transaction: 'order_number|order_id',
      product: 'item_sku|item_product_id|item_name',
      name: 'item_name',
      amount: 'item_total',
      quantity: 'item_quantity',
      currency: 'order_currency|currency',
      value: 'order_total',
      refunded: 'refunded_total',
      status: 'status',
      country: 'billing_country|shipping_country',
      discount: 'discount_total',
      shipping: 'shipping_total',
      tax: 'tax_total',
      payment_type: 'payment_method',
      shipping_tier: 'shipping_method',
    },
    events: {},
    event: 'purchase',
    shape: 'row',
    inherits: true,
    notSales: NOT_SALES_IN_WOOCOMMERCE,
    optional: [
      ...(['currency', 'refunded', 'country', 'discount', 'shipping'] as const),
      ...(['tax', 'payment_type', 'shipping_tier'] as const),
    ],
  },
  /** WooCommerce's "Advanced Order Export" (AlgolPlus), CSV with its default fields: one row a product. */
  'woocommerce-advanced': {
    columns: {
      ts: 'Order Date',
      user: 'Customer User ID|Email (Billing)',
      transaction: 'Order Number',
      product: 'SKU|Item Name|Name',
      name: 'Item Name|Name',
      price: 'Item Cost',
      quantity: 'Quantity|Quantity (- Refund)',
      currency: 'Order Currency|Currency',
      value: 'Order Total Amount',
      refunded: 'Order Refund Amount',
      status: 'Order Status',
      country: 'Country Code (Billing)|Country Code (Shipping)',
      coupon: 'Coupon Code',
      discount: 'Cart Discount Amount',
      shipping: 'Order Shipping Amount',
      tax: 'Order Total Tax Amount|Order Tax Amount',
      payment_type: 'Payment Method Title',
      shipping_tier: 'Shipping Method Title',
    },
    events: {},
    event: 'purchase',
    shape: 'row',
    inherits: true,
    notSales: NOT_SALES_IN_WOOCOMMERCE,
    optional: [
      ...(['currency', 'refunded', 'status', 'country', 'coupon', 'discount'] as const),
      ...(['shipping', 'tax', 'payment_type', 'shipping_tier'] as const),
    ],
  },
  /** GA4's export to BigQuery, as JSON lines: a row of the table `events_YYYYMMDD` a line. */
  'ga4-bigquery': objects('ga4'),
  /** Matomo's Live.getLastVisitsDetails with format=JSON: a visit with its actions a line, or a list of visits. */
  matomo: objects('matomo'),
  /** Segment's raw messages, as its destinations S3 and Google Cloud Storage keep them: a message a line. */
  segment: objects('segment'),
};
