import * as z from 'zod';
import { openApiDocument } from '../../shared/api-docs/document.ts';
import { docsFile, docsPage } from '../../shared/api-docs/page.ts';
import type { PerGeneration } from '../../shared/generations/generation.ts';
import {
  dataAnswer,
  type Endpoint,
  jsonAnswer,
  type Page,
  retryAnswer,
  unauthorizedAnswer,
} from '../../shared/platform/http/endpoint.ts';
import type { AnalyticsContext } from '../../shared/questions/analytics-context.ts';
import { endpointOf } from '../../shared/questions/question-endpoint.ts';
import { questions } from '../../shared/questions/questions.ts';
import { accessAnswer, showAccess } from '../../shared/sites/show-access.ts';
import { answerHealth, answerLive, healthSchema } from '../../shared/status/health.ts';

type AnalyticsEndpoint = Endpoint<PerGeneration<AnalyticsContext>>;

const common = { method: 'GET', tag: 'operation', access: [] } as const;

const health = (path: AnalyticsEndpoint['path'], id: string): AnalyticsEndpoint => ({
  ...common,
  path,
  id,
  summary: 'Whether Kafka and Redis are there, how far the numbers are behind, and what they lack',
  responses: {
    200: dataAnswer('Both are there; degraded numbers are late or incomplete', healthSchema),
    503: dataAnswer('Kafka or Redis is away', healthSchema),
  },
  handler: answerHealth,
});

export const analyticsEndpoints: readonly AnalyticsEndpoint[] = [
  health('/v1/health', 'read_health'),
  health('/v1/health/ready', 'check_ready'),
  {
    ...common,
    path: '/v1/health/live',
    id: 'check_live',
    summary: 'Whether the function itself answers; it asks nothing else',
    responses: { 200: dataAnswer('It does', z.object({ status: z.literal('ok') })) },
    handler: answerLive,
  },
  {
    ...common,
    path: '/v1/openapi.json',
    id: 'read_openapi',
    summary: 'This document',
    responses: { 200: jsonAnswer('OpenAPI 3.1', z.looseObject({ openapi: z.string() })) },
    handler: openApiDocument,
  },
  {
    method: 'GET',
    path: '/v1/access',
    id: 'read_access',
    tag: 'sites',
    summary: 'What a key is, and the sites that it may read',
    description: 'For programs that a person signs in to with a key. Only in the header.',
    access: ['readKey', 'adminKey', 'installationKey'],
    responses: {
      200: dataAnswer('The key is one that reads', accessAnswer),
      401: unauthorizedAnswer('No such key, or a write key: `detail` says which'),
      503: retryAnswer('Redis and Kafka are away'),
    },
    handler: async (request, contexts) => showAccess(request, await contexts.current()),
  },
  ...questions.map(endpointOf),
];

/** For people: the OpenAPI document leaves them out. */
export const docsPages: readonly Page<unknown>[] = [
  { method: 'GET', path: '/docs', handler: docsPage },
  { method: 'GET', path: '/docs/{file}', handler: docsFile },
];
