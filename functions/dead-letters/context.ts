import type { LetterTopic } from '../../shared/dead-letters/catch-up.ts';
import type { LetterRegister, LetterRegisterParts } from '../../shared/dead-letters/register.ts';
import type { AccessContext } from '../../shared/http/access.ts';
import type { DeadLetterIndex } from '../../shared/store/dead-letter-index.ts';

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
