import * as z from 'zod';
import { CUSTOMER_TYPES } from '../event/event.ts';
import { MAX_INDEX, MAX_KEPT_TEXT } from '../event/kept-fields.ts';

/**
 * Fields of a plain event that are kept and not counted. Their values have been put right (values/kept-values.ts), so
 * none of them refuses an event.
 */

const text = (description: string) => z.string().min(1).max(MAX_KEPT_TEXT).optional().meta({ description });

/** Money as putRight leaves it: decimal text, or a number too small for that. */
const amount = (description: string) =>
  z
    .union([z.number().min(0), z.string().regex(/^\d{1,100}(\.\d{1,100})?$/)])
    .transform(String)
    .optional()
    .meta({ description });

const promotion = {
  promotion_id: text('Promotion that was shown or chosen'),
  promotion_name: text('Its name'),
  creative_name: text("Name of the promotion's creative, such as banner_2"),
  creative_slot: text('Where the creative stood, such as top'),
};

/** Of a line. */
export const keptItemSchema = {
  item_variant: text('Such as a size or colour'),
  item_category2: text('Second level of the category'),
  item_category3: text('Third level'),
  item_category4: text('Fourth level'),
  item_category5: text('Fifth level'),
  coupon: text("The item's own coupon"),
  discount: amount('Taken off the price of one piece, in units of the currency'),
  index: z.number().int().min(0).max(MAX_INDEX).optional().meta({ description: 'Position in the list' }),
  item_list_id: text('List that showed the item'),
  item_list_name: text('Its name'),
  ...promotion,
  affiliation: text('Shop or branch that supplies the item'),
  location_id: text('Where the item is, such as a Google Place ID'),
};

/** Of an event. */
export const keptEventSchema = {
  item_list_id: text('List that was shown'),
  item_list_name: text('Its name'),
  ...promotion,
  coupon: text("The order's coupon; several with commas between them"),
  affiliation: text('Shop or branch'),
  location_id: text('Where it happened, such as a Google Place ID'),
  tax: amount('Tax of the order, in units of the currency. Whether `value` includes it is your choice'),
  shipping: amount(
    'Shipping of the order, in units of the currency. Whether `value` includes it is your choice',
  ),
  discount: amount('Taken off the order as a whole, in units of the currency'),
  payment_type: text('Such as card'),
  shipping_tier: text('Such as ground or express'),
  customer_type: z
    .enum(CUSTOMER_TYPES)
    .optional()
    .meta({ description: 'Whether the buyer has bought before, as the shop knows it' }),
};
