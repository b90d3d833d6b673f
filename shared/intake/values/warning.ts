export const WARNING_CODES = [
  'float_tail',
  'number_text',
  'rounded_amount',
  'rounded_quantity',
  'negative_quantity',
  'negative_amount',
  'read_as_refund',
  'items_cut',
  'left_out',
  'cut_text',
  'placeholder_id',
  'cookie_id',
  'no_person',
  'currency_text',
  'time_unit',
  'clamped',
  'not_a_bot',
] as const;

/** What was put right in an event that is taken. */
export interface Warning {
  code: (typeof WARNING_CODES)[number];
  /** Where: `items[0].price`. */
  path: string;
  message: string;
}

/** Warnings of one event. Thousands would only make the answer too large to send. */
export const MAX_WARNINGS = 20;

/** The part of a value that a message shows. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value);
  return (text.length > 60 ? `${text.slice(0, 60)}…` : text).toWellFormed();
}
