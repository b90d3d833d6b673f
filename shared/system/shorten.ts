import * as z from 'zod';

/** Bytes of a key, a field, a value: as they are stored, or their beginning. */
export const shortenedSchema = z
  .object({
    bytes: z.number().int().meta({ description: 'Length of the whole, in bytes' }),
    text: z.string().optional().meta({ description: 'Absent when it is not UTF-8' }),
    base64: z.string().optional().meta({ description: 'Instead of `text`' }),
    cut: z.boolean().meta({ description: 'Whether this is only the beginning' }),
  })
  .meta({ id: 'Shortened' });
export type Shortened = z.infer<typeof shortenedSchema>;

/**
 * The beginning of some bytes, as text where they are text.
 * @param max bytes
 * @param length of the whole, when `bytes` is its beginning already
 * @example shorten(Buffer.from('a long text'), 6) // { bytes: 11, text: 'a long', cut: true }
 */
export function shorten(bytes: Buffer, max: number, length = bytes.length): Shortened {
  const beginning = bytes.subarray(0, max);
  const cut = beginning.length < length;
  const base = { bytes: length, cut };
  try {
    // A character that is cut in two at the end is left out.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { ...base, text: decoder.decode(beginning, { stream: cut }) };
  } catch {
    return { ...base, base64: beginning.toString('base64') };
  }
}

/** A value that may not be shown. */
export const MASKED = '(masked)';

/** Entries of a list or map in readable form, and letters of a text there. */
const MAX_ENTRIES = 100;
const MAX_LETTERS = 1_000;
const MAX_DEPTH = 12;

/**
 * A decoded value as JSON: maps become objects, and what JSON does not have becomes null. Long lists, maps and texts are
 * cut, and say how much is left out.
 */
export function readable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return value.length > MAX_LETTERS ? `${value.slice(0, MAX_LETTERS).toWellFormed()}…` : value;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_DEPTH) return '…';
  if (value instanceof Set) return readable([...value], depth);
  if (Array.isArray(value)) {
    const first = value.slice(0, MAX_ENTRIES).map((one) => readable(one, depth + 1));
    return value.length > MAX_ENTRIES ? [...first, leftOut(value.length)] : first;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const first = entries
    .slice(0, MAX_ENTRIES)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => [String(name), readable(one, depth + 1)] as const);
  return Object.fromEntries(
    entries.length > MAX_ENTRIES ? [...first, ['…', leftOut(entries.length)]] : first,
  );
}

const leftOut = (all: number) => `… ${all - MAX_ENTRIES} more`;
