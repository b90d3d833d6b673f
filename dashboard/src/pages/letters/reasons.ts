import type { Schemas } from '../../api/types.ts';

export type LetterShown = Schemas['DeadLetter'];
export type ListedLetter = Schemas['DeadLetters']['letters'][number];
export type Reason = ListedLetter['reason'];
export type Status = ListedLetter['status'];

/** Why a record could not be counted: a name, a sentence, and what to do. */
export const REASONS: Record<Reason, { label: string; text: string; advice: string }> = {
  invalid: {
    label: 'Not understood',
    text: 'The event came with a valid key, but something in it cannot be read.',
    advice: 'Correct the fields below and replay. Tell the shop, so that the next ones are right.',
  },
  too_late: {
    label: 'Too late',
    text: 'The event is older than the site takes late events for.',
    advice:
      'If its time is right, add backfill = true: it then counts on its own day. If it is wrong, correct ts.',
  },
  unknown_site: {
    label: 'Unknown site',
    text: 'There is no site with this id.',
    advice: 'Create the site, or correct site, then replay.',
  },
  wrong_key: {
    label: 'Wrong Kafka key',
    text: 'The key of the record is not site:user of its event.',
    advice: 'A program writes to Kafka itself. Replay: the key is then made from the event.',
  },
  wrong_partition: {
    label: 'Wrong partition',
    text: 'The record lies in another partition than its key belongs to.',
    advice: 'A program writes to Kafka itself. Replay: the record then goes to its partition.',
  },
  not_json: {
    label: 'Not JSON',
    text: 'The value of the record is not JSON.',
    advice: 'Write the whole event as JSON below, or discard the letter.',
  },
  not_an_event: {
    label: 'Not an event',
    text: 'The value is JSON, but not an event.',
    advice: 'Correct the fields below, write a whole event, or discard the letter.',
  },
  unknown_version: {
    label: 'Unknown version',
    text: 'The event has a version that this Footfall does not know.',
    advice: 'Replay it after an update, or correct it below.',
  },
};

export const STATUSES: Record<Status, string> = {
  open: 'open',
  replaying: 'being replayed',
  replayed: 'replayed',
  discarded: 'discarded',
};

export const isReason = (text: string | undefined): text is Reason =>
  text !== undefined && Object.hasOwn(REASONS, text);
export const isStatus = (text: string | undefined): text is Status =>
  text !== undefined && Object.hasOwn(STATUSES, text);
