import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import type { HttpRequest, HttpResponse, httpStack } from '../../shared/platform/http/stack.ts';
import { closing } from './closing.ts';
import { checkContract, requestOf } from './http.ts';

type Handler = ReturnType<typeof httpStack>;

/** What came over the wire, as a gateway sees it. */
export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  bytes: Buffer;
  status: number;
  answer: string;
}

/** Listens on a port of its own; closed after the tests of the file. @returns the port. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing(server, async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** Passes a request of node:http to a function as a gateway does, and returns its answer. */
export function gatewayTo(handler: Handler): RequestListener {
  return async (incoming, outgoing) => {
    const { request } = await requestFrom(incoming);
    const { statusCode, headers, body, isBase64Encoded }: HttpResponse = await handler(
      request,
      {} as Context,
    );
    outgoing.writeHead(statusCode ?? 200, headers as Record<string, string>);
    outgoing.end(body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  };
}

/**
 * A function behind a real socket, for unmodified clients. Each answer is checked against the OpenAPI document; one
 * that does not match becomes a 599.
 */
export async function serve(handler: Handler): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const port = await listen(async (incoming, outgoing) => {
    const { request, headers, bytes } = await requestFrom(incoming);
    const { method = '', url = '' } = incoming;
    const result = (await handler(request, {} as Context)) as HttpResponse;
    const status = statusOf(method, url.split('?')[0]!.replace(/\/$/, ''), result);
    received.push({ method, path: url, headers, bytes, status, answer: result.body ?? '' });
    outgoing.writeHead(status, result.headers as Record<string, string>).end(result.body);
  });
  return { url: `http://127.0.0.1:${port}`, received };
}

/** As API Gateway does: a body as text, or in base64 when it is compressed or of a binary type. */
async function requestFrom(
  incoming: IncomingMessage,
): Promise<{ request: HttpRequest; headers: Record<string, string>; bytes: Buffer }> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const isText = /^(text\/|application\/json)/.test(headers['content-type'] ?? '');
  const isPacked = headers['content-encoding'] !== undefined;
  const body = isText && !isPacked ? bytes.toString() : bytes;
  const { method = '', url = '' } = incoming;
  const request = requestOf(method, url, { headers, ...(bytes.length > 0 && { body }) });
  return { request, headers, bytes };
}

function statusOf(
  method: string,
  path: string,
  { statusCode = 0, headers = {}, body }: HttpResponse,
): number {
  if (method === 'OPTIONS') return statusCode;
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const isJson = lower['content-type']?.includes('json');
  try {
    const answer = { status: statusCode, headers: lower, body: body && isJson ? JSON.parse(body) : body };
    checkContract(method, path, answer);
    return statusCode;
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    return 599;
  }
}
