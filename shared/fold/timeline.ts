import type { FootfallEvent, Item } from '../event/event.ts';
import { KEPT_FIELDS, type KeptField, type KeptItemField } from '../event/kept-fields.ts';

/** One interaction of a user's timeline, as the fold keeps it. Money is in minor units. */
export type Interaction = Pick<
  FootfallEvent,
  | 'id'
  | 'name'
  | 'ts'
  | 'currency'
  | 'value'
  | 'transaction_id'
  | 'page'
  | 'search_term'
  | 'props'
  | KeptField
> & { items?: Pick<Item, 'id' | 'name' | 'quantity' | 'amount' | 'category' | KeptItemField>[] };

const KEPT = Object.keys(KEPT_FIELDS) as KeptField[];

/**
 * Fields of a line that stand behind its first four, as number and value. The numbers are part of the stored format: add
 * new fields at the end. The category is kept where there are levels below it.
 */
const LINE_FIELDS = [
  ...['category', 'category2', 'category3', 'category4', 'category5'],
  ...['variant', 'coupon', 'discount', 'index', 'list_id', 'list_name'],
  ...['promotion_id', 'promotion_name', 'creative_name', 'creative_slot', 'affiliation', 'location_id'],
] as const satisfies readonly ('category' | KeptItemField)[];

const NUMBER_OF_FIELD: ReadonlyMap<string, number> = new Map(LINE_FIELDS.map((field, i) => [field, i]));

/**
 * An event as a JSON array without field names: [ts, id, name, items, value, currency, rarer fields]. JSON is several
 * times faster to write than MessagePack, and hardly larger since most of it is ids and names.
 */
export function timelineEntry(event: FootfallEvent): string {
  const { ts, id, name, items, value = null, currency = null } = event;
  return JSON.stringify([ts, id, name, items?.map(lineOf) ?? null, value, currency, rareOf(event)]);
}

/** Fields that few events have, by their names; null when there is none. */
function rareOf(event: FootfallEvent): object | null {
  const { page, search_term, transaction_id, props } = event;
  let rare: Record<string, unknown> | null =
    page === undefined && search_term === undefined && transaction_id === undefined && props === undefined
      ? null
      : { page, search_term, transaction_id, props };
  for (const field of KEPT) {
    if (event[field] === undefined) continue;
    rare ??= {};
    rare[field] = event[field];
  }
  return rare;
}

/** [id, quantity, amount, name], then number and value of each further field that the line has. */
function lineOf(item: Item): unknown[] {
  const line: unknown[] = [item.id, item.quantity, item.amount ?? null, item.name ?? null];
  for (const field in item) {
    const number = NUMBER_OF_FIELD.get(field);
    if (number === undefined || (field === 'category' && !hasLevels(item))) continue;
    const value = item[LINE_FIELDS[number]!];
    if (value !== undefined) line.push(number, value);
  }
  return line;
}

const hasLevels = ({ category2, category3, category4, category5 }: Item): boolean =>
  (category2 ?? category3 ?? category4 ?? category5) !== undefined;

/** A block of entries to append to a user's month: one line with a JSON array. */
export function timelineBlock(entries: readonly string[]): string {
  return `[${entries.join(',')}]\n`;
}

/** The interactions of appended blocks, in the order in which they were appended. */
export function unpackInteractions(blocks: string): Interaction[] {
  const lines = blocks.split('\n').filter((line) => line !== '');
  const entries = lines.flatMap((line) => JSON.parse(line) as unknown[][]);
  return entries.map(([ts, id, name, lines, value, currency, rare]) => {
    const items = (lines as unknown[][] | null)?.map(([id, quantity, amount, name, ...more]) => {
      const item = present({ id, name, quantity, amount });
      for (let i = 0; i < more.length; i += 2) item[LINE_FIELDS[more[i] as number]!] = more[i + 1];
      return item;
    });
    return present({
      id,
      name,
      ts,
      items,
      value,
      currency,
      ...(rare as object | null),
    }) as unknown as Interaction;
  });
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined && field !== null));
