/** Why a record became a dead letter. Part of the API: existing reasons never change. */
export const DEAD_LETTER_REASONS = [
  'not_json',
  'not_an_event',
  'unknown_version',
  'unknown_site',
  'wrong_key',
  'wrong_partition',
  'too_late',
  'invalid',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/**
 * What became of a record. An outage is none of these: it is thrown, and Kafka hands over the whole batch again.
 * - `applied`: counted.
 * - `duplicate`: its event id was counted before, or it repeats the replay of a dead letter.
 * - `forwarded`: from an anonymous visitor who is known to be a user; sent to the user's shard, which counts it.
 * - `bot`: sent by a program; counted separately, each time it is sent, since bots have no state with ids.
 * - `joined`: no event, but what another shard knew of such a visitor.
 * - `order`: no event, but what another shard knew of an order, see order-note.ts.
 * - `erasure`: no event, but the erasure of its user.
 * - `erased`: its user was erased after it happened or was received; not counted.
 * - `otherGeneration`: shards of another generation of the same log have sent it to each other, see generation.ts.
 * - `deadLettered`: can't be counted as it is; kept with its reason.
 * - `refused`: collect could not understand it, and its site's day has as many dead letters of this kind as it may have;
 *   only counted in the day's quality.
 */
export const OUTCOMES = [
  'applied',
  'duplicate',
  'forwarded',
  'bot',
  'joined',
  'order',
  'erasure',
  'erased',
  'otherGeneration',
  'deadLettered',
  'refused',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
