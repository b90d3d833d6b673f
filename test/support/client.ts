import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../dashboard/src/api/schema.d.ts';
import { type Answer, ask } from './http.ts';

/** CSV is asked for by hand. */
type Json = 'application/json' | 'application/problem+json';

export type ApiClient = Client<paths, Json>;

/**
 * A client generated from /v1/openapi.json, which sends requests to a handler with a key. The document types its
 * answers, which are checked against it.
 */
export function clientOf(handler: Parameters<typeof ask>[0], key: string): ApiClient {
  return createClient<paths, Json>({
    baseUrl: 'http://api.test',
    headers: { authorization: `Bearer ${key}` },
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.body ? await request.text() : undefined;
      const answer = await ask(handler, request.method, `${pathname}${search}`, {
        headers: Object.fromEntries(request.headers),
        gateway: 'offline',
        ...(body !== undefined && { body }),
      });
      return responseOf(answer);
    },
  });
}

function responseOf({ status, headers, body }: Answer): Response {
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(text, { status, headers });
}
