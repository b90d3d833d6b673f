import { randomBytes } from 'node:crypto';
import { badOption } from '../../local/command.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { openApi } from '../call-api.ts';
import { type Report, tableLines } from '../report.ts';
import { newKeyLines, type ShownKey, type ShownSite, siteLines } from './show.ts';

/** The commands of `footfall sites`. All but {@link makeInstallationKey} throw what `openApi` throws. */

interface Target {
  url?: string | undefined;
}

interface Settings {
  name?: string | undefined;
  /** ISO 4217. */
  currency?: string | undefined;
  retentionDays?: number | undefined;
  latenessHours?: number | undefined;
  invalidEventsADay?: number | undefined;
  origins?: string[] | undefined;
  ignoredReferrers?: string[] | undefined;
  measurementIds?: string[] | undefined;
  takeOver?: true | undefined;
}

export async function createSite(
  id: string,
  { url, zone, ...settings }: Target & Settings & { zone?: string | undefined },
): Promise<Report> {
  const made = await openApi(url)<{ site: ShownSite; new_keys: ShownKey[] }>('POST', '/v1/sites', {
    id,
    ...(zone && { zone }),
    ...bodyOf(settings),
  });
  return { data: made, lines: [...siteLines(made.site), ...newKeyLines(made.new_keys)] };
}

export async function listSites({ url }: Target): Promise<Report> {
  const { sites } = await openApi(url)<{ sites: ShownSite[] }>('GET', '/v1/sites');
  const rows = sites.map(({ id, zone, currency, name = '' }) => [id, zone, currency, name]);
  const lines = tableLines([['site', 'zone', 'currency', 'name'], ...rows]);
  return {
    data: { sites },
    lines: sites.length > 0 ? lines : ['There is no site yet. Create one: npx footfall sites create ID'],
  };
}

export async function showSite(id: string, { url }: Target): Promise<Report> {
  const site = await openApi(url)<ShownSite>('GET', pathOf(id));
  return { data: site, lines: siteLines(site) };
}

/** @throws FootfallError `bad_option` when there is no setting to change. */
export async function changeSite(id: string, { url, ...settings }: Target & Settings): Promise<Report> {
  const body = bodyOf(settings);
  if (Object.keys(body).length === 0) throw badOption('Give a setting to change, such as --currency EUR.');
  const site = await openApi(url)<ShownSite>('PATCH', pathOf(id), body);
  return { data: site, lines: siteLines(site) };
}

/** @param options.expires when the key ends, ISO 8601; absent: never. */
export async function addKey(
  id: string,
  { url, kind, name, expires }: Target & { kind: string; name?: string; expires?: string },
): Promise<Report> {
  const key = await openApi(url)<ShownKey>('POST', `${pathOf(id)}/keys`, {
    kind,
    ...(name !== undefined && { name }),
    ...(expires !== undefined && { expires_at: expires }),
  });
  return { data: key, lines: newKeyLines([key]) };
}

/** @param options.overlap seconds for which the old key still works; the API's default when absent. */
export async function rotateKey(
  id: string,
  key: string,
  { url, overlap }: Target & { overlap?: number | undefined },
): Promise<Report> {
  const rotated = await openApi(url)<{ new_key: ShownKey; old_key: ShownKey }>(
    'POST',
    `${pathOf(id)}/keys/${encodeURIComponent(key)}/rotate`,
    overlap === undefined ? {} : { overlap_seconds: overlap },
  );
  const { new_key, old_key } = rotated;
  const end = old_key.expires_at;
  const isOver = end === undefined || Date.parse(end) <= Date.now();
  return {
    data: rotated,
    lines: [
      `The old key ${old_key.id} ${isOver ? 'has ended' : `works until ${end}`}.`,
      ...newKeyLines([new_key]),
    ],
  };
}

export async function revokeKey(id: string, key: string, { url }: Target): Promise<Report> {
  await openApi(url)('DELETE', `${pathOf(id)}/keys/${encodeURIComponent(key)}`);
  return { data: { site: id, revoked: key }, lines: [`Key ${key} of site ${id} is revoked.`] };
}

export async function makeInstallationKey(): Promise<Report> {
  const key = `ffi_${randomBytes(24).toString('base64url')}`;
  const hash = keyHash(key);
  const lines = [
    `FOOTFALL_ADMIN_KEY=${key}`,
    `FOOTFALL_ADMIN_KEY_HASH=${hash}`,
    '',
    'Deploy with the hash. Keep the key now: it is stored nowhere, and it can create and change every site.',
  ];
  return { data: { key, hash }, lines };
}

const pathOf = (id: string) => `/v1/sites/${encodeURIComponent(id)}`;

function bodyOf(settings: Settings): Record<string, unknown> {
  const {
    name,
    currency,
    retentionDays,
    latenessHours,
    invalidEventsADay,
    origins,
    ignoredReferrers,
    measurementIds,
    takeOver,
  } = settings;
  const body = {
    name,
    currency,
    retention_days: retentionDays,
    lateness_hours: latenessHours,
    invalid_events_a_day: invalidEventsADay,
    allowed_origins: origins,
    ignored_referrers: ignoredReferrers,
    measurement_ids: measurementIds,
    take_over: takeOver,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
