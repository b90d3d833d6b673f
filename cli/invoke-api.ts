import { randomUUID } from 'node:crypto';
import { FootfallError } from '../shared/platform/errors.ts';
import type { HttpRequest, HttpResponse } from '../shared/platform/http/stack.ts';

/** Sends one request. @param request.limitMs how long the answer may take. @throws FootfallError `api_unreachable` */
export type Send = (
  request: { method: string; path: string; body?: string | undefined; limitMs: number },
  headers: Record<string, string>,
) => Promise<{ status: number; text: string }>;

/** The function that answers below a path; analytics answers the rest. */
const FUNCTIONS: readonly (readonly [path: string, name: string])[] = [
  ['/v1/sites', 'sites'],
  ['/v1/funnels', 'sites'],
  ['/v1/dead-letters', 'deadLetters'],
  ['/v1/privacy', 'privacy'],
  ['/v1/system', 'system'],
];

/**
 * Sends requests by invoking the functions of a deployment, so that routes which the public API does not have
 * (INSTALLATION_ROUTES=private) can be used. Takes AWS credentials and region as AWS's own tools do; they need
 * `lambda:InvokeFunction`.
 * @param deployment service and stage, such as `footfall-prod`
 * @throws FootfallError `api_unreachable` when the function cannot be invoked or fails
 */
export function invokeApi(deployment: string): Send {
  return async ({ method, path, body, limitMs }, headers) => {
    const [rawPath, query = ''] = path.split('?', 2) as [string, string?];
    const [, name = 'analytics'] = FUNCTIONS.find(([start]) => rawPath.startsWith(start)) ?? [];
    const functionName = `${deployment}-${name}`;
    const request: HttpRequest = {
      version: '2.0',
      routeKey: `${method} ${rawPath}`,
      rawPath,
      rawQueryString: query,
      headers,
      ...(query && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
      ...(body !== undefined && { body }),
      isBase64Encoded: false,
      requestContext: {
        ...{ accountId: '', apiId: '', domainName: '', domainPrefix: '', routeKey: '', time: '' },
        requestId: randomUUID(),
        stage: '$default',
        timeEpoch: Date.now(),
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'footfall' },
      },
    };
    return invoke(functionName, request, limitMs);
  };
}

async function invoke(functionName: string, request: HttpRequest, limitMs: number) {
  const unreachable = (why: string, cause?: unknown) =>
    new FootfallError('api_unreachable', 503, `The function ${functionName} cannot be invoked: ${why}`, {
      cause,
    });
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const lambda = new LambdaClient({ maxAttempts: 2 });
  try {
    const Payload = JSON.stringify(request);
    const abortSignal = AbortSignal.timeout(limitMs);
    const answer = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload }), {
      abortSignal,
    });
    const text = answer.Payload?.transformToString() ?? '';
    if (answer.FunctionError) throw unreachable(`it failed with ${text}`);
    const { statusCode = 200, body = '' } = JSON.parse(text) as HttpResponse;
    return { status: statusCode, text: body };
  } catch (error) {
    throw error instanceof FootfallError ? error : unreachable((error as Error).message, error);
  } finally {
    lambda.destroy();
  }
}
