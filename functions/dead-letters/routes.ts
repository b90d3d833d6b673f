import type * as z from 'zod';
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
import type { DeadLettersContext } from '../../shared/dead-letters/letters-context.ts';
import { countLetters, listLetters } from '../../shared/dead-letters/list-letters.ts';
import { discardLetters, replayLetters } from '../../shared/dead-letters/replay-letters.ts';
import { showLetter } from '../../shared/dead-letters/show-letter.ts';
import {
  dataAnswer,
  type Endpoint,
  jsonBody,
  problemAnswer,
  retryAnswer,
  unauthorizedAnswer,
} from '../../shared/platform/http/endpoint.ts';

const common = { tag: 'dead-letters', access: ['installationKey', 'adminKey'] } as const;

const refusals = {
  400: problemAnswer('Something is wrong; `errors` says where'),
  401: unauthorizedAnswer('No admin key'),
  503: retryAnswer(
    'Kafka or Redis is away, or the index of dead letters is being built: try again after Retry-After seconds',
  ),
};
const ofAnotherSite = problemAnswer('The key is of another site');

/** In JSON, or as CSV with `format=csv`. */
const listAnswer = (description: string, schema: z.ZodType) => ({
  description,
  content: {
    ...dataAnswer(description, schema).content,
    'text/csv': { schema: { type: 'string' as const } },
  },
});

const changeResponses = (answer: z.ZodType) => ({
  ...refusals,
  200: dataAnswer('What was done', answer),
  403: ofAnotherSite,
  404: problemAnswer('None of the named letters exists'),
  413: problemAnswer('Too many bytes'),
  415: problemAnswer('The Content-Encoding is none of gzip, br and deflate'),
  422: problemAnswer('None of the named letters can be counted like this; `errors` says why for each'),
  503: retryAnswer('As above; some of it may have been done, or will be. A repeated request does it once'),
});

export const deadLettersEndpoints: readonly Endpoint<DeadLettersContext>[] = [
  {
    method: 'GET',
    path: '/v1/dead-letters',
    id: 'list_dead_letters',
    ...common,
    summary: 'Events that could not be counted, the newest first',
    description: "The installation's key sees all letters. A site's admin key sees those that name its site.",
    query: listQuery,
    responses: { ...refusals, 200: listAnswer('The letters', lettersAnswer), 403: ofAnotherSite },
    handler: listLetters,
  },
  {
    method: 'GET',
    path: '/v1/dead-letters/counts',
    id: 'count_dead_letters',
    ...common,
    summary: 'The number of letters by day, reason, site and status, the newest day first',
    query: countsQuery,
    responses: { ...refusals, 200: listAnswer('The counts', countsAnswer), 403: ofAnotherSite },
    handler: countLetters,
  },
  {
    method: 'GET',
    path: '/v1/dead-letters/{letter}',
    id: 'read_dead_letter',
    ...common,
    summary: 'One letter, with the bytes that it holds',
    parameters: letterPath,
    responses: {
      ...refusals,
      200: dataAnswer('The letter', letterAnswer),
      404: problemAnswer('There is no such letter, or it is of another site'),
    },
    handler: showLetter,
  },
  {
    method: 'POST',
    path: '/v1/dead-letters/replay',
    id: 'replay_dead_letters',
    ...common,
    summary: 'Count letters after all, as they are or changed; each once, however often it is requested',
    description: `Each letter is checked first. One that would be refused again stays as it is, and the answer says why.
With \`reason\`, go on with \`next_cursor\` until there is none.`,
    body: jsonBody(replayInput),
    responses: changeResponses(replayAnswer),
    handler: replayLetters,
  },
  {
    method: 'POST',
    path: '/v1/dead-letters/discard',
    id: 'discard_dead_letters',
    ...common,
    summary: 'Mark letters as not to be counted',
    description: 'A discarded letter can still be replayed by its key.',
    body: jsonBody(discardInput),
    responses: changeResponses(discardAnswer),
    handler: discardLetters,
  },
];
