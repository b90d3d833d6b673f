import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { exportQuery, exportSchema } from '../../shared/privacy/export-person.ts';
import { receiptSchema } from '../../shared/privacy/receipt.ts';
import { asJson, asProblem, notNow, unauthorized } from './openapi-parts.ts';

const user = z.object({
  user: z.string().meta({ description: 'Any id of the person, percent-encoded', example: 'ada' }),
});
const common = { tags: ['privacy'], security: [{ adminKey: [] }] };
const refused = {
  400: asProblem('A parameter is wrong'),
  401: unauthorized('No admin key of a site'),
};

/** `GET /v1/privacy/{user}`. */
export const readHeldOperation: ZodOpenApiOperationObject = {
  ...common,
  operationId: 'read_held',
  summary: 'All that is held of a person, under all of their ids',
  description: `In pages of up to 4 MB: ask for the next with \`cursor\` until there is no \`next_cursor\`.`,
  requestParams: { path: user, query: exportQuery },
  responses: {
    200: asJson('What is held', z.object({ data: exportSchema })),
    ...refused,
    404: asProblem('Nothing is held'),
    503: notNow('Redis is away'),
  },
};

const location = {
  location: { description: 'Of the receipt', required: true, schema: { type: 'string' as const } },
};

/** `DELETE /v1/privacy/{user}`. */
export const erasePersonOperation: ZodOpenApiOperationObject = {
  ...common,
  operationId: 'erase_person',
  summary: 'Forget a person, under all of their ids',
  description: `Whatever was received before is erased, and what of it is still on its way is not counted. What comes
later is a new user's. To ask twice is to ask once; each asking has a receipt of its own.`,
  requestParams: { path: user },
  responses: {
    200: { ...asJson('Done', z.object({ data: receiptSchema })), headers: location },
    202: {
      ...asJson('Under way: look at the receipt', z.object({ data: receiptSchema })),
      headers: location,
    },
    ...refused,
    503: notNow('Kafka or Redis is away: ask again after Retry-After seconds'),
  },
};

/** `GET /v1/privacy-receipts/{receipt}`. */
export const readReceiptOperation: ZodOpenApiOperationObject = {
  ...common,
  operationId: 'read_receipt',
  summary: 'What an erasure removed, and when; kept as long as the numbers of that day',
  requestParams: { path: z.object({ receipt: z.uuid() }) },
  responses: {
    200: asJson('The receipt', z.object({ data: receiptSchema })),
    ...refused,
    404: asProblem('The site has no such receipt'),
    503: notNow('Redis is away'),
  },
};
