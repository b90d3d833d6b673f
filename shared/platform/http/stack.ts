import { randomUUID } from 'node:crypto';
import middy, { type MiddlewareObj } from '@middy/core';
import httpCors from '@middy/http-cors';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { FootfallError } from '../errors.ts';
import { METRICS } from '../observe/metrics.ts';
import { functionOf, logger, observed, record } from '../observe/observe.ts';
import { inLambdasTime } from '../time-limit.ts';
import { CORS } from './cors.ts';
import { outageOf } from './outage-errors.ts';

export type HttpRequest = APIGatewayProxyEventV2;
export type HttpResponse = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (request: HttpRequest, context: Context) => Promise<HttpResponse>;

/** Sent with every answer. It finds the request's lines in the log, and in API Gateway's own. */
const REQUEST_ID = 'x-request-id';

/**
 * What every HTTP function has around it: problem details for errors, CORS for browsers, the request's id in answers and
 * log lines, and metrics.
 */
export function httpStack(handler: HttpHandler): HttpHandler {
  const answer = middy<HttpRequest, HttpResponse>()
    .use(
      httpCors({
        origins: CORS.allowedOrigins,
        headers: CORS.allowedHeaders.join(','),
        methods: CORS.allowedMethods.join(','),
        exposeHeaders: CORS.exposedResponseHeaders.join(','),
        maxAge: CORS.maxAge,
      }),
    )
    .use(problems())
    .handler(async (request, context) =>
      request.requestContext.http.method === 'OPTIONS'
        ? { statusCode: 204 }
        : inLambdasTime(context, () => handler(request, context)),
    );
  return (request, context) => {
    // A request that did not come through the gateway has none, and serverless-offline gives every request the same.
    const given = request.requestContext.requestId;
    const requestId = given && given !== 'offlineContext_resourceId' ? given : randomUUID();
    const identified = { ...request, requestContext: { ...request.requestContext, requestId } };
    return observed(context, { request_id: requestId, route: request.routeKey }, async () => {
      const response = (await answer(identified, context)) as HttpResponse;
      const status = `${Math.floor((response.statusCode ?? 200) / 100)}xx`;
      record(METRICS.requests, 1, { function: functionOf(context), status });
      return { ...response, headers: { ...response.headers, [REQUEST_ID]: requestId } };
    });
  };
}

/** For an answer with keys or the data of one person: no cache on the way may keep it. */
export const NOT_KEPT = { 'cache-control': 'no-store' };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** Turns what a handler throws into problem details (RFC 9457) with a stable `code`, and logs it. */
function problems(): MiddlewareObj<HttpRequest, HttpResponse, Error, Context, { began: number }> {
  return {
    before: (request) => {
      request.internal.began = performance.now();
    },
    onError: (request) => {
      const thrown = request.error;
      const error =
        thrown instanceof FootfallError
          ? thrown
          : (outageOf(thrown) ??
            new FootfallError('internal', 500, 'Something went wrong here.', {
              cause: thrown,
              expose: true,
            }));
      const { code, status } = error;
      record(METRICS.problems, 1, { code });
      const took = performance.now() - request.internal.began;
      const line = { code, status, duration_ms: Math.round(took) };
      if (status >= 500) logger.error(error.message, { ...line, cause: error.cause as Error });
      else logger.debug('Refused', line);
      request.response = json(
        status,
        {
          type: 'about:blank',
          title: code,
          status,
          code,
          detail: error.expose ? error.message : 'Something went wrong here.',
          request_id: request.event.requestContext.requestId,
          ...error.details,
        },
        {
          'content-type': 'application/problem+json',
          ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
          ...(status === 401 && { 'www-authenticate': 'Bearer' }),
        },
      );
    },
  };
}
