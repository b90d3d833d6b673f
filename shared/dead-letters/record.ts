import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../event/outcome.ts';
import { FIRST_INSTANT, LAST_INSTANT } from '../event/timestamps.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';

/**
 * What the topic of dead letters holds, all of a letter under its key, `topic-partition-offset` of the record that was
 * refused, and so in one partition and in order: the letter, once or more (whoever publishes it may die before that is
 * noted), and then what was done with it.
 */

/** What was done with a letter. A `replay` is what is going to be published; `done` says that it was. */
export const ACTIONS = ['replay', 'done', 'discard'] as const;
export type ActionKind = (typeof ACTIONS)[number];

/** A refused record, as its letter tells of it. */
export interface Letter {
  letter: string;
  reason: DeadLetterReason;
  /** For people. */
  detail: string;
  /** Timestamp of the refused record, ms. */
  at: number;
  claims: Claims;
}

export interface Action {
  letter: string;
  action: ActionKind;
  /** ms */
  at: number;
  /** `installation`, `site:<id>` or `sweep`; never a key. */
  by: string;
  note?: string | undefined;
  /** Of the letter, so that what is left to do is known when Kafka has deleted the letter itself. */
  reason: DeadLetterReason;
  timestamp: number;
  site?: string | undefined;
}

/** What a value says of itself; nobody has checked it. */
export interface Claims {
  site?: string;
  /** Of the event. */
  name?: string;
  /** ms */
  received?: number;
  /** The letter of which it is a replay. */
  replays?: string;
}

const LETTER_KEY = /^[A-Za-z0-9._-]{1,249}-\d{1,19}-\d{1,19}$/;

export const isLetterKey = (text: string): boolean => LETTER_KEY.test(text);

export const letterKeyOf = ({
  topic,
  partition,
  offset,
}: Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>) => `${topic}-${partition}-${offset}`;

const isInstant = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= FIRST_INSTANT && (value as number) <= LAST_INSTANT;

const isShort = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max && value.isWellFormed();

/** What a refused value says of itself, as far as that can be read. */
export function claimsOf(value: Buffer): Claims {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value.toString('utf8'));
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  const { site, name, received, replays } = parsed as Record<string, unknown>;
  return {
    ...(isShort(site, 64) && { site }),
    ...(isShort(name, 64) && { name }),
    ...(isInstant(received) && { received }),
    ...(isShort(replays, 300) && isLetterKey(replays) && { replays }),
  };
}

/** A record of the topic: a letter, an action, or undefined for what is neither. */
export function readLetterRecord({
  key = '',
  value = '',
  headers,
}: Pick<KafkaRecord, 'key' | 'value'> & { headers: Readonly<Record<string, string>> }):
  | { letter: Letter; action?: never }
  | { action: Action; letter?: never }
  | undefined {
  const letter = Buffer.from(key, 'base64').toString('utf8');
  const { reason, detail = '', action, timestamp, at, by = '', note, site } = headers;
  const refusedAt = Number(timestamp);
  if (!isLetterKey(letter) || !isOneOf(DEAD_LETTER_REASONS, reason) || !isInstant(refusedAt))
    return undefined;
  if (action === undefined) {
    const claims = claimsOf(Buffer.from(value, 'base64'));
    return { letter: { letter, reason, detail, at: Math.max(0, refusedAt), claims } };
  }
  if (!isOneOf(ACTIONS, action) || !isInstant(Number(at))) return undefined;
  return {
    action: { letter, action, at: Number(at), by, note, reason, timestamp: Math.max(0, refusedAt), site },
  };
}

const isOneOf = <T extends string>(all: readonly T[], text: string | undefined): text is T =>
  all.includes(text as T);
