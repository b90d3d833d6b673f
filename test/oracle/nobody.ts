import type { FootfallEvent } from '../../shared/event/event.ts';

/** The user that stands for erased people: their events count as events and in sessions, but for no person. */
export const NOBODY = '\u0000erased ';
export const isNobody = (user: string) => user.startsWith(NOBODY);

/** Whether a person did it whose profile there is. */
export const isOfPerson = ({ personless, user }: FootfallEvent) => !personless && !isNobody(user);
