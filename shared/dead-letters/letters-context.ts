import type { AccessContext } from '../sites/access.ts';
import type { DeadLetterIndex } from './letter-index.ts';
import type { LetterReplayer, LetterReplayerParts } from './letter-replayer.ts';
import type { LetterTopic } from './letter-topic.ts';

/** Dependencies of the endpoints that list, show, replay and discard dead letters. */
export interface DeadLettersContext extends AccessContext {
  index: DeadLetterIndex;
  topic: LetterTopic;
  replayer: Pick<LetterReplayer, 'replay' | 'discard'>;
  areErased: LetterReplayerParts['areErased'];
  /** Partitions of the events topic. */
  partitions: number;
  /** Time limit of one request, ms. */
  timeMs: number;
}
