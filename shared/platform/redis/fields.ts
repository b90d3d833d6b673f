/**
 * Fields of hashes that say two things: `start|counter` (hours and minutes, start in seconds) and
 * `counter|value` (breakdowns). The second may hold any character.
 */
export const joinField = (first: string | number, second: string) => `${first}|${second}`;

export function splitField(field: string): [first: string, second: string] {
  const bar = field.indexOf('|');
  return [field.slice(0, bar), field.slice(bar + 1)];
}

/** In a shard's ledger: records from an offset (inclusive) to another (exclusive) that nobody has any more. */
export const lostField = (from: number, to: number) => `lost:${from}-${to - 1}`;

/** `lost:applied` would be of a site that is called so. */
export const isLostField = (field: string) => /^lost:\d+-\d+$/.test(field);

/** The offsets of a lost field, both inclusive. */
export function lostRange(field: string): { from: number; to: number } {
  const [from, to] = field.slice('lost:'.length).split('-');
  return { from: Number(from), to: Number(to) };
}

/** In a shard's ledger: offsets that never were a record (the markers of a transactional producer). */
export const SKIPPED = 'skipped';

/** In a shard's head, by site: `1` when one of its users here was ever erased. */
export const erasedField = (site: string) => `erased:${site}`;

/**
 * In a receipt: `of` (ids that it was asked for), `requested` (ms), `sent` and `came` (records from shard to shard), and
 * by an id's digest what was removed, and the timestamp (ms) of the record that was asked for.
 */
export const receiptField = (name: 'keys' | 'entries' | 'at', digest: string) => `${name}:${digest}`;

/** In the hash of touched days: changes with each definition of a funnel. */
export const FUNNELS_CHANGED = 'funnels';

/**
 * In a shard's head, by other shard: the position (see identity.ts) of the last record that came from there, and of
 * the last one that was sent there.
 */
export const ARRIVED = 'from:';
export const SENT = 'sent:';

export const positionFields = (prefix: string, positions: ReadonlyMap<number, number>) =>
  [...positions].map(([partition, position]) => [`${prefix}${partition}`, String(position)] as const);

/** Positions by the other shard's partition. */
export function positionsOf(head: Record<string, string>, prefix: string): Map<number, number> {
  const fields = Object.entries(head).filter(([field]) => field.startsWith(prefix));
  return new Map(fields.map(([field, position]) => [Number(field.slice(prefix.length)), Number(position)]));
}
