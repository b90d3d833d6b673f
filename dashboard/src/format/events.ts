/** What the usual events of a shop say, in plain words. Any other event keeps its own name. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['page_view', 'Opened a page'],
  ['screen_view', 'Opened a screen'],
  ['session_start', 'Came to the shop'],
  ['view_item', 'Looked at'],
  ['view_item_list', 'Saw a list of products'],
  ['select_item', 'Clicked in a list'],
  ['view_promotion', 'Saw a promotion'],
  ['select_promotion', 'Clicked a promotion'],
  ['search', 'Searched for'],
  ['view_search_results', 'Saw what a search found'],
  ['add_to_wishlist', 'Put on the wish list'],
  ['add_to_cart', 'Added to the cart'],
  ['remove_from_cart', 'Took out of the cart'],
  ['view_cart', 'Looked at the cart'],
  ['begin_checkout', 'Began the checkout'],
  ['add_shipping_info', 'Chose the delivery'],
  ['add_payment_info', 'Chose the payment'],
  ['purchase', 'Bought'],
  ['refund', 'Was refunded'],
  ['login', 'Signed in'],
  ['sign_up', 'Signed up'],
  ['identify', 'Was recognized'],
  ['share', 'Shared'],
  ['user_engagement', 'Stayed on the page'],
  ['scroll', 'Scrolled down'],
]);

/** @example formatEvent('add_to_cart') // 'Added to the cart' */
export const formatEvent = (name: string): string => LABELS.get(name) ?? name;
