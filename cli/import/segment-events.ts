import { isObject } from '../../shared/intake/formats/common/convert-values.ts';
import { fromSegment } from '../../shared/intake/formats/segment/message.ts';
import type { Mapper } from './mapper.ts';
import { objectMapper } from './object-events.ts';
import type { Plan } from './plan.ts';

/**
 * Reads Segment's raw messages. Segment has corrected `timestamp` by the client's clock already, so `sentAt` is not used.
 * @param now when the import takes place, ms since the epoch.
 */
export const segmentMapper = (plan: Plan, now: number): Mapper =>
  objectMapper(plan, now, (message) => {
    const { sentAt: _, ...corrected } = isObject(message) ? message : {};
    return [{ incoming: fromSegment(corrected, { place: '', received: now }) }];
  });
