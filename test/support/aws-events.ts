import { gunzipSync } from 'node:zlib';
import type { KafkaMessage } from 'kafkajs';
import { encodeRecord, recordsKey } from '../../packages/serverless-offline-kafka/src/lambda-event.ts';
import type { HttpResponse } from '../../shared/platform/http/stack.ts';

/** Events in the shapes that AWS's documentation shows, with all members that a function does not need, too. */

interface Sent {
  headers?: Record<string, string>;
  body?: string;
  /** Of the route: `path` for `GET /v1/{path+}`. */
  parameters?: Record<string, string>;
}

/**
 * What an HTTP API sends ("Working with AWS Lambda proxy integrations for HTTP APIs", payload format 2.0).
 * @param route as in serverless.yml
 * @param target path and query
 */
export function httpApiEvent(route: string, target: string, { headers = {}, body, parameters }: Sent = {}) {
  const [path, query = ''] = target.split('?') as [string, string?];
  const [method] = route.split(' ') as [string];
  return {
    version: '2.0',
    routeKey: route,
    rawPath: path,
    rawQueryString: query,
    cookies: ['cookie1', 'cookie2'],
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body ?? '')),
      host: 'r3pmxmplak.execute-api.us-east-2.amazonaws.com',
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/137.0.0.0 Safari/537.36',
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '205.255.255.176',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(query && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'r3pmxmplak',
      domainName: 'r3pmxmplak.execute-api.us-east-2.amazonaws.com',
      domainPrefix: 'r3pmxmplak',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '205.255.255.176',
        userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/137.0.0.0 Safari/537.36',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: route,
      stage: '$default',
      time: '10/Mar/2020:05:16:23 +0000',
      timeEpoch: 1_583_817_383_220,
    },
    ...(parameters && { pathParameters: parameters }),
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

/** The members of such an event that differ by the source ("Using Lambda with Amazon MSK", "… self-managed Apache Kafka"). */
const KAFKA_SOURCES = {
  msk: {
    eventSource: 'aws:kafka',
    eventSourceArn:
      'arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973-a626-431c-9d4e-d7975eb44dd7-2',
    bootstrapServers:
      'b-2.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092,b-1.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092',
  },
  selfManaged: {
    eventSource: 'SelfManagedKafka',
    bootstrapServers:
      'b-2.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092,b-1.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092',
  },
};

/** What Lambda's poller sends for these messages of a topic, which may be of several partitions. */
export function kafkaEvent(
  source: keyof typeof KAFKA_SOURCES,
  topic: string,
  messages: readonly (KafkaMessage & { partition: number })[],
) {
  const records: Record<string, unknown[]> = {};
  for (const message of messages) {
    const key = recordsKey(topic, message.partition);
    records[key] ??= [];
    records[key].push(JSON.parse(encodeRecord(topic, message.partition, message).json));
  }
  return { ...KAFKA_SOURCES[source], records };
}

/** What a schedule sends ("Using Lambda with EventBridge", a scheduled event). */
export const scheduledEvent = () => ({
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2015-10-08T16:53:06Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule'],
  detail: {},
});

/** The body of an answer as a client sees it. */
export function textOf({ body = '', headers, isBase64Encoded }: HttpResponse): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return String(headers?.['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
}

/** The status and the parsed body of an answer. */
export const answered = (answer: HttpResponse) => ({
  status: answer.statusCode,
  body: JSON.parse(textOf(answer) || 'null'),
});
