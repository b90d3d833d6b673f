import { applyPatch, Pointer } from 'rfc6902';
import * as z from 'zod';
import { decode, usersOf } from '../event/decode.ts';
import { EVENT_VERSION, type FootfallEvent } from '../event/event.ts';
import type { InvalidEvent } from '../event/invalid.ts';
import { partitionOf } from '../event/partition.ts';
import { FIRST_INSTANT, LAST_INSTANT } from '../event/timestamps.ts';
import { reread } from '../intake/reread.ts';
import { HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import type { Sites } from '../sites/site.ts';
import type { Replay } from './letter-writer.ts';
import { invalidOf } from './people-named.ts';

/** Turns the content of a letter into an event that can be counted. */

/** Larger than any valid event; with its headers, it still fits into a request to the brokers. */
const MAX_BYTES = 900_000;

const path = z
  .string()
  .max(2_000)
  // No character fits two parts of the pattern: it would be tried in every combination.
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/s, 'a JSON pointer (RFC 6901)');

/** Any value, since it was read from JSON. A recursive schema would say no more, and generators of clients fail on it. */
export const jsonValue = z.unknown().meta({ description: 'Any JSON value' });

/** RFC 6902, section 4. The schemas have names, which generated clients use. */
const operation = z.discriminatedUnion('op', [
  z
    .strictObject({ op: z.enum(['add', 'replace', 'test']), path, value: jsonValue })
    .meta({ id: 'PatchValue' }),
  z.strictObject({ op: z.literal('remove'), path }).meta({ id: 'PatchRemoval' }),
  z.strictObject({ op: z.enum(['move', 'copy']), path, from: path }).meta({ id: 'PatchMove' }),
]);

export const patchSchema = z.array(operation).max(100);
export type Patch = z.infer<typeof patchSchema>;

/** Changes to a letter before its replay: a patch, a whole new event, or neither. */
export interface Revision {
  patch?: Patch | undefined;
  /** Replaces what the letter holds. */
  event?: Record<string, unknown> | undefined;
}

export type PreparedReplay =
  | { replay: Replay; event: FootfallEvent; refusal?: never }
  | { refusal: { code: string; message: string; path?: string }; replay?: never };

/**
 * Computes what to publish for a letter, or why it cannot be counted. The event keeps its id unless the
 * revision changes it, so aggregate recognizes an event that the client has sent again in the meantime.
 * @param value what the letter holds.
 */
export function prepareReplay(
  letter: string,
  value: Buffer,
  { patch, event }: Revision,
  { sites, partitions }: { sites: Sites; partitions: number },
): PreparedReplay {
  const invalid = invalidOf(parsed(value));
  // A canonical event may replace what was not understood, like any letter.
  if (invalid && event?.v !== EVENT_VERSION) {
    return prepareInvalid(letter, event ?? invalid.invalid.event, { patch, invalid, sites, partitions });
  }
  const held = parsed(value);
  const original = event ?? held;
  if (original === undefined) {
    return refused('not_json', 'The value is not JSON: send the whole event as `event` instead.');
  }
  // `origin` marks a record that one shard sent to another, and may come with `visitor` or `returned`. The receiver
  // has already noted its arrival and waits for no other.
  const {
    origin: _,
    visitor: __,
    returned: ___,
    replays: ____,
    ...rest
  } = Object(original) as Record<string, unknown>;
  const changed = patched(Array.isArray(original) ? original : rest, patch ?? []);
  if ('refusal' in changed) return changed;
  const candidate = changed.document as Record<string, unknown> | null;
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) {
    return refused('not_an_event', 'The value is not a JSON object.');
  }
  for (const internal of ['origin', 'visitor', 'returned', 'joins', 'order', 'erases', 'replays']) {
    if (internal in candidate) {
      return refused('not_replayable', `${internal} is reserved for records that shards send to each other.`);
    }
  }
  const misplaced = findReceivedProblem(candidate.received, Object(held) as Record<string, unknown>);
  if (misplaced !== undefined) return refused('not_replayable', misplaced);
  return checked({ ...candidate, replays: letter }, { sites, partitions });
}

/**
 * A letter that was not understood: the patch applies to the event in its own format, which is then read like a new one.
 * It keeps the time of its receipt.
 */
function prepareInvalid(
  letter: string,
  raw: unknown,
  {
    patch,
    invalid,
    sites,
    partitions,
  }: { patch: Patch | undefined; invalid: InvalidEvent; sites: Sites; partitions: number },
): PreparedReplay {
  const site = sites.get(invalid.site);
  if (!site) return refused('unknown_site', 'No site has this id.');
  const changed = patched(raw, patch ?? []);
  if ('refusal' in changed) return changed;
  const read = reread(changed.document, invalid, site);
  if ('event' in read) return checked({ ...read.event, replays: letter }, { sites, partitions });
  const { path, message } = read;
  return { refusal: { code: 'invalid', message: path === '' ? message : `${path}: ${message}`, path } };
}

/** Tolerance for clocks that differ, ms. */
const MAX_AHEAD_MS = 10 * MINUTE_MS;

/**
 * A replay changes what happened, not when it was received: lateness, retention, remembered ids and the freshness of
 * answers are measured by that time.
 */
