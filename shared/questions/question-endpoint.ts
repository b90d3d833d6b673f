import * as z from 'zod';
import type { PerGeneration } from '../generations/generation.ts';
import { type Endpoint, problemAnswer, retryAnswer, unauthorizedAnswer } from '../platform/http/endpoint.ts';
import { SITE_REFUSED } from '../sites/reader.ts';
import { freshnessSchema } from '../status/freshness.ts';
import { type AnswerContext, answerQuestion, fullQuery } from './answer.ts';
import { isAboutDays, type Question } from './question.ts';

const metaSchema = freshnessSchema
  .extend({
    site: z.string(),
    time_zone: z.string().meta({ description: "The site's time zone, by which its days begin" }),
    cache: z.enum(['hit', 'miss', 'none']).meta({
      description:
        'hit: the answer was computed for an earlier question. none: this question is never cached',
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

/** `/v1/users/{user}` becomes `read_users_user`. */
const idOf = (path: string) =>
  path
    .replace(/^\/v1\//, 'read_')
    .replaceAll(/[{}]/g, '')
    .replaceAll(/\W+/g, '_')
    .replace(/^_/, '');

/** The endpoint of a question. */
export function endpointOf(question: Question): Endpoint<Pick<PerGeneration<AnswerContext>, 'current'>> {
  const { path, summary, parameters, answer, notFound } = question;
  const previous = z
    .object({
      from: z.iso.date(),
      to: z.iso.date(),
      until: z.string().optional().meta({
        description:
          "The last day ends before this hour of the site's clock, as the range's last day does so far",
        example: '2026-03-30T14:00',
      }),
      whole_days: z
        .array(z.string())
        .optional()
        .meta({ description: 'With `until`: figures that are of the whole day, since no hour has them' }),
      data: answer,
    })
    .optional()
    .meta({ description: 'With compare: the answer for the other days' });
  const schema = z.object({ data: answer, ...(isAboutDays(question) && { previous }), meta: metaSchema });
  return {
    method: 'GET',
    path,
    id: idOf(path),
    tag: path.startsWith('/v1/') ? 'analytics' : 'original',
    summary,
    access: ['readKey', 'readKeyInQuery', 'adminKey', 'installationKey'],
    parameters,
    query: fullQuery(question),
    responses: {
      200: {
        description: 'The answer; as CSV its table',
        headers: ETAG,
        content: { 'application/json': { schema }, 'text/csv': { schema: { type: 'string' } } },
      },
      304: { description: 'The answer has not changed since If-None-Match', headers: ETAG },
      400: problemAnswer(`A parameter is wrong, or ${SITE_REFUSED[400]}`),
      401: unauthorizedAnswer('No key that reads'),
      403: problemAnswer(SITE_REFUSED[403]),
      404: problemAnswer(
        notFound === undefined ? SITE_REFUSED[404] : `${notFound}. Or: ${SITE_REFUSED[404]}`,
      ),
      503: retryAnswer('Redis is away'),
    },
    handler: async (request, contexts) => answerQuestion(question, request, await contexts.current()),
  };
}
