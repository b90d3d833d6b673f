import { MAX_FUNNELS, SHOP_FUNNEL } from '../../shared/aggregation/funnel-definition.ts';
import { defineFunnel as storeFunnel } from '../../shared/analytics/define-funnel.ts';
import { funnelInput, shownFunnel, unknownFunnel } from '../../shared/analytics/funnels.ts';
import { FootfallError } from '../../shared/errors.ts';
import { adminSite } from '../../shared/http/auth.ts';
import { readJson } from '../../shared/http/body.ts';
import { check } from '../../shared/http/check.ts';
import { type HttpRequest, type HttpResponse, json } from '../../shared/http/stack.ts';
import { findSite } from '../../shared/sites/source.ts';
import type { AnalyticsContext } from './context.ts';

const MAX_BODY_BYTES = 20_000;

/**
 * `POST /v1/funnels`: defines a funnel of the site of an admin key.
 * @throws FootfallError `unauthorized` 401, `invalid_body` and `invalid_parameter` 400, `funnel_exists` and
 *   `too_many_funnels` 409, `redis_unavailable` 503.
 */
export async function defineFunnel(
  request: HttpRequest,
  { sites, store, funnels }: AnalyticsContext,
): Promise<HttpResponse> {
  const site = await findSite(sites, (known) => adminSite(request, known));
  const input = check(funnelInput, readJson(request, MAX_BODY_BYTES));
  const existing = await store.funnels(site.id);
  if (existing.some(({ id }) => id === input.id)) {
    throw new FootfallError('funnel_exists', 409, 'The site has a funnel of this id: remove it first.');
  }
  if (existing.length >= MAX_FUNNELS) {
    throw new FootfallError('too_many_funnels', 409, `A site has at most ${MAX_FUNNELS} funnels.`, {
      details: { limit: MAX_FUNNELS },
    });
  }
  const definition = await storeFunnel(site.id, input, funnels);
  return json(201, { data: shownFunnel(definition) }, { location: `/v1/funnels/${input.id}` });
}

/**
 * `DELETE /v1/funnels/{funnel}`: its numbers can't be asked for any more.
 * @throws FootfallError `unauthorized` 401, `unknown_funnel` 404, `fixed_funnel` 409 for the shop funnel.
 */
export async function removeFunnel(
  request: HttpRequest,
  { sites, store, funnels }: AnalyticsContext,
): Promise<HttpResponse> {
  const site = await findSite(sites, (known) => adminSite(request, known));
  const id = request.pathParameters?.funnel ?? '';
  if (id === SHOP_FUNNEL.id) {
    throw new FootfallError('fixed_funnel', 409, 'Every site has this funnel; it can not be removed.');
  }
  const existing = await store.funnels(site.id);
  if (!existing.some((one) => one.id === id)) throw unknownFunnel();
  await funnels.remove(site.id, id);
  return { statusCode: 204 };
}
