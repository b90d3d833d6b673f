import { type InvalidEvent, readInvalid } from '../event/invalid.ts';

/** A person whom a letter names, and the times by which an erasure covers what it says of them. */
export interface NamedPerson {
  site: string;
  user: string;
  /** ms */
  ts: number;
  /** ms */
  received: number;
}

/**
 * Fields that hold the id of a person: of the canonical event, of what shards tell each other, and of the formats in
 * which events come. Their values are ids, or lists of ids.
 */
const PERSON_FIELDS: ReadonlySet<string> = new Set([
  ...['user', 'identifies', 'visitor', 'returned', 'by', 'people'],
  ...['user_id', 'anonymous_id', 'userId', 'anonymousId', 'previousId', 'from', 'to'],
  ...['client_id', 'app_instance_id', 'uid', 'cid'],
]);

/** gtag.js sends parameters and user properties under these prefixes. */
const HIT_PREFIX = /^(?:ep|epn|up|upn)\./;

/**
 * The most ids that a letter is asked about. Letters come from public keys: asking for tens of thousands of people in
 * each would stop the function.
 */
const MAX_PEOPLE = 300;

/** The longest id of a person, in characters. */
const MAX_ID_LENGTH = 256;

/**
 * Everyone whom a record of the events topic names, in whatever field. A letter that names an erased person is neither
 * shown nor replayed.
 * @param key of the record, `site:user`
 * @returns each person once for each site; empty when neither value nor key names a site. Undefined: more than 300 ids,
 *   which counts as erased.
 */
export function peopleNamed(value: Buffer, key = ''): NamedPerson[] | undefined {
  const record = parsed(value);
  const { site, ts, received } = Object(record) as Record<string, unknown>;
  // Only its receipt is known of an event that was not understood.
  const happened = invalidOf(record) ? received : ts;
  const times = { ts: timeOf(happened), received: timeOf(received) };
  const [ofKey, userOfKey] = halvesOf(key);
  const sites = new Set([textOf(site), ofKey].filter((one) => one !== undefined));
  const users = idsIn(record);
  if (users.size > MAX_PEOPLE) return undefined;
  if (userOfKey !== undefined) users.add(userOfKey);
  return [...sites].flatMap((of) => [...users].map((user) => ({ site: of, user, ...times })));
}

function halvesOf(key: string): [site?: string, user?: string] {
  const colon = key.indexOf(':');
  return colon > 0 ? [key.slice(0, colon), key.slice(colon + 1)] : [];
}

/** What a letter with the reason `invalid` holds; undefined for other letters. */
export function invalidOf(record: unknown): InvalidEvent | undefined {
  if (typeof record !== 'object' || record === null || !('invalid' in record)) return undefined;
  const read = readInvalid(record as Record<string, unknown>);
  return typeof read === 'string' ? undefined : read;
}

/** Ids of persons at any depth. A loop, since a record may nest deeper than the stack is high. */
function idsIn(record: unknown): Set<string> {
  const ids = new Set<string>();
  const waiting: unknown[] = [record];
  while (waiting.length > 0 && ids.size <= MAX_PEOPLE) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [field, one] of Object.entries(value)) {
      waiting.push(one);
      if (!PERSON_FIELDS.has(field.replace(HIT_PREFIX, ''))) continue;
      for (const id of Array.isArray(one) ? one : [one]) {
        const text = textOf(id);
        if (text !== undefined) ids.add(text);
      }
    }
  }
  return ids;
}

/** An id as a text. Some shops have numbers. */
function textOf(id: unknown): string | undefined {
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && text.length <= MAX_ID_LENGTH && text.isWellFormed() ? text : undefined;
}

/** Without a time, what a record says counts as old: erased is the safe answer. */
const timeOf = (value: unknown) => (typeof value === 'number' ? value : 0);

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
