import { linesOf } from '../../values/lists.ts';
import { type KeptNames, keptItemFields } from '../common/add-kept.ts';
import { amountOrNothing, type Fields, firstOf, idOf, isObject, textOf } from '../common/convert-values.ts';
import type { EventDraft } from '../common/event-draft.ts';

/**
 * Fields that may identify a product, best first: the spec's id, the first spec's, the SKU that some shops
 * send alone, and the name, by which GA4 too identifies items without an id.
 */
const IDS = ['product_id', 'productId', 'item_id', 'id', 'sku', 'name', 'item_name'];

/** Those of {@link IDS} that turn the event's own properties into a product, whatever the event's name. */
const OWN_IDS = ['product_id', 'productId', 'item_id', 'sku'];

/** Product properties that are stored in an item. */
export const PRODUCT_FIELDS = [
  ...IDS,
  'brand',
  'item_brand',
  'category',
  'item_category',
  'price',
  'quantity',
];

/** Fields of a product that are kept: the spec's names, then GA4's, which Segment's destination for GA4 reads too. */
const KEPT_OF_PRODUCT: KeptNames = {
  item_variant: ['variant', 'item_variant'],
  item_category2: ['category2', 'item_category2'],
  item_category3: ['category3', 'item_category3'],
  item_category4: ['category4', 'item_category4'],
  item_category5: ['category5', 'item_category5'],
  coupon: ['coupon'],
  discount: ['discount'],
  index: ['position', 'index'],
  item_list_id: ['list_id', 'item_list_id'],
  item_list_name: ['list_name', 'item_list_name'],
  promotion_id: ['promotion_id'],
  promotion_name: ['promotion_name'],
  creative_name: ['creative', 'creative_name'],
  creative_slot: ['creative_slot'],
  affiliation: ['affiliation'],
  location_id: ['location_id'],
};

const namesOf = (fields: readonly string[]): KeptNames =>
  Object.fromEntries(fields.map((field) => [field, KEPT_OF_PRODUCT[field]!]));
/** Of them, those that properties of an event say of its only product. The others are the event's own. */
const OF_PROPERTIES = namesOf([
  ...['item_variant', 'item_category2', 'item_category3', 'item_category4', 'item_category5'],
]);
/** More of them, when the event's name is about one product: the coupon of an order is the order's. */
const OF_ONE_PRODUCT = { ...OF_PROPERTIES, ...namesOf(['coupon', 'discount', 'index']) };

/** Properties that {@link addProducts} stores in the item that they describe. */
export const keptProductFields = (isOfProduct: boolean): readonly string[] =>
  Object.values(isOfProduct ? OF_ONE_PRODUCT : OF_PROPERTIES).flat();

/**
 * Adds the products of a tracked event to the draft as items: those in `products`, else the one that the
 * properties describe.
 * @param options.isOfProduct the event's name implies one product, so even `id` alone identifies it.
 * @param options.isOrder rejects invalid prices; other events drop them.
 * @returns whether the properties themselves described the product.
 */
export function addProducts(
  draft: EventDraft,
  properties: Fields,
  { isOfProduct, isOrder }: { isOfProduct: boolean; isOrder: boolean },
): boolean {
  const priceOf: PriceOf = (value, path) => (isOrder ? value : amountOrNothing(value, draft, path));
  const products = linesOf(properties.products);
  if (Array.isArray(products)) {
    if (products.length === 0) return false;
    const items = products.map((product, index) =>
      itemOf(draft, product, {
        ...{
          item: `items[${index}]`,
          origin: `properties.products[${index}]`,
          priceOf,
          names: KEPT_OF_PRODUCT,
        },
      }),
    );
    draft.set('items', items, 'properties.products');
    return false;
  }
  if (firstOf(properties, isOfProduct ? IDS : OWN_IDS) === undefined) return false;
  const names = isOfProduct ? OF_ONE_PRODUCT : OF_PROPERTIES;
  const item = itemOf(draft, properties, { item: 'items[0]', origin: 'properties', priceOf, names });
  draft.set('items', [item], 'properties');
  return true;
}

type PriceOf = (value: unknown, path: string) => unknown;

interface Place {
  /** Path of the item in the plain event. */
  item: string;
  /** Path of the product in the message. */
  origin: string;
  priceOf: PriceOf;
  /** Names of its kept fields. */
  names: KeptNames;
}

/** Converts a product into an item. Anything but an object passes through unchanged, to be rejected. */
function itemOf(draft: EventDraft, product: unknown, { item, origin, priceOf, names }: Place): unknown {
  draft.note(item, origin);
  if (!isObject(product)) return product;
  const [name, id] = firstOf(product, IDS) ?? ['product_id', undefined];
  draft.note(`${item}.item_id`, `${origin}.${name}`);
  draft.note(`${item}.price`, `${origin}.price`);
  draft.note(`${item}.quantity`, `${origin}.quantity`);
  const text = (names: readonly string[], max: number) => textOf(firstOf(product, names)?.[1], max);
  return {
    item_id: name === 'name' || name === 'item_name' ? textOf(id, 128) : idOf(id),
    item_name: text(['name', 'item_name'], 500),
    item_brand: text(['brand', 'item_brand'], 200),
    item_category: text(['category', 'item_category'], 200),
    price: priceOf(product.price, `${origin}.price`),
    quantity: product.quantity,
    ...keptItemFields(draft, product, { place: item, originOf: (name) => `${origin}.${name}`, names }),
  };
}
