import type { Draft } from '../common/draft.ts';
import {
  amountOf,
  amountOrNothing,
  type Fields,
  firstOf,
  idOf,
  isObject,
  quantityOf,
  textOf,
} from '../common/fit.ts';

/**
 * What a product is called by, the best first: the spec's id, the first spec's, the SKU that some shops send
 * alone; and the name, since GA4 knows items by it, too, when they have no id.
 */
const IDS = ['product_id', 'productId', 'id', 'sku', 'name'];

/** Those of {@link IDS} that make a product of an event's own properties, whatever the event is called. */
const OWN_IDS = ['product_id', 'productId', 'sku'];

/** The properties of a product that have a place in an item, and with it in the event. */
export const PRODUCT_FIELDS = [...IDS, 'brand', 'category', 'price', 'quantity'];

/**
 * Puts the products of a tracked event into the draft as items: those of `products`, else the one that the
 * properties themselves describe.
 * @param options.isOfProduct by its name the event is about one product, so that even `id` alone is a product's.
 * @param options.isOrder prices have to be right; of other events one that is none is left away.
 * @returns whether the properties themselves were the product.
 */
export function addProducts(
  draft: Draft,
  properties: Fields,
  { isOfProduct, isOrder }: { isOfProduct: boolean; isOrder: boolean },
): boolean {
  const priceOf = isOrder ? amountOf : amountOrNothing;
  const { products } = properties;
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

/** The product as an item; what is no object goes on as it is, to be refused. */
function itemOf(
  draft: Draft,
  product: unknown,
  item: string,
  origin: string,
  priceOf: (value: unknown) => unknown,
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
    price: priceOf(product.price),
    quantity: quantityOf(product.quantity),
  };
}
