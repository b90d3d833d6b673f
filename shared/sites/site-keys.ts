import { hash, randomInt } from 'node:crypto';
import * as z from 'zod';

/**
 * A write key is public and only sends. A read key is secret and only reads. An admin key changes its site.
 */
export const KEY_KINDS = ['write', 'read', 'admin'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** A key as stored: the key itself cannot be recovered from it. */
export const siteKeySchema = z.object({
  /** Identifies the key within its site; not secret. */
  id: z.string(),
  kind: z.enum(KEY_KINDS),
  /** For people, such as who has the key. */
  name: z.string().optional(),
  /** SHA-256 of the key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The last characters of the key, to tell it from others in a list. */
  hint: z.string(),
  created_at: z.iso.datetime(),
  /** When the key stops working; absent: never. */
  expires_at: z.iso.datetime().optional(),
  /** The end that the key was made with. A key that replaces it has the same end. */
  planned_end: z.iso.datetime().optional(),
});
export type SiteKey = z.infer<typeof siteKeySchema>;

/** What a key may be made with. */
export interface KeyOptions {
  name?: string | undefined;
  /** When it stops working, ms since the epoch; undefined: never. */
  expiresAt?: number | undefined;
}

/** A new key in clear, to be shown once, and its stored form. */
export interface NewKey {
  text: string;
  key: SiteKey;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 24 of 62 letters are 142 bits of randomness, so a plain SHA-256 cannot be brute-forced. */
const KEY_LETTERS = 24;
const ID_LETTERS = 12;

/** SHA-256 of a key, hex. Nothing else of the key is stored. */
export const keyHash = (key: string): string => hash('sha256', key, 'hex');

/**
 * Creates a random key.
 * @param now ms since the epoch.
 * @example newKey('write', Date.now()).text // 'ffw_…', 24 letters and digits after the prefix; 'ffr_…'
 *   reads, 'ffa_…' administers
 */
export function newKey(kind: KeyKind, now: number, { name, expiresAt }: KeyOptions = {}): NewKey {
  const text = `ff${kind[0]}_${randomLetters(KEY_LETTERS)}`;
  const end = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString();
  const key = {
    ...storedKey(kind, text, now),
    ...(name !== undefined && { name }),
    ...(end !== undefined && { expires_at: end, planned_end: end }),
  };
  return { text, key };
}

/** The stored form of a given key. @param now ms since the epoch. */
export function storedKey(kind: KeyKind, text: string, now: number): SiteKey {
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
