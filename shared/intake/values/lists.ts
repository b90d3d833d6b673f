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