function findReceivedProblem(
  received: unknown,
  { received: before }: Record<string, unknown>,
): string | undefined {
  if (isInstant(before)) {
    return received === before ? undefined : `received must stay ${before}, when the record was received.`;
  }
  // What the letter holds does not say it, so the caller does.
  return isInstant(received) && received > Date.now() + MAX_AHEAD_MS
    ? 'received must not be in the future.'
    : undefined;
}

const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= FIRST_INSTANT && value <= LAST_INSTANT;

function checked(
  candidate: Record<string, unknown>,
  { sites, partitions }: { sites: Sites; partitions: number },
): PreparedReplay {
  const { site, user } = candidate;
  const key = userKey({ site: String(site), user: String(user) });
  const record = {
    topic: '',
    partition: partitionOf(key, partitions),
    offset: 0,
    timestamp: 0,
    key: Buffer.from(key).toString('base64'),
    value: Buffer.from(JSON.stringify(candidate)).toString('base64'),
  };
  const decoded = decode(record, usersOf([record], partitions), sites);
  if (!decoded.event) return refused(decoded.reason, decoded.detail);
  const { event } = decoded;
  if (event.received - event.ts > decoded.site.retention_days * 24 * HOUR_MS) {
    const message = `The event is older than the site's retention (${decoded.site.retention_days} days): raise retention_days first.`;
    return refused('beyond_retention', message);
  }
  const bytes = Buffer.from(JSON.stringify(event));
  if (bytes.length > MAX_BYTES) {
    return refused('too_large', `The event has more than ${MAX_BYTES} bytes.`);
  }
  return { replay: { key, value: bytes }, event };
}

const refused = (code: string, message: string): PreparedReplay & { refusal: object } => ({
  refusal: { code, message },
});

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Applies all operations or none (RFC 6902, section 5). */
function patched(
  document: unknown,
  patch: Patch,
): { document: unknown } | (PreparedReplay & { refusal: object }) {
  // Wrapped in an object, so that an operation can replace the whole document.
  const holder = { it: structuredClone(document) };
  // At most the length that the document has now. Measuring it after each operation would cost as much as a request
  // may send, times the operations.
  let length = lengthOf(document);
  for (const [i, one] of patch.entries()) {
    const added = addedBy(one, holder.it);
    if (added === undefined || !applies(one, holder)) return refused('bad_patch', failureOf(i, one));
    if (!('it' in holder)) return refused('bad_patch', `patch[${i}] removes the whole event.`);
    length += added;
    if (length > 2 * MAX_BYTES) length = lengthOf(holder.it);
    // Copies of copies double in size with each operation.
    if (length > 2 * MAX_BYTES) {
      return refused('too_large', `patch[${i}] grows the event beyond ${2 * MAX_BYTES} bytes.`);
    }
  }
  return { document: holder.it };
}

const lengthOf = (value: unknown) => JSON.stringify(value)?.length ?? 0;

/**
 * By how much an operation lengthens the document at most.
 * @returns undefined when it names a place in an array that no array has: `/items/length`, `/items/01`.
 */
function addedBy(one: Patch[number], document: unknown): number | undefined {
  const mayAppend = one.op === 'add' || one.op === 'move' || one.op === 'copy';
  if (!namesPlaces(one.path, document, mayAppend)) return undefined;
  if ('from' in one && !namesPlaces(one.from, document, false)) return undefined;
  // The name or the comma that comes with a value.
  const more = one.path.length + 4;
  if (one.op === 'add' || one.op === 'replace') return lengthOf(one.value) + more;
  if (one.op === 'copy') return lengthOf(Pointer.fromJSON(one.from).get(document)) + more;
  return one.op === 'move' ? more : 0;
}

/**
 * Whether each token that stands for a place in an array is its number, or at the end `-` (RFC 6901, section 4).
 * Other names are properties of JavaScript's arrays: writing `length` would make or cut any number of entries.
 */
function namesPlaces(pointer: string, document: unknown, mayAppend: boolean): boolean {
  const { tokens } = Pointer.fromJSON(pointer);
  let value = document;
  return tokens.slice(1).every((token, i, { length }) => {
    const isPlace =
      !Array.isArray(value) ||
      /^(?:0|[1-9]\d{0,9})$/.test(token) ||
      (token === '-' && mayAppend && i === length - 1);
    value = isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
    return isPlace;
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Applies an operation to `holder.it`, or leaves it as it is. */
function applies(one: Patch[number], holder: { it: unknown }): boolean {
  try {
    const path = `/it${one.path}`;
    // The library compares by looking for the smallest difference, in time and memory of one list times the other.
    if (one.op === 'test') return isSame(Pointer.fromJSON(path).get(holder), one.value);
    const under = 'from' in one ? { ...one, path, from: `/it${one.from}` } : { ...one, path };
    return applyPatch(holder, [under])[0] === null;
  } catch {
    return false;
  }
}

/** Whether two values of JSON are equal (RFC 6902, section 4.6). */
function isSame(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

const failureOf = (i: number, { op, path }: Patch[number]) =>
  op === 'test'
    ? `patch[${i}]: the value at ${JSON.stringify(path)} differs.`
    : `patch[${i}]: ${op} fails at ${JSON.stringify(path)}.`;
