import { partitionOf } from './partition.ts';

/** How many names events without a person have. They spread such events over the shards. */
const NAMES = 64;
const PREFIX = '~nobody-';

/**
 * The `user` of an event without a person. It depends on the event's id alone, so a retry meets the first attempt.
 * @returns one of 64 names.
 * @example personlessUser('e-1') // '~nobody-23', say
 */
export const personlessUser = (eventId: string): string => `${PREFIX}${partitionOf(eventId, NAMES)}`;

/** Whether a `user` is reserved for events without a person. Clients can't use such an id. */
export const isPersonlessUser = (user: string): boolean => user.startsWith(PREFIX);
