import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { Kafka, logLevel } from 'kafkajs';
import type { Mapping } from '../../packages/serverless-offline-kafka/src/mapping.ts';
import { createPoller } from '../../packages/serverless-offline-kafka/src/poller.ts';
import type { HttpRequest } from '../../shared/platform/http/stack.ts';
import { invokeInProcess } from '../support/invoke-in-process.ts';

/**
 * A function in a process of its own: behind a socket, behind the poller of the Kafka event source, or invoked by
 * messages, as the schedule does. It answers each message with the most memory that its process has taken.
 */
const [role, path, timeout, mappingJson] = process.argv.slice(2) as ['http' | 'kafka' | 'none', ...string[]];
const TIMEOUT_MS = Number(timeout) * 1_000;
const HEAL_EVERY_MS = 60_000;

type Handler = (event: unknown, context: Context) => Promise<unknown>;
const { handler } = (await import(path!)) as { handler: Handler };

/** The invocation ends after the function's time limit. */
const newContext = (): Context => {
  const deadline = performance.now() + TIMEOUT_MS;
  return {
    functionName: 'footfall-hostile',
    getRemainingTimeInMillis: () => deadline - performance.now(),
  } as Context;
};

async function serveHttp(): Promise<number> {
  const server = createServer(async (incoming, outgoing) => {
    const answer = (await handler(await requestFrom(incoming), newContext())) as {
      statusCode?: number;
      headers?: Record<string, string>;
      body?: string;
      isBase64Encoded?: boolean;
    };
    const { statusCode = 200, headers, body = '', isBase64Encoded } = answer;
    outgoing.writeHead(statusCode, headers).end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** As API Gateway gives it to the function. The header `x-test-address` stands for the client's address. */
async function requestFrom(incoming: IncomingMessage): Promise<HttpRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const { method = '', url = '', headers } = incoming;
  const [sent, rawQueryString = ''] = url.split('?') as [string, string?];
  const rawPath = decodeURIComponent(sent);
  const isPacked = headers['content-encoding'] !== undefined;
  const body = Buffer.concat(parts);
  const rest = /^\/v1\/(.+)$/.exec(rawPath)?.[1];
  return {
    ...{ version: '2.0', routeKey: `${method} ${sent}`, rawPath, rawQueryString, headers },
    queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)),
    ...(rest !== undefined && { pathParameters: { path: rest } }),
    ...(body.length > 0 && { body: body.toString(isPacked ? 'base64' : 'utf8') }),
    isBase64Encoded: isPacked,
    requestContext: { http: { method, path: rawPath, sourceIp: headers['x-test-address'] ?? '127.0.0.1' } },
  } as unknown as HttpRequest;
}

async function poll(): Promise<number> {
  const mapping: Mapping = JSON.parse(mappingJson!);
  const log = { notice() {}, debug() {}, warning: console.error, error: console.error };
  const poller = createPoller({
    kafka: new Kafka({ brokers: mapping.bootstrapServers, logLevel: logLevel.NOTHING }),
    ...{ mapping, log },
    invoke: invokeInProcess((event) => handler(event, newContext())),
  });
  await poller.start();
  setInterval(
    () => void handler({}, newContext()).catch((error) => console.error('healing:', error)),
    HEAL_EVERY_MS,
  );
  return 0;
}

process.on('message', async ({ id, invoke }: { id: number; invoke?: true }) => {
  const error = invoke && (await handler({}, newContext()).then(() => undefined, String));
  const { heapUsed } = process.memoryUsage();
  process.send?.({ id, error, heap: heapUsed, peak: process.resourceUsage().maxRSS * 1_024 });
});
process.on('disconnect', () => process.exit());
const port = role === 'http' ? await serveHttp() : role === 'kafka' ? await poll() : 0;
process.send?.({ port });
