import { createHash, randomInt } from 'node:crypto';
import { z } from 'zod';

/** A write key is public and may only send, a read key is secret and may only read, an admin key changes its site. */
export const KEY_KINDS = ['write', 'read', 'admin'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** A key as it is kept: nobody can make the key of it again. */
export const siteKeySchema = z.object({
  /** Names it among the keys of its site; no secret. */
  id: z.string(),
  kind: z.enum(KEY_KINDS),
  /** SHA-256 of the key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Its last characters, by which people tell it from others. */
  hint: z.string(),
  created_at: z.iso.datetime(),
  /** From then on it is no key any more; absent: for good. */
  expires_at: z.iso.datetime().optional(),
});
export type SiteKey = z.infer<typeof siteKeySchema>;

/** A key in clear, which is shown once, and how it is kept. */
export interface NewKey {
  text: string;
  key: SiteKey;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Of 62 letters each: 142 bits. Keys are as good as random, so their plain SHA-256 can't be searched for. */
const KEY_LETTERS = 24;
const ID_LETTERS = 12;

/** SHA-256 of a key, hex: all that is kept of one. */
export const keyHash = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Makes a key: `ffw_…`, `ffr_…`, `ffa_…`. @param now ms since the epoch. */
export function newKey(kind: KeyKind, now: number): NewKey {
  const text = `ff${kind[0]}_${randomLetters(KEY_LETTERS)}`;
  return { text, key: keptKey(kind, text, now) };
}

/** A key that somebody has chosen, as it is kept. @param now ms since the epoch. */
export function keptKey(kind: KeyKind, text: string, now: number): SiteKey {
  return {
    id: randomLetters(ID_LETTERS),
    kind,
    hash: keyHash(text),
    hint: text.slice(-4),
    created_at: new Date(now).toISOString(),
  };
}

/** @param now ms since the epoch. */
export const isExpired = ({ expires_at }: SiteKey, now: number): boolean =>
  expires_at !== undefined && Date.parse(expires_at) <= now;

const randomLetters = (count: number) =>
  Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
