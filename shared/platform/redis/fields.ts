/**
 * Fields of hashes with two parts: `start|counter` (hours and minutes, start in seconds) and `counter|value`
 * (breakdowns). The second part may hold any character.
 */
export const joinField = (first: string | number, second: string) => `${first}|${second}`;

export function splitField(field: string): [first: string, second: string] {
  const bar = field.indexOf('|');
  return [field.slice(0, bar), field.slice(bar + 1)];
}

/** In a shard's ledger: records from an offset (inclusive) to another (exclusive) that are lost. */
export const lostField = (from: number, to: number) => `lost:${from}-${to - 1}`;

/** `lost:applied` would be an outcome of a site named `lost`. */
export const isLostField = (field: string) => /^lost:\d+-\d+$/.test(field);

/** The offsets of a lost field, both inclusive. */
export function lostRange(field: string): { from: number; to: number } {
  const [from, to] = field.slice('lost:'.length).split('-');
  return { from: Number(from), to: Number(to) };
}

/** In a shard's ledger: offsets that hold no record, such as the markers of a transactional producer. */
export const SKIPPED = 'skipped';

/** In a shard's head, by site: `1` once a user of the site was erased in this shard. */
export const erasedField = (site: string) => `erased:${site}`;

/**
 * A receipt has `of` (number of requested ids), `requested` (ms), `sent` and `came` (records from shard to shard), and
 * these fields by an id's digest: what was removed, and the timestamp (ms) of the record that asked for it.
 */
export const receiptField = (name: 'keys' | 'entries' | 'at', digest: string) => `${name}:${digest}`;

/** In a shard's hash of the invalid events that became dead letters on a day. */
export const KEPT_EVENTS = 'events';
export const KEPT_BYTES = 'bytes';

/** In a shard's hash of funnel definitions. A site's id holds no colon. */
export const funnelField = (site: string, funnel: string) => `${site}:${funnel}`;

export function splitFunnelField(field: string): [site: string, funnel: string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon), field.slice(colon + 1)];
}

/** In a shard's head, by site: which of its days have changed, see shard/changes.ts. */
export const changesField = (site: string) => `changes:${site}`;

/** In a shard's head: a text that no other head has. One that Redis lost, and that is filled again, has another one. */
export const BIRTH = 'birth';

/** In a shard's head, by site: changes whenever a funnel of the site is defined or removed. */
export const funnelsField = (site: string) => `funnels:${site}`;

/**
 * In a shard's head, by the other shard: the position (see identity.ts) of the last record that came from it, and of the
 * last one that was sent to it.
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
