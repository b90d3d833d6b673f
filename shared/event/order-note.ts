/**
 * What shards tell each other of an order. An order counts once in a site, by its transaction id, whoever sends it. So
 * it has a home, the shard of `site:order:<transaction>`, which every copy of its purchase and every refund is told to.
 * The home counts the order, and tells people when it is not theirs alone. See docs/architecture/orders.md.
 */
export type OrderNote = CopyNote | VerdictNote | ReleaseNote;

/** To the home: the record's event is a copy of the order's purchase, or a refund of it. */
export interface CopyNote {
  kind: 'copy';
  /** The id of the person under which it came; absent for what belongs to no person. */
  by?: string;
}

/** To a person: whose the order is, and what it is worth. Replaces what the person's shard took for granted. */
export interface VerdictNote extends Verdict {
  kind: 'verdict';
  /** It went to another id of the person before. It goes no further, since two ids may name each other, but it may come back. */
  passedOn?: true;
}

/** To the home: these people's shards no longer remember the order, so it stays with them, and the home forgets who. */
export interface ReleaseNote {
  kind: 'release';
  people: string[];
  /** The erasure of which this is a part. */
  erasure?: { receipt: string; until: number };
}

export interface Verdict {
  /** Counts the home's changes: the highest one is true. */
  version: number;
  /** The copy whose visit the order belongs to. */
  visit?: Claim;
  /** The copy whose person bought it. */
  buyer?: Claim;
  money?: OrderMoney;
  /** When the order counts. */
  first?: OrderTime;
  /** What was given back, by currency, minor units. */
  refunded: OrderMoney[];
}

/** A copy of an order, as people's shards know it. */
export interface Claim {
  ts: number;
  id: string;
  /** The id of the person under which it came; empty once the home has forgotten it. */
  by: string;
}

/** ms, and the resolution by which it is counted (an index of RESOLUTIONS). */
export type OrderTime = readonly [ts: number, grain: number];

/** Minor units. */
export type OrderMoney = readonly [currency: string, amount: number];

/** Longer ids name no order. collect accepts none. */
export const MAX_TRANSACTION_LENGTH = 128;

/** How many copies of a person's order are compared. */
export const MAX_COPIES = 10;
/** How many ids of people an order is told about. */
export const MAX_CLAIMANTS = 20;

/** An order's key: of one with a transaction id, and of a purchase that names none and is an order of its own. */
export const keyOfTransaction = (transaction: string) => `t${transaction}`;
export const keyOfLone = (name: string) => `e${name}`;

/** The transaction id of an order's key; undefined for an order without one. */
export const transactionOfKey = (key: string) => (key.startsWith('t') ? key.slice(1) : undefined);

const [HOME, LONE_HOME] = ['order:', 'event:'];

/** The name under which the home of an order with this key is found, in place of a user. */
export const homeOfOrder = (key: string) => (key.startsWith('t') ? HOME : LONE_HOME) + key.slice(1);

/** The key of the order whose home has this name, if it is one: a site may have a user of that name, too. */
export function orderOfHome(user: string): string | undefined {
  if (user.startsWith(HOME)) return keyOfTransaction(user.slice(HOME.length));
  return user.startsWith(LONE_HOME) ? keyOfLone(user.slice(LONE_HOME.length)) : undefined;
}

/** Checks a note as it was read from a record. */
export function isOrderNote(value: unknown): value is OrderNote {
  if (typeof value !== 'object' || value === null) return false;
  const note = value as Record<string, unknown>;
  if (note.kind === 'copy') return note.by === undefined || isName(note.by);
  if (note.kind === 'release') {
    if (note.erasure !== undefined && !isErasure(note.erasure)) return false;
    return Array.isArray(note.people) && note.people.length <= 100 && note.people.every(isName);
  }
  if (note.kind !== 'verdict' || !isWhole(note.version)) return false;
  if (note.passedOn !== undefined && note.passedOn !== true) return false;
  const { visit, buyer, money, first, refunded } = note;
  return (
    (visit === undefined || isClaim(visit)) &&
    (buyer === undefined || isClaim(buyer)) &&
    (money === undefined || isMoney(money)) &&
    (first === undefined || isTime(first)) &&
    Array.isArray(refunded) &&
    refunded.length <= 100 &&
    refunded.every(isMoney)
  );
}

const isWhole = (value: unknown) => Number.isSafeInteger(value);
const isName = (value: unknown) => typeof value === 'string' && value.length <= 256;
const isMoney = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && /^[A-Z]{3}$/.test(String(value[0])) && isWhole(value[1]);

const isTime = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && isWhole(value[0]) && [0, 1, 2].includes(value[1]);

function isErasure(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { receipt, until } = value as Record<string, unknown>;
  return typeof receipt === 'string' && receipt.length > 0 && receipt.length <= 64 && isWhole(until);
}

function isClaim(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { ts, id, by } = value as Record<string, unknown>;
  return isWhole(ts) && isName(id) && isName(by);
}
