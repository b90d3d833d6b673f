import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Invocation } from './response.ts';

/** Sends invocations to a Lambda endpoint. */
export interface Invoker {
  /** Throws when the function could not be reached or does not exist. */
  invoke(functionName: string, payload: string): Promise<Invocation>;
  close(): void;
}

/**
 * @param endpoint URL of serverless-offline's Lambda server.
 * @param timeoutMs the longest that any function may take; 0 for no limit.
 */
export function createInvoker(endpoint: string, region: string, timeoutMs: number): Invoker {
  const client = new LambdaClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'offline', secretAccessKey: 'offline' },
    // The poller itself decides about retries: a hidden one would invoke a partition twice at once.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2_000,
      ...(timeoutMs > 0 && { requestTimeout: timeoutMs, throwOnRequestTimeout: true }),
      // One connection for each partition under way; the default of 50 would queue the others.
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
      const requestId = response.$metadata.requestId;
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

function parsePayload(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
