/** Why a record went to the dead-letter topic. Stable: part of the API of that topic. */
export const DEAD_LETTER_REASONS = [
  'not_json',
  'not_an_event',
  'unknown_version',
  'unknown_site',
  'wrong_key',
  'wrong_partition',
  'too_late',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/**
 * What became of a record. An outage is none of these: it is thrown, and the whole batch comes again.
 * - `applied`: counted.
 * - `duplicate`: its event id was counted before; or it repeats the replay of a dead letter.
 * - `forwarded`: of an anonymous visitor who is known to be a user; sent to the user's shard, and counted there.
 * - `bot`: no person's; counted apart, each time that it is sent, since a bot has no state with ids.
 * - `joined`: no event, but what another shard knew of such a visitor.
 * - `erasure`: no event: its user was forgotten.
 * - `erased`: of a user who was forgotten after it happened or was received; not counted.
 * - `otherGeneration`: of another counting of the same log, see generation.ts: its shards have sent it to each other.
 * - `deadLettered`: can never be counted as it is; kept with its reason.
 */
export const OUTCOMES = [
  'applied',
  'duplicate',
  'forwarded',
  'bot',
  'joined',
  'erasure',
  'erased',
  'otherGeneration',
  'deadLettered',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
