import { z } from 'zod';
import { check } from '../../shared/platform/http/check.ts';
import type { Route } from '../../shared/platform/http/router.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../../shared/platform/http/stack.ts';
import { type EraseContext, erasePerson } from '../../shared/privacy/erase-person.ts';
import { heldQuery, readHeld } from '../../shared/privacy/export-person.ts';
import { readReceipt } from '../../shared/privacy/receipt.ts';
import { adminSite } from '../../shared/sites/authorize.ts';
import { findSite } from '../../shared/sites/source.ts';

const userPath = z.object({ user: z.string().min(1).max(256) });
const receiptPath = z.object({ receipt: z.uuid() });

/** What a site holds of a person, and its end. */
export function privacyRoutes(context: EraseContext): Route[] {
  const { sites, stores } = context;
  const siteOf = (request: HttpRequest) => findSite(sites, (known) => adminSite(request, known));
  const held = async (request: HttpRequest): Promise<HttpResponse> => {
    const site = await siteOf(request);
    const { user } = check(userPath, request.pathParameters ?? {});
    const query = check(heldQuery, request.queryStringParameters ?? {});
    const { store } = await stores.current();
    return json(200, { data: await readHeld(store, site, user, query) }, NOT_KEPT);
  };
  const erase = async (request: HttpRequest): Promise<HttpResponse> => {
    const site = await siteOf(request);
    const { user } = check(userPath, request.pathParameters ?? {});
    const receipt = await erasePerson(site, user, context);
    const url = `/v1/privacy-receipts/${receipt.receipt}`;
    return json(receipt.status === 'done' ? 200 : 202, { data: receipt }, { ...NOT_KEPT, location: url });
  };
  const receiptOf = async (request: HttpRequest): Promise<HttpResponse> => {
    const site = await siteOf(request);
    const { receipt } = check(receiptPath, request.pathParameters ?? {});
    const { receipts } = await stores.current();
    return json(200, { data: await readReceipt(receipts, site, receipt) }, NOT_KEPT);
  };
  return [
    { method: 'GET', path: '/v1/privacy/{user}', handler: held },
    { method: 'DELETE', path: '/v1/privacy/{user}', handler: erase },
    { method: 'GET', path: '/v1/privacy-receipts/{receipt}', handler: receiptOf },
  ];
}
