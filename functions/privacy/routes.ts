import * as z from 'zod';
import {
  dataAnswer,
  type Endpoint,
  problemAnswer,
  retryAnswer,
  unauthorizedAnswer,
} from '../../shared/platform/http/endpoint.ts';
import { exportQuery, exportSchema } from '../../shared/privacy/export-person.ts';
import { receiptSchema } from '../../shared/privacy/receipt.ts';
import {
  answerErasure,
  answerExport,
  answerReceipt,
  type PrivacyContext,
} from '../../shared/privacy/requests.ts';
import { SITE_REFUSED, siteQuery } from '../../shared/sites/reader.ts';

const user = z.object({
  user: z.string().meta({ description: 'Any id of the person, percent-encoded', example: 'ada' }),
});
const common = { tag: 'privacy', access: ['adminKey', 'installationKey'] } as const;
const refusals = {
  400: problemAnswer(`A parameter is wrong, or ${SITE_REFUSED[400]}`),
  401: unauthorizedAnswer('No admin key'),
  403: problemAnswer(SITE_REFUSED[403]),
};
const location = {
  location: { description: 'Of the receipt', required: true, schema: { type: 'string' as const } },
};

export const privacyEndpoints: readonly Endpoint<PrivacyContext>[] = [
  {
    method: 'GET',
    path: '/v1/privacy/{user}',
    id: 'read_held',
    ...common,
    summary: 'Export everything stored about a person, under all of their ids',
    description:
      'Of an anonymous id that became a user, only what is stored under that id: `user_id` names the user. In pages of up to 4 MB: request the next one with `cursor` until there is no `next_cursor`.',
    parameters: user,
    query: exportQuery.extend(siteQuery.shape),
    responses: {
      200: dataAnswer('The data', exportSchema),
      ...refusals,
      404: problemAnswer(`Nothing is stored. Or: ${SITE_REFUSED[404]}`),
      503: retryAnswer('Redis is away'),
    },
    handler: answerExport,
  },
  {
    method: 'DELETE',
    path: '/v1/privacy/{user}',
    id: 'erase_person',
    ...common,
    summary: 'Erase a person, under all of their ids',
    description: `Erases everything received before this request. Events that are still on their way are not counted.
Any id of the person will do. A person with very many ids is erased within
minutes. Events that come later count for a new user. A repeated request erases nothing more, and gets a receipt of its own.`,
    parameters: user,
    query: siteQuery,
    responses: {
      200: { ...dataAnswer('Done', receiptSchema), headers: location },
      202: { ...dataAnswer('Under way: read the receipt', receiptSchema), headers: location },
      ...refusals,
      404: problemAnswer(SITE_REFUSED[404]),
      503: retryAnswer('Kafka or Redis is away: try again after Retry-After seconds'),
    },
    handler: answerErasure,
  },
  {
    method: 'GET',
    path: '/v1/privacy-receipts/{receipt}',
    id: 'read_receipt',
    ...common,
    summary: 'What an erasure removed, and when; kept as long as the numbers of that day',
    parameters: z.object({ receipt: z.uuid() }),
    query: siteQuery,
    responses: {
      200: dataAnswer('The receipt', receiptSchema),
      ...refusals,
      404: problemAnswer(`The site has no such receipt. Or: ${SITE_REFUSED[404]}`),
      503: retryAnswer('Redis is away'),
    },
    handler: answerReceipt,
  },
];
