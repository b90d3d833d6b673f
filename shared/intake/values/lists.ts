/**
 * A list that came as an object with numbered keys, as PHP and form encodings write it: `{"0": …, "1": …}`.
 * Anything else is returned as it is.
 */
export function listOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  // Keys that are whole numbers come first and in order (ECMAScript, OrdinaryOwnPropertyKeys).
  return keys.length > 0 && keys.every((key) => /^\d{1,7}$/.test(key)) ? Object.values(value) : value;
}

/**
 * The lines of an order or a cart: a list as {@link listOf} reads it, its JSON as text, or a single line without a list.
 * Anything else is returned as it is.
 */
export function linesOf(value: unknown): unknown {
  const list = listOf(typeof value === 'string' ? parsed(value) : value);
  return typeof list === 'object' && list !== null && !Array.isArray(list) ? [list] : list;
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
