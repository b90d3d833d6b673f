import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../event/outcome.ts';
import { FIRST_INSTANT, LAST_INSTANT } from '../event/timestamps.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';

/**
 * Records of the dead-letter topic. All records of a letter have the same key, `topic-partition-offset` of
 * the rejected record, so they are in one partition and in order: first the letter, possibly more than once
 * (aggregate may crash between publishing it and committing), then the actions on it.
 */

/** Actions on a letter. `replay` announces what will be published; `done` confirms that it was. */
export const ACTIONS = ['replay', 'done', 'discard'] as const;
export type ActionKind = (typeof ACTIONS)[number];

/** A rejected record, as its letter describes it. */
export interface Letter {
  letter: string;
  reason: DeadLetterReason;
  /** Human-readable. */
  detail: string;
  /** Timestamp of the rejected record, ms. */
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
  /** Copied from the letter, so that an action can be finished after Kafka has deleted the letter. */
  reason: DeadLetterReason;
  timestamp: number;
  site?: string | undefined;
}

/** What a rejected value says about itself; unchecked. */
export interface Claims {
  site?: string;
  /** Name of the event. */
  name?: string;
  /** ms */
  received?: number;
  /** Letter whose replay it is. */
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

/** Reads what a rejected value says about itself, as far as it can be parsed. */
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

/** Parses a record of the topic; undefined when it is neither a letter nor an action. */
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
