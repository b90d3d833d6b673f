import type { Context } from 'aws-lambda';
import type { HttpRequest, HttpResponse, httpStack } from '../../shared/platform/http/stack.ts';
import { logger } from '../../shared/platform/observe/observe.ts';
import type { Answer } from './answer.ts';

/** Requests as a gateway gives them to a function, and answers checked against /v1/openapi.json. */

// Tests cause outages on purpose, and each would print its stack.
logger.setLogLevel('SILENT');

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** The client's address. */
  sourceIp?: string;
  /**
   * API Gateway's HTTP APIs decode the path; serverless-offline, like function URLs, leaves it as it was sent
   * but decodes the parameters that its routes match.
   */
  gateway?: 'aws' | 'offline';
}

/** @param target path and query as a client sends them, percent-encoded. */
export function requestOf(
  method: string,
  target: string,
  { headers = {}, body, gateway = 'aws', sourceIp = '127.0.0.1' }: RequestOptions = {},
): HttpRequest {
  const [sent, ...query] = target.split('?') as [string, ...string[]];
  const path = gateway === 'aws' ? decodeURIComponent(sent) : sent;
  const rest = /^\/(?:v1|get_[a-z_]+)\/(.+)$/.exec(decodeURIComponent(sent))?.[1];
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query.join('?'))) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return {
    version: '2.0',
    routeKey: `${method} /`,
    rawPath: path,
    rawQueryString: query.join('?'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...(rest !== undefined && { pathParameters: { path: rest } }),
    ...(query.length > 0 && { queryStringParameters: parameters }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : body.toString('base64') }),
    isBase64Encoded: body !== undefined && typeof body !== 'string',
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '',
      domainPrefix: '',
      requestId: '',
      routeKey: '',
      stage: '$default',
      time: '',
      timeEpoch: 0,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
    },
  };
}

export type { Answer } from './answer.ts';

type Handler = ReturnType<typeof httpStack>;

/** Asks a function. Fails when the answer does not match the OpenAPI document. */
export async function ask<T = unknown>(
  handler: Handler,
  method: string,
  target: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const response: HttpResponse = await handler(requestOf(method, target, options), {} as Context);
  const headers = Object.fromEntries(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const answer = {
    status: response.statusCode ?? 0,
    headers,
    body: bodyOf(response, headers['content-type'] ?? '') as T,
  };
  if (method !== 'OPTIONS') checkContract(method, target.split('?')[0]!, answer);
  return answer;
}

function bodyOf({ body, isBase64Encoded }: HttpResponse, type: string): unknown {
  if (body === undefined || isBase64Encoded) return body;
  return /json/.test(type) ? JSON.parse(body) : body;
}

/** In Jest, all test files share one (environment.cjs). */
const shared = (globalThis as { footfallContract?: () => typeof import('./contract.ts') }).footfallContract;

/** @throws when status, content type, headers or body do not match the OpenAPI document. */
export const { checkContract } = shared?.() ?? (await import('./contract.ts'));
