import { TimeoutError, TooManyError } from './function-threads.ts';

/** An answer as API Gateway gives it when it has none of the function. */
export interface GatewayAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** True for a request of API Gateway's HTTP API (payload format 2.0); false for events of Kafka and the schedule. */
export function isHttpRequest(event: unknown): boolean {
  const { requestContext } = (event ?? {}) as { requestContext?: { http?: unknown } };
  return requestContext?.http !== undefined;
}

/**
 * What the client gets when the function did not answer. Never 2xx: the function may have stored nothing.
 *
 * - 504 when the function's time is over,
 * - 503 when too many invocations are under way,
 * - 500 when the function threw or its thread ended.
 */
export function gatewayAnswer(error: unknown): GatewayAnswer {
  const [statusCode, message] =
    error instanceof TimeoutError
      ? [504, 'Endpoint request timed out']
      : error instanceof TooManyError
        ? [503, 'Service Unavailable']
        : [500, 'Internal Server Error'];
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  };
}
