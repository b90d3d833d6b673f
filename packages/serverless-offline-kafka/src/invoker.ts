import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Invocation } from './judge-response.ts';

/** Invokes functions through the Lambda API of serverless-offline. */
export interface Invoker {
  /**
   * Invokes a function and waits for its answer.
   * @param payload the event as JSON.
   * @throws when the function could not be reached or does not exist. An error that the function itself throws is
   *   part of the answer.
   */
  invoke(functionName: string, payload: string): Promise<Invocation>;
  close(): void;
}

/**
 * @param endpoint URL of serverless-offline's Lambda server, such as `http://localhost:3002`.
 * @param timeoutMs how long to wait for an answer, in milliseconds; 0 means without limit.
 */
export function createInvoker(endpoint: string, region: string, timeoutMs: number): Invoker {
  const client = new LambdaClient({
    endpoint,
    region,
    // serverless-offline does not check credentials, but the SDK requires some.
    credentials: { accessKeyId: 'offline', secretAccessKey: 'offline' },
    // Retries are the poller's task. A retry here could run two invocations of one partition at the same time.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2_000,
      ...(timeoutMs > 0 && { requestTimeout: timeoutMs, throwOnRequestTimeout: true }),
      // Each partition may have an invocation under way. The SDK's default of 50 would delay the others.
      httpAgent: { maxSockets: 2_000, keepAlive: true },
    },
  });
  return {
    async invoke(functionName, payload) {
      const response = await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'RequestResponse',
          Payload: Buffer.from(payload),
        }),
      );
      const { requestId } = response.$metadata;
      return {
        statusCode: response.StatusCode ?? 200,
        ...(response.FunctionError !== undefined && { functionError: response.FunctionError }),
        payload: parsePayload(response.Payload?.transformToString()),
        ...(requestId !== undefined && { requestId }),
      };
    },
    close() {
      client.destroy();
    },
  };
}

/** The JSON value, or the text itself when it is not JSON. */
function parsePayload(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
