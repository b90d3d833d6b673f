import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { originalEvent, plainEvent } from '../../shared/intake/plain-event.ts';
import { WARNING_CODES } from '../../shared/intake/values/warning.ts';
import { asJson, asProblem, refusalsOfCollect, unauthorized } from './openapi-parts.ts';

const refusal = z.object({
  code: z.enum(['invalid_event', 'too_late', 'beyond_retention', 'bad_amount']),
  path: z.string().meta({ description: 'From the body: `events[3].items[0].price`; empty for all of it' }),
  message: z.string(),
});

const warnings = z
  .array(z.object({ code: z.enum(WARNING_CODES), path: z.string(), message: z.string() }))
  .optional()
  .meta({ description: 'What was put right in an event that is stored; absent when nothing was' });

const verdictList = z
  .array(
    z.union([
      z.object({ index: z.number().int(), status: z.literal('accepted'), id: z.string(), warnings }),
      z.object({
        index: z.number().int(),
        status: z.literal('dead_lettered'),
        id: z.string(),
        errors: z.array(refusal),
        warnings,
      }),
      z.object({ index: z.number().int(), status: z.literal('refused'), errors: z.array(refusal) }),
    ]),
  )
  .meta({ description: 'One for each event, in the order of the request; `id` is the one it is known by' });

export const verdicts = z
  .object({
    accepted: z.number().int(),
    refused: z.number().int(),
    dead_lettered: z.number().int().meta({ description: 'Stored, but too late to be counted' }),
    events: verdictList,
  })
  .meta({
    id: 'Verdicts',
    examples: [
      {
        accepted: 1,
        refused: 1,
        dead_lettered: 0,
        events: [
          { index: 0, status: 'accepted', id: 'e-1' },
          {
            index: 1,
            status: 'refused',
            errors: [
              {
                code: 'invalid_event',
                path: 'events[1].items[0].price',
                message: 'must be a number of 0 or more, or a decimal number as text',
              },
            ],
          },
        ],
      },
    ],
  });

const event = z.union([plainEvent, originalEvent]);
const eventOrBatch = z.union([event, z.object({ events: z.array(event).min(1).max(500) })]);

const eventExamples = {
  view: {
    summary: 'A page of a product',
    value: { name: 'view_item', anonymous_id: 'c0ffee', items: [{ item_id: 'tea-1' }] },
  },
  purchase: {
    summary: 'An order',
    value: {
      name: 'purchase',
      user_id: 'ada',
      transaction_id: 'o-1001',
      currency: 'EUR',
      value: 24.9,
      items: [{ item_id: 'tea-1', item_name: 'Green tea', price: 10, quantity: 2 }],
    },
  },
  batch: {
    summary: 'A batch, with ids that make a retry harmless',
    value: {
      events: [
        {
          id: 'e-1',
          name: 'search',
          user_id: 'ada',
          search_term: 'teapot',
          timestamp: '2026-03-31T18:05:12.250Z',
        },
        { id: 'e-2', name: 'add_to_cart', user_id: 'ada', items: [{ item_id: 'pot-7', price: '49.50' }] },
      ],
    },
  },
  original: {
    summary: "The original program's event",
    value: {
      user_id: 1,
      site_id: 1,
      site_name: 'Demo shop',
      interaction_type: 'click',
      product_id: 42,
      timestamp: 1_774_980_312.25,
    },
  },
};

/** `GET /f.js`. */
export const snippetOperation: ZodOpenApiOperationObject = {
  operationId: 'read_snippet',
  summary: "The script for a shop's pages",
  description:
    'Sends page views, and the events that a page tells it of: `<script async src="/f.js" data-key="WRITE_KEY"></script>`',
  tags: ['collect'],
  security: [],
  responses: {
    200: {
      description: 'Less than 2 kB, packed',
      headers: { ETag: { required: true, schema: { type: 'string' } } },
      content: { 'text/javascript': { schema: z.string() } },
    },
    304: { description: 'It is still the one of If-None-Match' },
  },
};

/** `POST /v1/events`. */
export const collectOperation: ZodOpenApiOperationObject = {
  operationId: 'send_events',
  summary: 'Send one event, or a batch of up to 500',
  description: `At most 1 MB of JSON in UTF-8, after unpacking. \`Content-Encoding\` may be gzip, br or deflate, and the content type
does not matter (beacons send text/plain). Each event is judged for itself: what is right is taken even when its
neighbour is not. Fields that are null or an empty text are absent; fields that are not listed here are ignored.

A value whose meaning is clear is put right, and the verdict has a warning: digits as text, float tails, placeholders
instead of ids. A value that could mean two things is refused with its path.

With 503 nothing or only a part may have been stored: send all of it again, with the same ids.`,
  tags: ['collect'],
  security: [{ writeKey: [] }, { writeKeyInQuery: [] }],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: eventOrBatch, examples: eventExamples } },
  },
  responses: {
    202: asJson(
      'At least one event is stored, counted or not, on all in-sync replicas; a verdict for each',
      verdicts,
    ),
    400: asProblem('No event could be accepted'),
    401: unauthorized('No write key of a site'),
    ...refusalsOfCollect,
  },
};
