import { z } from 'zod';
import { isPersonlessUser } from '../event/personless.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { adminSite } from '../sites/authorize.ts';
import { findSite } from '../sites/source.ts';
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

const siteOf = (request: HttpRequest, { sites }: EraseContext) =>
  findSite(sites, (known) => adminSite(request, known));

/** `GET /v1/privacy/{user}`. @throws FootfallError `unauthorized` 401, `invalid_parameter` 400, `unknown_user` 404. */
export async function answerExport(request: HttpRequest, context: EraseContext): Promise<HttpResponse> {
  const site = await siteOf(request, context);
  const { user } = check(userPath, request.pathParameters ?? {});
  const query = check(exportQuery, request.queryStringParameters ?? {});
  const { store } = await context.stores.current();
  return json(200, { data: await exportPerson(store, site, user, query) }, NOT_KEPT);
}

/**
 * `DELETE /v1/privacy/{user}`.
 * @throws FootfallError `unauthorized` 401, `invalid_parameter` 400, `kafka_unavailable` and `overloaded` 503.
 */
export async function answerErasure(request: HttpRequest, context: EraseContext): Promise<HttpResponse> {
  const site = await siteOf(request, context);
  const { user } = check(userPath, request.pathParameters ?? {});
  const receipt = await erasePerson(site, user, context);
  const location = `/v1/privacy-receipts/${receipt.receipt}`;
  return json(receipt.status === 'done' ? 200 : 202, { data: receipt }, { ...NOT_KEPT, location });
}

/** `GET /v1/privacy-receipts/{receipt}`. @throws FootfallError `unauthorized` 401, `unknown_receipt` 404. */
export async function answerReceipt(request: HttpRequest, context: EraseContext): Promise<HttpResponse> {
  const site = await siteOf(request, context);
  const { receipt } = check(receiptPath, request.pathParameters ?? {});
  const { receipts } = await context.stores.current();
  return json(200, { data: await readReceipt(receipts, site, receipt) }, NOT_KEPT);
}
