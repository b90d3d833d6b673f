import { KEPT_IN_EVENT, KEPT_IN_ITEM, leftOut, mayBeNegative, readKept } from '../../values/kept-values.ts';
import { type Fields, firstOf } from './convert-values.ts';
import type { EventDraft } from './event-draft.ts';

/** By field of the plain event or line, the names that a format has for it, best first. */
export type KeptNames = Readonly<Record<string, readonly string[]>>;

/** The fields by the names that plain events and GA4 give them. */
export const SAME_NAMES: KeptNames = Object.fromEntries(
  [...KEPT_IN_EVENT.keys()].map((name) => [name, [name]]),
);
const SAME_ITEM_NAMES: KeptNames = Object.fromEntries([...KEPT_IN_ITEM.keys()].map((name) => [name, [name]]));

/**
 * Adds the fields of an event that are kept and not counted, such as its coupon. One that cannot be read stays among
 * the properties if it can, with a warning.
 * @param options.taken names that have a place of their own: those that have are skipped, and those added are noted.
 * @param options.originOf path of a name in the request.
 */
export function addKept(
  draft: EventDraft,
  fields: Fields,
  names: KeptNames,
  { taken, originOf }: { taken: Set<string>; originOf(name: string): string },
): void {
  for (const [field, kind] of KEPT_IN_EVENT) {
    const found = firstOf(fields, names[field]?.filter((name) => !taken.has(name)) ?? []);
    if (!found || found[1] === null) continue;
    const [name, value] = found;
    const read = readKept(kind, value, mayBeNegative(field, draft.plain.name));
    if ('problem' in read) {
      draft.warn('left_out', originOf(name), leftOut(read.problem));
      continue;
    }
    draft.set(field, value, originOf(name));
    taken.add(name);
  }
}

const byName = new WeakMap<KeptNames, ReadonlyMap<string, string>>();

/** By the name that a format has for it, the field. */
function fieldsByName(names: KeptNames): ReadonlyMap<string, string> {
  let fields = byName.get(names);
  if (!fields) {
    fields = new Map(Object.entries(names).flatMap(([field, all]) => all.map((name) => [name, field])));
    byName.set(names, fields);
  }
  return fields;
}

/**
 * The fields of a line that are kept and not counted, by their names in plain events.
 * @param place of the line in the plain event: `items[0]`.
 * @param originOf path of a name in the request.
 */
export function keptItemFields(
  draft: EventDraft,
  item: Fields,
  {
    place,
    originOf,
    names = SAME_ITEM_NAMES,
  }: { place: string; originOf(name: string): string; names?: KeptNames },
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const fields = fieldsByName(names);
  // Most lines have none of them, and an order may have 2,000 lines.
  const present = new Set(Object.keys(item).flatMap((name) => fields.get(name) ?? []));
  for (const field of present) {
    const found = firstOf(item, names[field] ?? []);
    if (!found) continue;
    kept[field] = found[1];
    draft.note(`${place}.${field}`, originOf(found[0]));
  }
  return kept;
}
