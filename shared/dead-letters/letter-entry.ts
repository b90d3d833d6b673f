import type { DeadLetterReason } from '../event/outcome.ts';
import type { Action, ActionKind, readLetterRecord } from './letter-record.ts';

/**
 * The index entry of a dead letter. Pure: entries are computed from the records of the dead-letter topic, in
 * order. The same records give the same entries, in one batch or in several.
 */

/** `replaying`: the replay is recorded, but not yet that it was published. */
export const STATUSES = ['open', 'replaying', 'replayed', 'discarded'] as const;
export type LetterStatus = (typeof STATUSES)[number];

/** Holds no personal data; that is in the topic alone. */
export interface LetterEntry {
  status: LetterStatus;
  reason: DeadLetterReason;
  /** Human-readable. */
  detail: string;
  /** Timestamp of the rejected record, ms. */
  at: number;
  /** Site that the record names; it need not exist. */
  site?: string | undefined;
  /** Name of the event. */
  name?: string | undefined;
  /** When `collect` received the event, ms. */
  received?: number | undefined;
  /** Where the topic holds the letter; of several copies, the last. */
  place: Place;
  /** Where the topic holds the record to publish; set while the letter is `replaying`. */
  intent?: Place | undefined;
  /** Letter whose replay became this one. */
  replays?: string | undefined;
  /** Letter that this one's replay became. */
  became?: string | undefined;
  /** The latest actions on the letter, oldest first. */
  actions: Pick<Action, 'action' | 'at' | 'by' | 'note'>[];
}

/** A place in the dead-letter topic. Offset -1: Kafka has deleted the record. */
export interface Place {
  partition: number;
  offset: number;
}

/** Actions kept for each letter. Only a letter that is replayed over and over has more. */
const MAX_ACTIONS = 20;

/** LetterEntries by letter key. */
export type LetterEntries = Map<string, LetterEntry>;

/** The letters whose entries a record reads or changes. */
export function lettersIn(read: ReturnType<typeof readLetterRecord>): string[] {
  if (!read) return [];
  if (read.action) return [read.action.letter];
  const { letter, claims } = read.letter;
  return claims.replays === undefined ? [letter] : [letter, claims.replays];
}

/**
 * Applies a record of the topic to the entries.
 * @param entries must hold the existing entries of {@link lettersIn}. Changed entries are replaced, not
 *   mutated, so the caller can compare old and new.
 */
export function take(entries: LetterEntries, read: ReturnType<typeof readLetterRecord>, place: Place): void {
  if (!read) return;
  if (read.action) takeAction(entries, read.action, place);
  else takeLetter(entries, read.letter, place);
}

function takeLetter(
  entries: LetterEntries,
  {
    letter,
    reason,
    detail,
    at,
    claims,
  }: NonNullable<NonNullable<ReturnType<typeof readLetterRecord>>['letter']>,
  place: Place,
): void {
  const known = entries.get(letter);
  // The same record again: after a crash, or while Redis is refilled. Another timestamp means that the topic
  // was deleted and created again.
  if (known?.at === at) {
    entries.set(letter, { ...known, detail: known.detail || detail, place });
    return;
  }
  const { site, name, received, replays } = claims;
  entries.set(letter, {
    ...{ status: 'open', reason, detail, at, site, name, received, place, replays, actions: [] },
  });
  const before = replays === undefined ? undefined : entries.get(replays);
  if (before) entries.set(replays!, { ...before, became: letter });
}

/** The status after each action, by the status before it. Combinations that are missing change nothing. */
const BECOMES: Record<ActionKind, Partial<Record<LetterStatus, LetterStatus>>> = {
  replay: { open: 'replaying', discarded: 'replaying' },
  done: { replaying: 'replayed' },
  discard: { open: 'discarded' },
};

function takeAction(
  entries: LetterEntries,
  { letter, action, at, by, note, reason, timestamp, site }: Action,
  place: Place,
): void {
  const known: LetterEntry =
    entries.get(letter) ??
    // Kafka has deleted the letter, but still has the later record of the action.
    ({
      status: 'open',
      reason,
      detail: '',
      at: timestamp,
      site,
      place: { ...place, offset: -1 },
      actions: [],
    } as LetterEntry);
  const status = BECOMES[action][known.status];
  if (status === undefined) return;
  const done = { action, at, by, ...(note !== undefined && { note }) };
  entries.set(letter, {
    ...known,
    status,
    intent: status === 'replaying' ? place : undefined,
    actions: [...known.actions, done].slice(-MAX_ACTIONS),
  });
}
