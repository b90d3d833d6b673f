import * as z from 'zod';
import { isPersonlessUser } from '../event/personless.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import type { AccessContext } from '../sites/access.ts';
import { administeredSite } from '../sites/reader.ts';
import { type EraseContext, erasePerson } from './erase-person.ts';
import { exportPerson, exportQuery } from './export-person.ts';
import { readReceipt } from './receipt.ts';

const userPath = z.object({
  user: z
    .string()
    .min(1)
    .max(256)
    .refine((user) => !isPersonlessUser(user), 'names events without a person, of which nothing is held'),
});
const receiptPath = z.object({ receipt: z.uuid() });

/** Dependencies of the endpoints below. They throw the errors of {@link administeredSite}, besides their own. */
export type PrivacyContext = EraseContext & AccessContext;

/** `GET /v1/privacy/{user}`. @throws FootfallError `invalid_parameter` 400, `unknown_user` 404. */
export async function answerExport(request: HttpRequest, context: PrivacyContext): Promise<HttpResponse> {
  const site = await administeredSite(request, context);
  const { user } = check(userPath, request.pathParameters ?? {});
  const { site: _, ...given } = request.queryStringParameters ?? {};
  const query = check(exportQuery, given);
  const { store } = await context.stores.current();
  return json(200, { data: await exportPerson(store, site, user, query) }, NOT_KEPT);
}

/**
 * `DELETE /v1/privacy/{user}`.
 * @throws FootfallError `invalid_parameter` 400, `kafka_unavailable` and `overloaded` 503.
 */
export async function answerErasure(request: HttpRequest, context: PrivacyContext): Promise<HttpResponse> {
  const site = await administeredSite(request, context);
  const { user } = check(userPath, request.pathParameters ?? {});
  const receipt = await erasePerson(site, user, context);
  // A key that belongs to no site names the site there, too.
  const named = request.queryStringParameters?.site;
  const query = named === undefined ? '' : `?site=${encodeURIComponent(named)}`;
  const location = `/v1/privacy-receipts/${receipt.receipt}${query}`;
  return json(receipt.status === 'done' ? 200 : 202, { data: receipt }, { ...NOT_KEPT, location });
}

/** `GET /v1/privacy-receipts/{receipt}`. @throws FootfallError `unknown_receipt` 404. */
export async function answerReceipt(request: HttpRequest, context: PrivacyContext): Promise<HttpResponse> {
  const site = await administeredSite(request, context);
  const { receipt } = check(receiptPath, request.pathParameters ?? {});
  const { receipts } = await context.stores.current();
  return json(200, { data: await readReceipt(receipts, site, receipt) }, NOT_KEPT);
}
