import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { FunnelDefinition } from '../funnels/definition.ts';
import { shownFunnel } from '../funnels/schema.ts';
import { FootfallError } from '../platform/errors.ts';
import { readJson } from '../platform/http/body.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { logger } from '../platform/observe/observe.ts';
import { mustBeInstallation, mustManage, mustManageKeys, readAccess } from './access.ts';
import { mustNotContradict } from './contradictions.ts';
import { addKey, keyOf, revokeKey, rotateKey } from './manage-keys.ts';
import { type Site, type Sites, siteIn, siteSchema } from './site.ts';
import { definitionOf, storeInShards, withdrawFunnels } from './site-funnels.ts';
import { KEY_KINDS, newKey } from './site-keys.ts';
import {
  keyInput,
  type newSiteAnswer,
  presentKey,
  presentNewKey,
  presentSite,
  rotationInput,
  siteChanges,
  siteInput,
} from './site-schemas.ts';
import type { SitesContext } from './sites-context.ts';

const MAX_BODY_BYTES = 100_000;

const answer = (status: number, data: unknown, headers: Record<string, string> = {}) =>
  json(status, { data }, { ...NOT_KEPT, ...headers });

/**
 * Every handler below may throw FootfallError `unauthorized` 401, `sites_unavailable` and `sites_busy` 503,
 * besides its own errors.
 */

/** `POST /v1/sites`. @throws FootfallError `installation_only` 403, `site_exists` and `conflict` 409, 400s. */
export async function createSite(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const { funnels: wanted, take_over, ...input } = check(siteInput, readJson(request, MAX_BODY_BYTES));
  mustNotContradict({ ...input, funnels: wanted }, ['lateness_hours', 'retention_days', 'funnels']);
  const now = Date.now();
  const made = KEY_KINDS.map((kind) => newKey(kind, now));
  const keys = made.map(({ key }) => key);
  const site = siteSchema.parse({ ...input, created_at: new Date(now).toISOString(), keys });
  const definitions = await context.writer.change((known) => {
    mustNotExist(known, site.id);
    const result = wanted.map((one) => definitionOf(one, Date.now()));
    const others = take_over ? withoutIds(known, site) : [];
    return { changed: [...others, { ...site, funnels: result }], result };
  });
  const funnels = await defineAll(site.id, definitions, context);
  return answer(
    201,
    { site: presentSite(site), new_keys: made.map(presentNewKey), ...funnels },
    { location: `/v1/sites/${site.id}` },
  );
}

/**
 * Time limit for withdrawing funnels that could not be defined, ms: the answer still has to deliver the
 * site's keys.
 */
const WITHDRAW_LIMIT_MS = 4_000;

/**
 * Never throws: the keys of the stored site must be answered now, as they are never shown again. Funnels can
 * be defined later.
 */
async function defineAll(
  site: string,
  definitions: readonly FunnelDefinition[],
  context: SitesContext,
): Promise<Pick<z.infer<typeof newSiteAnswer>, 'funnels' | 'funnels_failed'>> {
  try {
    await storeInShards(site, definitions, context.funnels);
    return { funnels: definitions.map(shownFunnel), funnels_failed: [] };
  } catch (error) {
    logger.error('Cannot define the funnels of a new site', error as Error);
    const withdrawing = withdrawFunnels(site, definitions, context).catch((cause) => {
      logger.error('Cannot withdraw them either; the sweep will define them', cause as Error);
    });
    await Promise.race([withdrawing, sleep(WITHDRAW_LIMIT_MS, undefined, { ref: false })]);
    return { funnels: [], funnels_failed: definitions.map(({ id }) => id) };
  }
}

/** `GET /v1/sites`. @throws FootfallError `installation_only` 403. */
export async function listSites(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const sites = (await context.sites.complete()).all();
  return answer(200, { sites: sites.map(presentSite) });
}

/** `GET /v1/sites/{site}`. @throws FootfallError `wrong_site` 403, `unknown_site` 404. */
export async function showSite(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const id = siteIdOf(request);
  mustManage(await readAccess(request, context), id);
  return answer(200, presentSite(siteIn(await context.sites.complete(), id)));
}

/**
 * `PATCH /v1/sites/{site}`.
 * @throws FootfallError `wrong_site` and `installation_only` 403, `unknown_site` 404, `fixed_zone` and `conflict` 409,
 *   `invalid_parameter` 400 for settings that contradict each other.
 */
