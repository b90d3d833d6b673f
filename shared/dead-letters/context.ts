import type { AccessContext } from '../sites/access.ts';
import type { LetterTopic } from './catch-up.ts';
import type { DeadLetterIndex } from './letter-index.ts';
import type { LetterRegister, LetterRegisterParts } from './replayer.ts';

/** What listing, showing, replaying and discarding need of the world outside. */
export interface DeadLettersContext extends AccessContext {
  index: DeadLetterIndex;
  topic: LetterTopic;
  register: Pick<LetterRegister, 'replay' | 'discard'>;
  areErased: LetterRegisterParts['areErased'];
  /** Partitions of the events topic. */
  partitions: number;
  /** For how long a request may go on, ms. */
  timeMs: number;
}
