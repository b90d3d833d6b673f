import type { AccessContext } from '../sites/access.ts';
import type { LetterTopic } from './catch-up.ts';
import type { DeadLetterIndex } from './letter-index.ts';
import type { LetterRegister, LetterRegisterParts } from './replayer.ts';

/** Dependencies of the endpoints that list, show, replay and discard dead letters. */
export interface DeadLettersContext extends AccessContext {
  index: DeadLetterIndex;
  topic: LetterTopic;
  register: Pick<LetterRegister, 'replay' | 'discard'>;
  areErased: LetterRegisterParts['areErased'];
  /** Partitions of the events topic. */
  partitions: number;
  /** Time limit of one request, ms. */
  timeMs: number;
}
