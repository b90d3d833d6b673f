import type * as z from 'zod';
import type { newKeyAnswer, siteAnswer } from '../../shared/sites/site-schemas.ts';

export type ShownSite = z.infer<typeof siteAnswer>;
/** `key`, the secret, is there only in the answer to the request that made it. */
export type ShownKey = Omit<z.infer<typeof newKeyAnswer>, 'key'> & { key?: string };

/** A site for people. @param now ms since the epoch. */
export function siteLines(site: ShownSite, now = Date.now()): string[] {
  const rows: [string, string][] = [
    ['name', site.name ?? 'none'],
    ['zone', site.zone],
    ['currency', site.currency],
    ['retention days', String(site.retention_days)],
    ['lateness hours', String(site.lateness_hours)],
    ['invalid a day', String(site.invalid_events_a_day)],
    ['origins', site.allowed_origins.join(', ') || 'all'],
    ['ignored referrers', site.ignored_referrers.join(', ') || 'none'],
    ['measurement ids', site.measurement_ids.join(', ') || 'none'],
    ['created', site.created_at],
  ];
  return [
    site.id,
    ...rows.map(([name, value]) => `  ${name.padEnd(17)} ${value}`),
    ...keyLines(site.keys, now),
  ];
}

/** Keys without their secrets. @param now ms since the epoch. */
const keyLines = (keys: readonly ShownKey[], now = Date.now()): string[] =>
  keys.map(({ kind, id, name, hint, created_at, expires_at }) => {
    const end =
      expires_at === undefined ? '' : `, ${Date.parse(expires_at) <= now ? 'ended' : 'ends'} ${expires_at}`;
    const named = name === undefined ? '' : ` ${name},`;
    return `  ${`${kind} key`.padEnd(17)} ${id}  …${hint},${named} created ${created_at}${end}`;
  });

/** Keys with their secrets, right after they were made. */
export const newKeyLines = (keys: readonly ShownKey[]): string[] => [
  '',
  'Keep these keys now. Footfall stores only their hashes and cannot show them again.',
  '',
  ...keys.map(({ kind, id, key }) => `  ${kind.padEnd(5)}  ${key}  (id ${id})`),
];
