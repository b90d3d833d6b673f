import { SHOP_FUNNEL } from '../funnels/definition.ts';
import { funnelInput, shownFunnel } from '../funnels/schema.ts';
import { FootfallError } from '../platform/errors.ts';
import { readJson } from '../platform/http/body.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json } from '../platform/http/stack.ts';
import { administeredSite } from './reader.ts';
import { defineFunnel, removeFunnel } from './site-funnels.ts';
import type { SitesContext } from './sites-context.ts';

const MAX_BODY_BYTES = 20_000;

/**
 * `POST /v1/funnels`: defines a funnel for the site of the admin key, or for the one that the installation's names.
 * @throws errors of {@link administeredSite}; FootfallError `invalid_body` and `invalid_parameter` 400, `funnel_exists` and
 *   `too_many_funnels` 409, `redis_unavailable`, `sites_unavailable` and `sites_busy` 503.
 */
export async function createFunnel(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const site = await administeredSite(request, context);
  const input = check(funnelInput, readJson(request, MAX_BODY_BYTES));
  const definition = await defineFunnel(site.id, input, context);
  return json(201, { data: shownFunnel(definition) }, { location: `/v1/funnels/${input.id}` });
}

/**
 * `DELETE /v1/funnels/{funnel}`: removes a funnel. Its numbers are no longer available.
 * @throws errors of {@link administeredSite}; FootfallError `unknown_funnel` 404, `fixed_funnel` 409 for the shop funnel, and
 *   the same 503s.
 */
export async function endFunnel(request: HttpRequest, context: SitesContext): Promise<HttpResponse> {
  const site = await administeredSite(request, context);
  const id = request.pathParameters?.funnel ?? '';
  if (id === SHOP_FUNNEL.id) {
    throw new FootfallError('fixed_funnel', 409, 'Every site has this funnel; it cannot be removed.');
  }
  await removeFunnel(site.id, id, context);
  return { statusCode: 204 };
}
