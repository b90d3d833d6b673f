import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import type { HttpResponse, httpStack } from '../../shared/http/stack.ts';
import { closing } from './closing.ts';
import { requestOf } from './http.ts';

/** Listens on a port of its own; closed after the tests of the file. @returns the port. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing(server, () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Hands a request of node:http to a function as a gateway does, and its answer back. */
export function gatewayTo(handler: ReturnType<typeof httpStack>): RequestListener {
  return async (incoming, outgoing) => {
    const bytes = await bodyOf(incoming);
    const isText = /^(text\/|application\/json)/.test(incoming.headers['content-type'] ?? '');
    const request = requestOf(incoming.method!, incoming.url!, {
      headers: incoming.headers as Record<string, string>,
      ...(bytes.length > 0 && { body: isText ? bytes.toString() : bytes }),
    });
    const { statusCode, headers, body, isBase64Encoded }: HttpResponse = await handler(
      request,
      {} as Context,
    );
    outgoing.writeHead(statusCode ?? 200, headers as Record<string, string>);
    outgoing.end(body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
