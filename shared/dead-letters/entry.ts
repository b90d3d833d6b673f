import type { DeadLetterReason } from '../event/outcome.ts';
import type { Action, ActionKind, readLetterRecord } from './record.ts';

/**
 * What is known of a dead letter: pure, made of the records of the topic of dead letters in their order. The same
 * records make the same entries, in one go or in several.
 */

/** - `replaying`: what it is replayed as is stored, and whether it was published is not known yet. */
export const STATUSES = ['open', 'replaying', 'replayed', 'discarded'] as const;
export type Status = (typeof STATUSES)[number];

/** Without anything of a person: that is in the topic alone. */
export interface Entry {
  status: Status;
  reason: DeadLetterReason;
  /** For people. */
  detail: string;
  /** Timestamp of the refused record, ms. */
  at: number;
  /** That it says it is of, whether there is one or not. */
  site?: string | undefined;
  /** Of the event. */
  name?: string | undefined;
  /** Of the event, ms. */
  received?: number | undefined;
  /** Where the letter is in its topic, the last time that it was published. */
  place: Place;
  /** What it is replayed as; there while it is `replaying`. */
  intent?: Place | undefined;
  /** The letter of whose replay this one came. */
  replays?: string | undefined;
  /** The letter that came of this one's replay. */
  became?: string | undefined;
  /** The latest of what was done with it, the first one first. */
  actions: Pick<Action, 'action' | 'at' | 'by' | 'note'>[];
}

/** In the topic of dead letters. An offset of -1: Kafka has it no more. */
export interface Place {
  partition: number;
  offset: number;
}

/** More would come only of letters that are replayed over and over. */
const MAX_ACTIONS = 20;

/** By letter. */
export type Entries = Map<string, Entry>;

/** The letters of which a record has something to say. */
export function lettersIn(read: ReturnType<typeof readLetterRecord>): string[] {
  if (!read) return [];
  if (read.action) return [read.action.letter];
  const { letter, claims } = read.letter;
  return claims.replays === undefined ? [letter] : [letter, claims.replays];
}

/**
 * Takes a record of the topic into the entries.
 * @param entries with those of {@link lettersIn} that there are; changed ones are replaced, so that the former can
 *   still be compared.
 */
export function take(entries: Entries, read: ReturnType<typeof readLetterRecord>, place: Place): void {
  if (!read) return;
  if (read.action) takeAction(entries, read.action, place);
  else takeLetter(entries, read.letter, place);
}

function takeLetter(
  entries: Entries,
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
  // The same record twice: a crash, or Redis was filled anew. One at another time is of a topic that was made anew.
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

/** What each action makes of a letter, by what it was. What is not said changes nothing. */
const BECOMES: Record<ActionKind, Partial<Record<Status, Status>>> = {
  replay: { open: 'replaying', discarded: 'replaying' },
  done: { replaying: 'replayed' },
  discard: { open: 'discarded' },
};

function takeAction(
  entries: Entries,
  { letter, action, at, by, note, reason, timestamp, site }: Action,
  place: Place,
): void {
  const known: Entry =
    entries.get(letter) ??
    // Kafka has deleted the letter, and keeps what was done with it a little longer.
    ({
      status: 'open',
      reason,
      detail: '',
      at: timestamp,
      site,
      place: { ...place, offset: -1 },
      actions: [],
    } as Entry);
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
