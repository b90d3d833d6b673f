import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { freshnessSchema } from '../../shared/analytics/freshness.ts';
import { originalEvent, plainEvent } from '../../shared/events/plain.ts';
import { healthSchema } from './health.ts';
import { type Question, questions } from './questions.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable' }),
    detail: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() }))
      .optional()
      .meta({ description: 'What is wrong, and where' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });

const refusal = z.object({ code: z.string(), path: z.string(), message: z.string() });

const verdicts = z
  .object({
    accepted: z.number().int(),
    refused: z.number().int(),
    events: z.array(
      z.union([
        z.object({ index: z.number().int(), status: z.literal('accepted'), id: z.string() }),
        z.object({ index: z.number().int(), status: z.literal('refused'), errors: z.array(refusal) }),
      ]),
    ),
  })
  .meta({ id: 'Verdicts' });

export const metaSchema = freshnessSchema
  .extend({ site: z.string(), time_zone: z.string() })
  .meta({ id: 'Meta', description: 'How fresh the answer is' });

const asJson = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
const asProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

const event = z.union([plainEvent, originalEvent]);

const collectOperation: ZodOpenApiOperationObject = {
  operationId: 'sendEvents',
  summary: 'Send one event, or a batch of up to 500 and 1 MB (gzip is understood)',
  tags: ['collect'],
  security: [{ writeKey: [] }, { writeKeyInQuery: [] }],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: z.union([event, z.object({ events: z.array(event).min(1).max(500) })]) },
    },
  },
  responses: {
    202: asJson('At least one event is stored by Kafka; a verdict for each', verdicts),
    400: asProblem('No event could be accepted'),
    401: asProblem('No write key of a site'),
    413: asProblem('Too many bytes or events'),
    503: asProblem('Kafka is away: send again after Retry-After seconds, with the same ids'),
  },
};

function operationOf({ path, summary, parameters, query, answer }: Question): ZodOpenApiOperationObject {
  return {
    operationId: path
      .replace(/^\/v1\//, 'read_')
      .replaceAll(/[{}]/g, '')
      .replaceAll(/\W+/g, '_')
      .replace(/^_/, ''),
    summary,
    tags: [path.startsWith('/v1/') ? 'analytics' : 'original'],
    security: [{ readKey: [] }, { readKeyInQuery: [] }],
    requestParams: { path: parameters, query },
    responses: {
      200: asJson('The answer', z.object({ data: answer, meta: metaSchema })),
      400: asProblem('A parameter is wrong'),
      401: asProblem('No read key of a site'),
      ...(path.includes('{user}') && { 404: asProblem('Nothing is known of this user') }),
      503: asProblem('Redis is away'),
    },
  };
}

/** The API as OpenAPI 3.1, from the same schemas that check what comes in. */
export function openApi() {
  const paths: ZodOpenApiPathsObject = {
    '/v1/events': { post: collectOperation },
    '/v1/health': {
      get: {
        operationId: 'read_health',
        summary: 'Whether Kafka and Redis are there, and the lag',
        tags: ['operation'],
        security: [],
        responses: {
          200: asJson('All is there', z.object({ data: healthSchema })),
          503: asJson('Something is away', z.object({ data: healthSchema })),
        },
      },
    },
  };
  for (const one of questions) paths[one.path] = { ...paths[one.path], get: operationOf(one) };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Footfall',
      version: '1',
      description: 'Real-time engagement analytics for e-commerce. Days are those of the site’s time zone.',
    },
    paths,
    components: {
      securitySchemes: {
        writeKey: { type: 'http', scheme: 'bearer', description: 'A write key of the site' },
        writeKeyInQuery: { type: 'apiKey', in: 'query', name: 'write_key' },
        readKey: { type: 'http', scheme: 'bearer', description: 'A read key of the site' },
        readKeyInQuery: { type: 'apiKey', in: 'query', name: 'read_key' },
      },
    },
  });
}
