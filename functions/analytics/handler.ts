import httpRouter, { type Route } from '@middy/http-router';
import { config } from '../../shared/config.ts';
import { FootfallError } from '../../shared/errors.ts';
import {
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  httpStack,
  json,
} from '../../shared/http/stack.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { Sites } from '../../shared/sites.ts';
import { connectRedis } from '../../shared/store/connection.ts';
import { StoreReader } from '../../shared/store/reads.ts';
import { answer } from './answer.ts';
import { readHealth } from './health.ts';
import { openApi } from './openapi.ts';
import { questions } from './questions.ts';

const { kafka, redis, sites } = config();
const store = new StoreReader(connectRedis(redis.url, { enableAutoPipelining: true }), kafka.partitions);
const offsets = new TopicOffsets(kafka);
const known = new Sites(sites);
const fetchOffsets = () => offsets.fetch();

type HttpRoute = Route<HttpRequest, HttpResponse>;

const routes: HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/health',
    handler: async () => {
      const data = await readHealth(store, fetchOffsets);
      return json(data.status === 'ok' ? 200 : 503, { data }, { 'cache-control': 'no-store' });
    },
  },
  { method: 'GET', path: '/v1/openapi.json', handler: async () => json(200, openApi()) },
  ...questions.map(
    (question): HttpRoute => ({
      method: 'GET',
      path: question.path,
      handler: (request: HttpRequest) => answer(question, request, known, store, fetchOffsets),
    }),
  ),
];

// The router is a plain function; its types still say otherwise.
const route = httpRouter({
  routes,
  notFoundResponse: () => {
    throw new FootfallError('unknown_path', 404, 'There is nothing at this path; see /v1/openapi.json.');
  },
}) as unknown as HttpHandler;

export const handler = httpStack(route);
