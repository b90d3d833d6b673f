import { type Fields, isObject, textOf } from './convert-values.ts';

/** The limit of a plain event. */
const MAX_PROPERTIES = 50;
const MAX_NAME = 100;
const MAX_TEXT = 1_000;
/** Values examined at most, however many there are. */
const MAX_LOOKS = 1_000;
/** Levels of nesting; deeper values are dropped. */
const MAX_DEPTH = 4;

type Scalar = string | number | boolean;

/**
 * Turns fields without a place in the plain event into its properties: text, numbers and booleans. Objects
 * are flattened with dots (`address.city`). Lists of such values become one text (`red,blue`); other lists
 * are dropped. Texts are cut at 1,000 characters, names at 100, and the first 50 are kept. Properties are not
 * counted, so none is rejected.
 * @param taken top-level names that have a place of their own.
 * @param names new names for some top-level fields.
 */
export function propertiesOf(
  fields: Fields,
  taken: ReadonlySet<string>,
  names: Readonly<Record<string, string>> = {},
): Record<string, Scalar> | undefined {
  const found = new Map<string, Scalar>();
  let looks = 0;
  const add = (whole: string, value: unknown, depth: number) => {
    looks++;
    if (found.size >= MAX_PROPERTIES || looks > MAX_LOOKS) return;
    // Cut early: every value inside would copy a long name.
    const name = textOf(whole, MAX_NAME);
    if (name === undefined) return;
    if (isObject(value)) {
      if (depth === MAX_DEPTH) return;
      for (const [key, inner] of Object.entries(value)) add(`${name}.${key}`, inner, depth + 1);
      return;
    }
    const scalar = scalarOf(value);
    if (scalar !== undefined) found.set(name, scalar);
  };
  for (const [name, value] of Object.entries(fields)) {
    if (!taken.has(name)) add(Object.hasOwn(names, name) ? names[name]! : name, value, 1);
  }
  return found.size === 0 ? undefined : Object.fromEntries(found);
}

function scalarOf(value: unknown): Scalar | undefined {
  if (typeof value === 'string') return textOf(value, MAX_TEXT);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const isPlain = value.every((one) => ['string', 'number', 'boolean'].includes(typeof one));
  return isPlain ? textOf(value.join(','), MAX_TEXT) : undefined;
}
