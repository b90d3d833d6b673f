import { listOf } from '../../values/lists.ts';
import { amountOrNothing, type Fields, firstOf, idOf, isObject, textOf } from '../common/convert-values.ts';
import type { EventDraft } from '../common/event-draft.ts';

/**
 * Fields that may identify a product, best first: the spec's id, the first spec's, the SKU that some shops
 * send alone, and the name, by which GA4 too identifies items without an id.
 */
const IDS = ['product_id', 'productId', 'id', 'sku', 'name'];

/** Those of {@link IDS} that turn the event's own properties into a product, whatever the event's name. */
const OWN_IDS = ['product_id', 'productId', 'sku'];

/** Product properties that are stored in an item. */
export const PRODUCT_FIELDS = [...IDS, 'brand', 'category', 'price', 'quantity'];

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
  const products = listOf(properties.products);
  if (Array.isArray(products)) {
    if (products.length === 0) return false;
    const items = products.map((product, index) =>
      itemOf(draft, product, `items[${index}]`, `properties.products[${index}]`, priceOf),
    );
    draft.set('items', items, 'properties.products');
    return false;
  }
  if (firstOf(properties, isOfProduct ? IDS : OWN_IDS) === undefined) return false;
  draft.set('items', [itemOf(draft, properties, 'items[0]', 'properties', priceOf)], 'properties');
  return true;
}

type PriceOf = (value: unknown, path: string) => unknown;

/** Converts a product into an item. Anything but an object passes through unchanged, to be rejected. */
function itemOf(
  draft: EventDraft,
  product: unknown,
  item: string,
  origin: string,
  priceOf: PriceOf,
): unknown {
  draft.note(item, origin);
  if (!isObject(product)) return product;
  const [name, id] = firstOf(product, IDS) ?? ['product_id', undefined];
  draft.note(`${item}.item_id`, `${origin}.${name}`);
  draft.note(`${item}.price`, `${origin}.price`);
  draft.note(`${item}.quantity`, `${origin}.quantity`);
  return {
    item_id: name === 'name' ? textOf(id, 128) : idOf(id),
    item_name: textOf(product.name, 500),
    item_brand: textOf(product.brand, 200),
    item_category: textOf(product.category, 200),
    price: priceOf(product.price, `${origin}.price`),
    quantity: product.quantity,
  };
}