export async function changeSite(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const id = siteIdOf(request);
  const access = await readAccess(request, context);
  mustManage(access, id);
  const { zone, take_over, ...changes } = check(siteChanges, readJson(request, MAX_BODY_BYTES));
  if (take_over) mustBeInstallation(access);
  const changed = await change(context, id, (site, known) => {
    if (zone !== undefined && zone !== site.zone) {
      const message =
        "A site's time zone cannot be changed: it would move the days that are counted already.";
      throw new FootfallError('fixed_zone', 409, message);
    }
    const next = { ...site, ...changes } as Site;
    mustNotContradict(next, Object.keys(changes));
    return { site: next, result: next, others: take_over ? withoutIds(known, next) : [] };
  });
  return answer(200, presentSite(changed));
}

/**
 * `POST /v1/sites/{site}/keys`. A site's admin key makes read keys only.
 * @throws FootfallError `wrong_site` and `installation_only` 403, `unknown_site` 404, `too_many_keys` 409, 400s.
 */
export async function createKey(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const id = siteIdOf(request);
  const access = await readAccess(request, context);
  mustManage(access, id);
  const { kind, name, expires_at } = check(keyInput, readJson(request, MAX_BODY_BYTES));
  mustManageKeys(access, kind);
  const expiresAt = expires_at === undefined ? undefined : Date.parse(expires_at);
  const made = await change(context, id, (site) => {
    const added = addKey(site, kind, Date.now(), { name, expiresAt });
    return { site: added.site, result: added.made };
  });
  return answer(201, presentNewKey(made));
}

/**
 * `POST /v1/sites/{site}/keys/{key}/rotate`.
 * @throws FootfallError `wrong_site` 403, `unknown_site` and `unknown_key` 404, `too_many_keys` 409.
 */
export async function replaceKey(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const id = siteIdOf(request);
  mustManage(await readAccess(request, context), id);
  const body = request.body ? readJson(request, MAX_BODY_BYTES) : {};
  const { overlap_seconds } = check(rotationInput, body);
  const { made, old } = await change(context, id, (site) => {
    const when = { now: Date.now(), overlapMs: 1_000 * overlap_seconds };
    const rotated = rotateKey(site, request.pathParameters?.key ?? '', when);
    return { site: rotated.site, result: rotated };
  });
  return answer(201, { new_key: presentNewKey(made), old_key: presentKey(old) });
}

/**
 * `DELETE /v1/sites/{site}/keys/{key}`. A site's admin key ends read keys only.
 * @throws FootfallError `wrong_site` and `installation_only` 403, `unknown_site` and `unknown_key` 404.
 */
export async function endKey(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const id = siteIdOf(request);
  const access = await readAccess(request, context);
  mustManage(access, id);
  await change(context, id, (site) => {
    const key = keyOf(site, request.pathParameters?.key ?? '');
    mustManageKeys(access, key.kind);
    return { site: revokeKey(site, key.id, Date.now()), result: undefined };
  });
  return { statusCode: 204 };
}

/** Changes one site, as of the moment of the write. A change without effect is not stored. */
function change<T>(
  { writer }: SitesContext,
  id: string,
  make: (site: Site, known: Sites) => { site: Site; result: T; others?: readonly Site[] },
): Promise<T> {
  return writer.change((sites) => {
    const before = siteIn(sites, id);
    const { site, result, others = [] } = make(before, sites);
    return { changed: isDeepStrictEqual(site, before) ? others : [...others, site], result };
  });
}

/** The other sites that list measurement ids of `site`, without these ids. */
function withoutIds(known: Sites, { id, measurement_ids }: Site): Site[] {
  return known
    .all()
    .filter((other) => other.id !== id && other.measurement_ids.some((one) => measurement_ids.includes(one)))
    .map((other) => ({
      ...other,
      measurement_ids: other.measurement_ids.filter((one) => !measurement_ids.includes(one)),
    }));
}

const siteIdOf = ({ pathParameters }: HttpRequest) => pathParameters?.site ?? '';

function mustNotExist(sites: Sites, id: string): void {
  if (!sites.get(id)) return;
  const message = 'A site with this id already exists.';
  throw new FootfallError('site_exists', 409, message, { details: { errors: [{ path: 'id', message }] } });
}
