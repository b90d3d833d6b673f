import middy, { type MiddlewareObj } from '@middy/core';
import httpCors from '@middy/http-cors';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { FootfallError } from '../errors.ts';
import { logger } from '../observe.ts';

export type HttpRequest = APIGatewayProxyEventV2;
export type HttpResponse = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (request: HttpRequest, context: Context) => Promise<HttpResponse>;

/** What every HTTP function has around it: problem+json for errors, CORS for browsers. */
export function httpStack(handler: HttpHandler) {
  return middy<HttpRequest, HttpResponse>()
    .use(
      httpCors({
        origins: ['*'],
        headers: 'authorization,content-type,content-encoding,if-none-match',
        methods: 'GET,POST,PATCH,DELETE,OPTIONS',
        // Scripts see no other headers of an answer from another origin (Fetch, "CORS-safelisted response-header").
        exposeHeaders:
          'retry-after,www-authenticate,etag,footfall-as-of,footfall-complete,footfall-time-zone,footfall-next-cursor',
        maxAge: 86_400,
      }),
    )
    .use(problems())
    .handler(async (request, context) =>
      request.requestContext.http.method === 'OPTIONS' ? { statusCode: 204 } : handler(request, context),
    );
}

/** Headers of an answer that nobody between here and who asks may keep: it holds keys, or what is of one person. */
export const NOT_KEPT = { 'cache-control': 'no-store' };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** Turns what a handler threw into RFC 9457 problem details with a stable `code`. */
function problems(): MiddlewareObj<HttpRequest, HttpResponse> {
  return {
    onError: (request) => {
      const thrown = request.error;
      const error =
        thrown instanceof FootfallError
          ? thrown
          : new FootfallError('internal', 500, 'Something went wrong here.', { cause: thrown, expose: true });
      // Of the request only the route: paths and queries hold users' ids and keys.
      if (error.status >= 500) {
        logger.error(error.message, {
          code: error.code,
          route: request.event.routeKey,
          cause: error.cause as Error,
        });
      }
      request.response = json(
        error.status,
        {
          type: 'about:blank',
          title: error.code,
          status: error.status,
          code: error.code,
          detail: error.expose ? error.message : 'Something went wrong here.',
          ...error.details,
        },
        {
          'content-type': 'application/problem+json',
          ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
          ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
        },
      );
    },
  };
}
