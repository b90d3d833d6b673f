import { Packr } from 'msgpackr';
import type { FootfallEvent } from '../events/event.ts';
import { HOUR_MS, type Month } from '../time.ts';
import type { Sums } from './deltas.ts';

/** Plain MessagePack; maps stay Maps, since event names such as `constructor` are no safe object keys. */
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** Ids of a user's events are remembered at least this long after they were received. */
export const DEDUPE_WINDOW_MS = 72 * HOUR_MS;
/** At most so many ids a generation; more within one window ends the generation early. */
export const MAX_IDS = 10_000;
/** At most so many interactions are kept in the timeline for each user and month; all are counted. */
export const MAX_TIMELINE_ENTRIES = 10_000;

/**
 * What is known of one user of one site. Order-independent: the same events give the same state in any order,
 * but for the remembered ids.
 */
export interface UserState {
  /** ts of the earliest event; Infinity before the first one. */
  first: number;
  /** ts of the latest event; -Infinity before the first one. */
  last: number;
  /** ts of the earliest event with the shop's own user id; Infinity when none. */
  firstKnown: number;
  /** By counter as in counters.ts: events by name, money in minor units by currency. */
  sums: Sums;
  /** Timeline entries kept by month. */
  months: Map<Month, number>;
  ids: RecentIds;
}

/**
 * Two generations of hashed event ids: `current` grows until it is a window old or full, then becomes
 * `previous`. An id is thus remembered for one to two windows, in 8 bytes.
 */
export interface RecentIds {
  /** received of the event that began the current generation, ms. */
  since: number;
  current: Float64Array;
  previous: Float64Array;
  /** Hashes of the current generation that are not in `current` yet. */
  added: number[];
}

const NO_IDS = new Float64Array();

export function newUserState(): UserState {
  return {
    first: Infinity,
    last: -Infinity,
    firstKnown: Infinity,
    sums: new Map(),
    months: new Map(),
    ids: { since: 0, current: NO_IDS, previous: NO_IDS, added: [] },
  };
}

/** Remembers an event's id. Returns false when it was there: the event is a duplicate. */
export function remember(ids: RecentIds, event: Pick<FootfallEvent, 'id' | 'received'>): boolean {
  const hash = hash53(event.id);
  if (ids.added.includes(hash) || ids.current.includes(hash) || ids.previous.includes(hash)) return false;
  const size = ids.current.length + ids.added.length;
  if (size === 0) {
    ids.since = event.received;
  } else if (event.received - ids.since >= DEDUPE_WINDOW_MS || size >= MAX_IDS) {
    ids.previous = joined(ids);
    ids.current = NO_IDS;
    ids.added = [];
    ids.since = event.received;
  }
  ids.added.push(hash);
  return true;
}

function joined({ current, added }: RecentIds): Float64Array {
  if (added.length === 0) return current;
  const all = new Float64Array(current.length + added.length);
  all.set(current);
  all.set(added, current.length);
  return all;
}

/**
 * A 53-bit hash of a text (cyrb53, public domain). Two different ids of one user that are both remembered
 * agree with probability 1.1e-16, so a user with 10,000 ids loses an event to chance once in 10^12.
 */
function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}

const STATE_FORMAT = 1;

const bytesOf = (ids: Float64Array) => Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);

/** Copies: a Float64Array must begin at a multiple of 8 bytes, a slice of a message need not. */
const idsOf = (bytes: Buffer) =>
  bytes.length === 0
    ? NO_IDS
    : new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer);

export function packUserState({ first, last, firstKnown, sums, months, ids }: UserState): Buffer {
  const known = firstKnown === Infinity ? null : firstKnown;
  const counted = [...months].flat();
  const fields = [STATE_FORMAT, first, last, known, sums, counted, ids.since];
  return packr.pack([...fields, bytesOf(joined(ids)), bytesOf(ids.previous)]) as Buffer;
}

/** @throws Error on a format that this code does not know: a rebuild is needed, guessing would miscount. */
export function unpackUserState(bytes: Buffer): UserState {
  const fields = packr.unpack(bytes);
  if (fields[0] !== STATE_FORMAT) throw new Error(`Unknown user state format ${String(fields[0])}.`);
  const [, first, last, known, sums, counted, since, current, previous] = fields;
  const months = new Map<Month, number>();
  for (let i = 0; i < counted.length; i += 2) months.set(counted[i], counted[i + 1]);
  const ids = { since, current: idsOf(current), previous: idsOf(previous), added: [] };
  return { first, last, firstKnown: known ?? Infinity, sums, months, ids };
}
