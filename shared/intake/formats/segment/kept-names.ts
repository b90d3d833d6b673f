import { KEPT_IN_EVENT } from '../../values/kept-values.ts';
import { type KeptNames, SAME_NAMES } from '../common/add-kept.ts';

/**
 * Names of the fields that are kept and not counted, in events of Segment's e-commerce spec (Segment, "Spec: V2
 * Ecommerce Events"). GA4's names follow the spec's: shops send both their clients from one data layer.
 */
const OF_ORDER: KeptNames = {
  ...SAME_NAMES,
  item_list_id: ['list_id', 'item_list_id'],
  payment_type: ['payment_method', 'payment_type'],
  shipping_tier: ['shipping_method', 'shipping_tier'],
};
const OF_LIST = { ...OF_ORDER, item_list_name: ['category', 'item_list_name'] };
const OF_PROMOTION = {
  ...OF_ORDER,
  promotion_name: ['name', 'promotion_name'],
  creative_name: ['creative', 'creative_name'],
  creative_slot: ['position', 'creative_slot'],
};
const OF_COUPON = { ...OF_ORDER, coupon: ['coupon_id', 'coupon'] };

const NAMES: Readonly<Record<string, KeptNames>> = {
  view_item_list: OF_LIST,
  product_list_filtered: OF_LIST,
  view_promotion: OF_PROMOTION,
  select_promotion: OF_PROMOTION,
  coupon_entered: OF_COUPON,
  coupon_applied: OF_COUPON,
  coupon_denied: OF_COUPON,
  coupon_removed: OF_COUPON,
  ...Object.fromEntries(
    [
      ...['search', 'select_item', 'view_item', 'add_to_cart', 'remove_from_cart', 'view_cart'],
      ...['add_to_wishlist', 'product_removed_from_wishlist', 'begin_checkout', 'checkout_step_viewed'],
      ...['checkout_step_completed', 'add_payment_info', 'purchase', 'refund', 'order_updated'],
    ].map((name) => [name, OF_ORDER]),
  ),
};

const withoutAmounts = (names: KeptNames): KeptNames =>
  Object.fromEntries(Object.entries(names).filter(([field]) => KEPT_IN_EVENT.get(field) !== 'amount'));
const OF_CANCELLATION = withoutAmounts(OF_ORDER);
const OF_OTHERS = withoutAmounts(SAME_NAMES);

/**
 * Names of the kept fields in an event.
 * @param name of the event here.
 * @param isWhole it cancels a whole order: its amounts are not the order's, and stay among the properties.
 */
export function keptNamesOf(name: string, isWhole: boolean): KeptNames {
  if (isWhole) return OF_CANCELLATION;
  // In events of a shop's own, `shipping` or `discount` may be anything.
  return Object.hasOwn(NAMES, name) ? NAMES[name]! : OF_OTHERS;
}
