import { createHash } from 'node:crypto';
import { isPersonlessUser } from '../../event/personless.ts';

/** What programs write where a value is missing. In small letters. */
const MISSING = [
  'undefined',
  'null',
  '(null)',
  'nil',
  'nan',
  'none',
  '(none)',
  'n/a',
  'unknown',
  'not set',
  '(not set)',
  'not_set',
  '(not provided)',
  'empty',
  '(empty)',
  '-',
  'array',
  '<nil>',
  '<null>',
  '<none>',
  '<no value>',
  '00000000-0000-0000-0000-000000000000',
];

/** What programs write for a visitor who is not signed in, and names of fields that were never filled in. */
const NO_PERSON = [
  '0',
  '0.0',
  '-1',
  'anonymous_user',
  'anonymous user',
  'guest_user',
  'logged_out',
  'not logged in',
  'anonymous',
  'anon',
  'guest',
  'not_authenticated',
  'distinct_id',
  'distinctid',
  'user_id',
  'userid',
  'id',
  'email',
  'true',
  'false',
];

const missing: ReadonlySet<string> = new Set(MISSING);
/** Shops hash email addresses, also one that is missing. */
const hashes = ['', ...MISSING].flatMap((word) =>
  ['md5', 'sha1', 'sha256'].map((algorithm) => createHash(algorithm).update(word).digest('hex')),
);
const noPerson: ReadonlySet<string> = new Set([...MISSING, ...NO_PERSON, ...hashes]);

/**
 * Templates that were never filled in (`{{ customer.id }}`, `${user.id}`, `%user_id%`, `[[user]]`), objects as text
 * (`[object Promise]`, `#<User:0x00>`), what Go writes for a wrong value (`%!s(<nil>)`), and repeated words.
 */
const PATTERN =
  /^(?:\{\{.*\}\}|\$\{.*\}|%[a-z_.]+%|\[\[.*\]\]|\[object \w+\]|#<.*>|<[\w.]+ object at 0x\w+>|%!\w\(.*\)|(?:undefined|null|none|nan)(?:[ _-](?:undefined|null|none|nan))+)$/;

/** More than the longest placeholder in quotes. */
const MAX_LENGTH = 100;

/** The text to look up: without the quotes of a value that was made JSON twice. Undefined: no placeholder. */
function keyOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  if (text.length > MAX_LENGTH) return undefined;
  const isQuoted = text.startsWith('"') || text.startsWith("'");
  return (isQuoted ? text.replace(/^(["'])(.*)\1$/, '$2') : text).toLowerCase();
}

const isIn = (words: ReadonlySet<string>, value: unknown): boolean => {
  const key = keyOf(value);
  return key !== undefined && (key === '' || words.has(key) || PATTERN.test(key));
};

/**
 * Whether an id names no person: `undefined`, `0`, `guest`, the nil UUID … It would make all such visitors one. Names of
 * events without a person are reserved.
 */
export const isNoPerson = (id: unknown): boolean =>
  isIn(noPerson, id) || (typeof id === 'string' && isPersonlessUser(id));

/** Whether the id of an order or a visit is a placeholder. It would make all such orders or visits one. */
export const isNoOrder = (id: unknown): boolean => isIn(missing, id) || keyOf(id) === '0';

/** Whether an event's id is a placeholder. A shop may number its events from 0. */
export const isNoId = (id: unknown): boolean => isIn(missing, id);

/** Whether a user agent says that it is not known. */
export const isNoUserAgent = (text: unknown): boolean => isIn(missing, text);
