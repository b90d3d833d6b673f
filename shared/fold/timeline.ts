import type { FootfallEvent, Item } from '../event/event.ts';

/** One interaction of a user's timeline, as the fold keeps it. Money is in minor units. */
export type Interaction = Pick<
  FootfallEvent,
  'id' | 'name' | 'ts' | 'currency' | 'value' | 'transaction_id' | 'page' | 'search_term' | 'props'
> & { items?: Pick<Item, 'id' | 'name' | 'quantity' | 'amount'>[] };

/**
 * An event as a JSON array without field names: [ts, id, name, items, value, currency, rarer fields]. JSON is several
 * times faster to write than MessagePack, and hardly larger since most of it is ids and names.
 */
export function timelineEntry(event: FootfallEvent): string {
  const { ts, id, name, items, value = null, currency = null } = event;
  const { page, search_term, transaction_id, props } = event;
  const rare =
    page === undefined && search_term === undefined && transaction_id === undefined && props === undefined
      ? null
      : { page, search_term, transaction_id, props };
  const lines =
    items?.map((item) => [item.id, item.quantity, item.amount ?? null, item.name ?? null]) ?? null;
  return JSON.stringify([ts, id, name, lines, value, currency, rare]);
}

/** A block of entries to append to a user's month: one line with a JSON array. */
export function timelineBlock(entries: readonly string[]): string {
  return `[${entries.join(',')}]\n`;
}

/** The interactions of appended blocks, in the order in which they were appended. */
export function unpackInteractions(blocks: string): Interaction[] {
  const lines = blocks.split('\n').filter((line) => line !== '');
  const entries = lines.flatMap((line) => JSON.parse(line) as unknown[][]);
  return entries.map(([ts, id, name, lines, value, currency, rare]) => {
    const items = (lines as unknown[][] | null)?.map(([id, quantity, amount, name]) =>
      present({ id, name, quantity, amount }),
    );
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

const present = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined && field !== null));
