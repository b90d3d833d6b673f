import { type Fields, isObject, textOf } from './fit.ts';

/** As many as a plain event takes. */
const MAX_PROPERTIES = 50;
const MAX_NAME = 100;
const MAX_TEXT = 1_000;
/** Values that are looked at, however many are there. */
const MAX_LOOKS = 1_000;
/** Names with more dots than these are left away. */
const MAX_DEPTH = 4;

type Scalar = string | number | boolean;

/**
 * What has no place of its own in a plain event, as its properties: texts, numbers, true and false. Objects are
 * flattened with dots (`address.city`), lists of such values become one text (`red,blue`), other lists are left
 * away; texts are cut at 1,000 characters, names at 100, and the first 50 are kept. Nothing of this is counted,
 * so nothing of it is refused.
 * @param taken names of the top level that have a place of their own.
 * @param names what some of the top level are called here.
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
    // Cut at once: of a long name each value in it would have a copy.
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
