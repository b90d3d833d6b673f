import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import type { HttpResponse, httpStack } from '../../shared/http/stack.ts';
import { closing } from './closing.ts';
import { checkContract, requestOf } from './http.ts';

/** What came over the wire, as a gateway sees it. */
export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  bytes: Buffer;
  status: number;
  answer: string;
}

/**
 * A function behind a real socket, for clients that are used as they are. It hands requests over as API Gateway
 * does: bodies as text, but those of binary types and compressed ones in base64. Each answer is checked against
 * the OpenAPI document; one that is not as documented fails the request with 599.
 */
export async function serve(
  handler: ReturnType<typeof httpStack>,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const bytes = await bodyOf(request);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { method = '', url = '' } = request;
    const isText = /^(text\/|application\/json)/.test(headers['content-type'] ?? '');
    const isPacked = headers['content-encoding'] !== undefined;
    const body = bytes.length === 0 ? undefined : isText && !isPacked ? bytes.toString() : bytes;
    const result = (await handler(
      requestOf(method, url, { headers, ...(body !== undefined && { body }) }),
      {} as Context,
    )) as HttpResponse;
    const path = url.split('?')[0]!.replace(/\/$/, '');
    const status = statusOf(method, path, result);
    received.push({ method, path: url, headers, bytes, status, answer: result.body ?? '' });
    response.writeHead(status, result.headers as Record<string, string>).end(result.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing(server, async (one) => {
    one.closeAllConnections();
    one.close();
    await once(one, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
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
