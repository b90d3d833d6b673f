import type { Schemas } from '../../api/types.ts';

/** Changes of a JSON document, and the JSON Patch (RFC 6902) that says them. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Place = readonly (string | number)[];
export type Operation = Schemas['PatchValue'] | Schemas['PatchRemoval'];

const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 6901. @example pointerOf(['items', 0, 'a/b']) // '/items/0/a~1b' */
const pointerOf = (place: Place): string =>
  place.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** As people write it. @example nameOf(['items', 0, 'price']) // 'items[0].price' */
export const nameOf = (place: Place): string =>
  place
    .map((token, i) => (typeof token === 'number' ? `[${token}]` : i === 0 ? token : `.${token}`))
    .join('');

/** The place that a name means. @example placeOf('items[0].price') // ['items', 0, 'price'] */
export const placeOf = (name: string): Place =>
  [...name.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, field]) =>
    index === undefined ? field! : Number(index),
  );

/** All parts of a document that hold no further parts, in their order. */
export function leavesOf(document: Json, place: Place = []): { place: Place; value: Json }[] {
  const parts: [string | number, Json][] = Array.isArray(document)
    ? document.map((value, i) => [i, value])
    : isObject(document)
      ? Object.entries(document)
      : [];
  if (parts.length === 0) return [{ place, value: document }];
  return parts.flatMap(([token, value]) => leavesOf(value, [...place, token]));
}

/** A copy with another value at a place; undefined takes it away. Objects on the way are made where there are none. */
export function withAt(document: Json, [token, ...rest]: Place, value: Json | undefined): Json {
  if (token === undefined) return value ?? null;
  if (Array.isArray(document) && typeof token === 'number') {
    const part = rest.length === 0 ? value : withAt(document[token] ?? null, rest, value);
    return part === undefined
      ? document.filter((_, i) => i !== token)
      : [...document.slice(0, token), part, ...document.slice(token + 1)];
  }
  const object = isObject(document) ? document : {};
  const part =
    rest.length === 0 ? value : withAt(Object.hasOwn(object, token) ? object[token]! : null, rest, value);
  // fromEntries makes own properties of any name, also of __proto__.
  const others = Object.entries(object).map(
    ([name, old]) => [name, name === String(token) ? part : old] as const,
  );
  const isNew = !Object.hasOwn(object, token);
  const entries = isNew ? [...others, [String(token), part] as const] : others;
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Json;
}

/** The operations that make `after` of `before`. Arrays of another length are replaced as a whole. */
export function patchBetween(before: Json, after: Json, place: Place = []): Operation[] {
  if (isSame(before, after)) return [];
  const path = pointerOf(place);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((value, i) => patchBetween(value, after[i]!, [...place, i]));
  }
  if (!isObject(before) || !isObject(after)) return [{ op: 'replace', path, value: after }];
  const removed = Object.keys(before)
    .filter((name) => !Object.hasOwn(after, name))
    .map((name): Operation => ({ op: 'remove', path: pointerOf([...place, name]) }));
  const changed = Object.entries(after).flatMap(([name, value]): Operation[] =>
    Object.hasOwn(before, name)
      ? patchBetween(before[name]!, value, [...place, name])
      : [{ op: 'add', path: pointerOf([...place, name]), value }],
  );
  return [...removed, ...changed];
}

function isSame(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, i) => isSame(value, b[i]!));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name]!, b[name]!))
  );
}

/** The value at a JSON pointer; undefined where there is none. */
export function valueAt(document: Json, pointer: string): Json | undefined {
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.reduce<Json | undefined>((value, token) => {
    if (Array.isArray(value)) return value[Number(token)];
    return isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }, document);
}
