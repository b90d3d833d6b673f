import type { Schemas } from '../../api/types.ts';

export type SiteKey = Schemas['Site']['keys'][number];
export type KeyKind = SiteKey['kind'];

export const KIND_LABELS: Record<KeyKind, string> = {
  write: 'Write key',
  read: 'Read key',
  admin: 'Admin key',
};

export const KIND_HINTS: Record<KeyKind, string> = {
  write: 'Only sends events. It may be public: it stands in the pages of the shop.',
  read: 'Sees the numbers, and changes nothing. Make one for each person or screen.',
  admin: 'Sees the numbers, changes the site, shares and erases. Keep it secret.',
};

/** @param now ms since the epoch. */
export const hasEnded = ({ expires_at }: SiteKey, now = Date.now()): boolean =>
  expires_at !== undefined && Date.parse(expires_at) <= now;

/** The end of a day in the browser's zone, as the API takes it. @param day `YYYY-MM-DD`, or '' for no end. */
export const endOfDay = (day: string): string | undefined =>
  day === '' ? undefined : new Date(`${day}T23:59:59`).toISOString();
