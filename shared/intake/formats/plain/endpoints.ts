import * as z from 'zod';
import {
  type Endpoint,
  jsonAnswer,
  jsonBody,
  problemAnswer,
  unauthorizedAnswer,
} from '../../../platform/http/endpoint.ts';
import { type CollectContext, collect } from '../../collect.ts';
import { originalEvent, plainEvent } from '../../plain-schema.ts';
import { collectRefusals, verdictsSchema } from '../../responses.ts';
import { plainFormat } from './plain-format.ts';

const batch = z
  .object({
    events: z
      .array(z.union([plainEvent, originalEvent]))
      .min(1)
      .max(500),
  })
  .meta({ id: 'EventBatch', description: 'Each event is judged by itself' });
/** One flat list of named schemas, of which generators of clients make types. */
const eventOrBatch = z.union([plainEvent, originalEvent, batch]);

const examples = {
  view: {
    summary: "A product's page was viewed",
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
  refused: {
    summary: 'An order of a visitor who refused consent',
    value: { name: 'purchase', consent: false, transaction_id: 'o-1002', currency: 'EUR', value: 24.9 },
  },
  server: {
    summary: 'An order that a server reports, with the visit that it belongs to',
    value: {
      name: 'purchase',
      user_id: 'ada',
      server: true,
      session_id: '1700000001',
      transaction_id: 'o-1003',
      currency: 'EUR',
      value: 24.9,
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

export const plainEndpoints: readonly Endpoint<CollectContext>[] = [
  {
    method: 'POST',
    path: '/v1/events',
    id: 'send_events',
    tag: 'collect',
    summary: 'Send one event, or a batch of up to 500',
    description: `At most 1 MB of JSON in UTF-8, after unpacking. \`Content-Encoding\` may be gzip, br or deflate, and any content
type will do (beacons send text/plain). Each event is judged by itself: a valid event is taken even when its neighbour
is refused. A field that is null or an empty text counts as absent. Fields that are not listed here are ignored.

A value whose meaning is clear is put right, and the verdict has a warning: digits as text, float tails, placeholders
instead of ids. A value that could mean two things is refused with its path.

With 503 nothing, or only a part, may have been stored: send all events again, with the same ids.`,
    access: ['writeKey', 'writeKeyInQuery'],
    body: jsonBody(eventOrBatch, { examples }),
    responses: {
      202: jsonAnswer(
        'At least one event is stored on all in-sync replicas, to be counted or as a dead letter; a verdict for each event',
        verdictsSchema,
      ),
      400: problemAnswer('No event could be accepted'),
      401: unauthorizedAnswer('No write key of a site'),
      ...collectRefusals,
    },
    handler: (request, context) => collect(plainFormat, request, context),
  },
];
