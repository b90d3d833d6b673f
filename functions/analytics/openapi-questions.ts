import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { funnelDefinitionSchema, funnelInput } from '../../shared/funnels/schema.ts';
import { wholeQuery } from '../../shared/questions/answer.ts';
import { isAboutDays, type Question } from '../../shared/questions/question.ts';
import { freshnessSchema } from '../../shared/status/freshness.ts';
import { asJson, asProblem, notNow, unauthorized } from './openapi-parts.ts';

const metaSchema = freshnessSchema
  .extend({
    site: z.string(),
    time_zone: z.string().meta({ description: "The site's, by which its days begin" }),
    cache: z.enum(['hit', 'miss', 'none']).meta({
      description: 'Whether the answer was computed for an earlier question; none: such answers are not kept',
    }),
  })
  .meta({
    id: 'Meta',
    description: 'Which site the answer is about, and how fresh it is',
    examples: [
      {
        site: 'demo',
        time_zone: 'Europe/Madrid',
        as_of: '2026-03-31T18:05:13.000Z',
        applied: 48_210,
        lag_events: 0,
        lag_ms: 0,
        complete: true,
        cache: 'miss',
      },
    ],
  });

const ETAG = {
  etag: {
    description: 'For If-None-Match: 304 when nothing has changed',
    schema: { type: 'string' as const },
  },
};

/** What can go wrong with a question besides its parameters, by what its path names. */
const UNKNOWN: Record<string, string> = {
  user: 'Nothing is known of this user',
  product: 'Nothing happened to this product in the range',
  funnel: 'The site has no such funnel',
};

const operationIdOf = (path: string) =>
  path
    .replace(/^\/v1\//, 'read_')
    .replaceAll(/[{}]/g, '')
    .replaceAll(/\W+/g, '_')
    .replace(/^_/, '');

/** A question, from the schemas that check it. */
export function questionOperation(question: Question): ZodOpenApiOperationObject {
  const { path, summary, parameters, answer } = question;
  const previous = z
    .object({ from: z.iso.date(), to: z.iso.date(), data: answer })
    .optional()
    .meta({ description: 'With compare=previous: the answer about as many days before' });
  const body = z.object({ data: answer, ...(isAboutDays(question) && { previous }), meta: metaSchema });
  const named = Object.keys(parameters.shape).find((name) => name in UNKNOWN);
  return {
    operationId: operationIdOf(path),
    summary,
    tags: [path.startsWith('/v1/') ? 'analytics' : 'original'],
    security: [{ readKey: [] }, { readKeyInQuery: [] }],
    requestParams: { path: parameters, query: wholeQuery(question) },
    responses: {
      200: {
        description: 'The answer; as CSV its table',
        headers: ETAG,
        content: {
          'application/json': { schema: body },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      304: { description: 'The same as the one of If-None-Match', headers: ETAG },
      400: asProblem('A parameter is wrong'),
      401: unauthorized('No read key of a site'),
      403: asProblem('The key is of another site than `site`'),
      ...(named && { 404: asProblem(UNKNOWN[named]!) }),
      503: notNow('Redis is away'),
    },
  };
}

/** `POST /v1/funnels`. */
export const defineFunnelOperation: ZodOpenApiOperationObject = {
  operationId: 'define_funnel',
  summary: 'Define a funnel of the site',
  description: `At most 20 a site. Events received from \`effective_from\` on are counted, five seconds later, so that
every shard counts the same ones.`,
  tags: ['definitions'],
  security: [{ adminKey: [] }],
  requestBody: { required: true, content: { 'application/json': { schema: funnelInput } } },
  responses: {
    201: asJson('It is defined', z.object({ data: funnelDefinitionSchema })),
    400: asProblem('The definition is wrong'),
    401: unauthorized('No admin key of a site'),
    409: asProblem('There is one of this id, or there are too many'),
    413: asProblem('Too many bytes'),
    503: notNow('Redis is away: nothing is defined; or Kafka is, and it may have been (`sites_unavailable`)'),
  },
};

/** `DELETE /v1/funnels/{funnel}`. */
export const removeFunnelOperation: ZodOpenApiOperationObject = {
  operationId: 'remove_funnel',
  summary: 'Remove a funnel that the site defined, and its numbers',
  tags: ['definitions'],
  security: [{ adminKey: [] }],
  requestParams: { path: z.object({ funnel: z.string() }) },
  responses: {
    204: { description: 'It is removed' },
    401: unauthorized('No admin key of a site'),
    404: asProblem('The site has no such funnel'),
    409: asProblem('The shop funnel can not be removed'),
    503: notNow('Redis or Kafka is away'),
  },
};
