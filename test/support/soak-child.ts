import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { Kafka, logLevel } from 'kafkajs';
import type { Mapping } from '../../packages/serverless-offline-kafka/src/mapping.ts';
import { createPoller } from '../../packages/serverless-offline-kafka/src/poller.ts';
import type { HttpRequest } from '../../shared/platform/http/stack.ts';
import { invokeInProcess } from './invoke-in-process.ts';

/** collect behind a socket, or aggregate behind its poller, in a process that reports its memory. */
const [role, mappingJson] = process.argv.slice(2) as ['collect' | 'aggregate', string];

async function serveCollect(): Promise<number> {
  const { handler } = await import('../../functions/collect/handler.ts');
  const server = createServer(async (incoming, outgoing) => {
    const context = { functionName: 'footfall-soak-collect' } as Context;
    const { statusCode = 200, headers, body } = await handler(await requestFrom(incoming), context);
    outgoing.writeHead(statusCode, headers as Record<string, string>).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The parts of a gateway's event that collect reads. */
async function requestFrom(incoming: IncomingMessage): Promise<HttpRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const { method, url } = incoming;
  return {
    rawPath: url,
    rawQueryString: '',
    headers: incoming.headers,
    body: Buffer.concat(parts).toString(),
    isBase64Encoded: false,
    routeKey: `${method} ${url}`,
    requestContext: { http: { method, path: url, sourceIp: '127.0.0.1' } },
  } as HttpRequest;
}

async function pollForAggregate(): Promise<number> {
  const { handler } = await import('../../functions/aggregate/handler.ts');
  const mapping: Mapping = JSON.parse(mappingJson);
  const poller = createPoller({
    kafka: new Kafka({ brokers: mapping.bootstrapServers, logLevel: logLevel.NOTHING }),
    mapping,
    invoke: invokeInProcess(handler),
    log: { notice() {}, debug() {}, warning: console.error, error: console.error },
  });
  await poller.start();
  return 0;
}

process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heap: heapUsed, rss });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: await (role === 'collect' ? serveCollect() : pollForAggregate()) });
