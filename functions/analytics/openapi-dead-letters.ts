import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import {
  countsAnswer,
  countsQuery,
  discardAnswer,
  discardInput,
  letterAnswer,
  letterPath,
  lettersAnswer,
  listQuery,
  replayAnswer,
  replayInput,
} from '../../shared/dead-letters/letter-schemas.ts';
import { asJson, asProblem, notNow, unauthorized } from './openapi-parts.ts';

const common: Pick<ZodOpenApiOperationObject, 'tags' | 'security'> = {
  tags: ['dead-letters'],
  security: [{ installationKey: [] }, { adminKey: [] }],
};
const refusals = {
  400: asProblem('Something is wrong; `errors` says where'),
  401: unauthorized('No admin key'),
  503: notNow('Kafka or Redis is away, or the letters are being read: ask again after Retry-After seconds'),
};
const wrongSite = asProblem('The key is of another site');
const data = (schema: z.ZodType) => z.object({ data: schema });
const listOf = (description: string, schema: z.ZodType) => ({
  description,
  content: {
    ...asJson(description, data(schema)).content,
    'text/csv': { schema: { type: 'string' as const } },
  },
});

const act = (
  schemas: { input: z.ZodType; answer: z.ZodType },
  rest: Pick<ZodOpenApiOperationObject, 'operationId' | 'summary' | 'description'>,
): ZodOpenApiOperationObject => ({
  ...common,
  ...rest,
  requestBody: { required: true, content: { 'application/json': { schema: schemas.input } } },
  responses: {
    200: asJson('What was done', data(schemas.answer)),
    ...refusals,
    403: wrongSite,
    404: asProblem('There is none of the letters that were named'),
    413: asProblem('Too many bytes'),
    422: asProblem('None of the letters that were named can be counted so; `errors` says why for each'),
    503: notNow('As for the others; some of it may have been done, or will be: to ask again does it once'),
  },
});

/** `/v1/dead-letters` and what lies below. */
export const deadLetterPaths: ZodOpenApiPathsObject = {
  '/v1/dead-letters': {
    get: {
      ...common,
      operationId: 'list_dead_letters',
      summary: 'What could not be counted, the newest first',
      description: `The installation's key sees all of it, a site's admin key what says it is of that site.`,
      requestParams: { query: listQuery },
      responses: { 200: listOf('The letters', lettersAnswer), ...refusals, 403: wrongSite },
    },
  },
  '/v1/dead-letters/counts': {
    get: {
      ...common,
      operationId: 'count_dead_letters',
      summary: 'How many there are by day, reason, site and status, the newest day first',
      requestParams: { query: countsQuery },
      responses: { 200: listOf('The counts', countsAnswer), ...refusals, 403: wrongSite },
    },
  },
  '/v1/dead-letters/{letter}': {
    get: {
      ...common,
      operationId: 'read_dead_letter',
      summary: 'One of them, with the bytes that it holds',
      requestParams: { path: letterPath },
      responses: {
        200: asJson('The letter', data(letterAnswer)),
        ...refusals,
        404: asProblem('There is no such letter, or it is of another site'),
      },
    },
  },
  '/v1/dead-letters/replay': {
    post: act(
      { input: replayInput, answer: replayAnswer },
      {
        operationId: 'replay_dead_letters',
        summary:
          'Have letters counted after all, as they are or changed: each once, however often it is asked',
        description: `Each is checked before: what would be refused again stays as it is, and the answer says why. Of a
\`reason\`, go on with \`next_cursor\` until there is none.`,
      },
    ),
  },
  '/v1/dead-letters/discard': {
    post: act(
      { input: discardInput, answer: discardAnswer },
      {
        operationId: 'discard_dead_letters',
        summary: 'Note of letters that they are not going to be counted',
        description: 'Who changes their mind replays them by their keys.',
      },
    ),
  },
};
