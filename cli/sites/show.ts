import type { z } from 'zod';
import type { newKeyAnswer, siteAnswer } from '../../shared/sites/site-schemas.ts';

export type ShownSite = z.infer<typeof siteAnswer>;
/** `key` is there when it was made just now. */
export type ShownKey = Omit<z.infer<typeof newKeyAnswer>, 'key'> & { key?: string };

/** A site for people. */
export function siteLines(site: ShownSite, now = Date.now()): string[] {
  const rows: [string, string][] = [
    ['name', site.name ?? ''],
    ['zone', site.zone],
    ['currency', site.currency],
    ['retention days', String(site.retention_days)],
    ['lateness hours', String(site.lateness_hours)],
    ['origins', site.allowed_origins.join(', ') || 'all'],
    ['measurement ids', site.measurement_ids.join(', ') || 'none'],
    ['made', site.created_at],
  ];
  return [
    site.id,
    ...rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`.trimEnd()),
    ...keyLines(site.keys, now),
  ];
}

/** What is known of keys, without the keys. */
export const keyLines = (keys: readonly ShownKey[], now = Date.now()): string[] =>
  keys.map(({ kind, id, hint, created_at, expires_at }) => {
    const end =
      expires_at === undefined ? '' : `, ${Date.parse(expires_at) <= now ? 'ended' : 'ends'} ${expires_at}`;
    return `  ${`${kind} key`.padEnd(16)} ${id}  …${hint}, made ${created_at}${end}`;
  });
