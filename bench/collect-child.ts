import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { readConfig } from '../shared/platform/config.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../shared/platform/http/stack.ts';
import { kafkaClient } from '../shared/platform/kafka/client.ts';

/**
 * A plain node server before one way of taking events, in a process of its own: what it uses of the processor is that
 * way's alone. Says its port, and what it has used whenever it is asked.
 */
export type Way = 'collect' | 'original' | 'nothing';

/** Takes a request's body and gives the answer's. */
type Take = (incoming: IncomingMessage, body: string) => Promise<{ status: number; body: string }>;

const ways: Record<Way, () => Promise<Take>> = {
  /** The collect function, as API Gateway hands it a request. */
  collect: async () => {
    const { handler } = (await import('../functions/collect/handler.ts')) as { handler: HttpHandler };
    return async (incoming, body) => {
      const answer: HttpResponse = await handler(lambdaRequest(incoming, body), {} as Context);
      return { status: answer.statusCode ?? 200, body: answer.body ?? '' };
    };
  },
  /** As the program that Footfall grew out of: the body goes to Kafka as it is, and nothing is checked. */
  original: async () => {
    const { kafka } = readConfig(process.env);
    const producer = kafkaClient(kafka, 'original').producer();
    await producer.connect();
    return async (_, body) => {
      const { events = [JSON.parse(body)] } = JSON.parse(body) as { events?: { user_id?: string }[] };
      const messages = events.map((event) => ({ key: event.user_id ?? '-', value: JSON.stringify(event) }));
      await producer.send({ topic: kafka.eventsTopic, messages });
      return { status: 202, body: JSON.stringify({ accepted: messages.length }) };
    };
  },
  /** The server alone: what is left when nothing is done. */
  nothing: async () => async (_, body) => {
    const { events = [body] } = JSON.parse(body) as { events?: unknown[] };
    return { status: 202, body: JSON.stringify({ accepted: events.length }) };
  },
};

function lambdaRequest(incoming: IncomingMessage, body: string): HttpRequest {
  const { method = '', url = '' } = incoming;
  const [path = '', query = ''] = url.split('?');
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: incoming.headers as Record<string, string>,
    queryStringParameters: parameters,
    body,
    isBase64Encoded: false,
    requestContext: {
      requestId: '',
      http: { method, path, sourceIp: '127.0.0.1', protocol: 'HTTP/1.1', userAgent: '' },
    } as HttpRequest['requestContext'],
  };
}

const take = await ways[process.argv[2] as Way]();
const server = createServer(async (incoming, outgoing) => {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const { status, body } = await take(incoming, Buffer.concat(parts).toString());
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
});
// Longer than any pause of a benchmark.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', () => process.send!(process.cpuUsage()));
process.on('disconnect', () => process.exit());
process.send!((server.address() as AddressInfo).port);
