import * as z from 'zod';
import {
  type Endpoint,
  jsonAnswer,
  jsonBody,
  problemAnswer,
  retryAnswer,
  unauthorizedAnswer,
} from '../../../platform/http/endpoint.ts';
import { type CollectContext, collect } from '../../collect.ts';
import { collectRefusals, verdictsSchema } from '../../responses.ts';
import { measurementProtocolFormat, validateMeasurement } from './ga4-format.ts';
import { VALIDATION_CODES } from './ga4-problems.ts';

const micros = z.union([z.number(), z.string()]).optional().meta({
  description:
    "Microseconds since the epoch. An event older than the site's lateness limit (72 hours by default) is stored as a dead letter, not counted",
});

const measurement = z
  .looseObject({
    client_id: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'Required from a web stream' }),
    app_instance_id: z.string().optional().meta({ description: 'From an app instead' }),
    user_id: z.union([z.string(), z.number()]).optional(),
    timestamp_micros: micros,
    user_location: z.looseObject({ country_id: z.string().optional() }).optional(),
    device: z.record(z.string(), z.unknown()).optional(),
    user_agent: z.string().optional(),
    validation_behavior: z.enum(['RELAXED', 'ENFORCE_RECOMMENDATIONS']).optional(),
    events: z
      .array(
        z.looseObject({
          name: z.string(),
          timestamp_micros: micros,
          params: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .min(1)
      .max(25),
  })
  .meta({ id: 'Measurement', description: 'docs/sending-events.md says how each field is used' });

const messages = z
  .object({
    validationMessages: z.array(
      z.object({
        fieldPath: z.string(),
        description: z.string(),
        validationCode: z.enum(VALIDATION_CODES),
      }),
    ),
  })
  .meta({
    id: 'ValidationMessages',
    examples: [
      { validationMessages: [] },
      {
        validationMessages: [
          {
            fieldPath: 'events[0].name',
            description: 'Event name [first_open] is reserved.',
            validationCode: 'NAME_RESERVED',
          },
        ],
      },
    ],
  });

const query = z.object({
  api_secret: z.string().meta({ description: 'A write key of the site' }),
  measurement_id: z.string().optional().meta({
    description: "The stream's id. It is not needed: the write key decides whose the events are",
  }),
  firebase_app_id: z.string().optional().meta({ description: 'From an app instead' }),
});

const body = jsonBody(measurement, {
  examples: {
    purchase: {
      summary: 'An order',
      value: {
        client_id: '1341572211.1713295019',
        events: [
          {
            name: 'purchase',
            params: {
              transaction_id: 'o-1001',
              currency: 'EUR',
              value: 24.9,
              items: [{ item_id: 'tea-1', item_name: 'Green tea', price: 10, quantity: 2 }],
            },
          },
        ],
      },
    },
  },
});

const refusals = {
  ...collectRefusals,
  401: unauthorizedAnswer('api_secret is not a write key of a site'),
  413: problemAnswer('More than 130 kB'),
};

/** GA4's Measurement Protocol, and Google's server that validates it. */
export const ga4Endpoints: readonly Endpoint<CollectContext>[] = [
  {
    method: 'POST',
    path: '/mp/collect',
    id: 'send_measurements',
    tag: 'ga4',
    summary: 'Take up to 25 events in the format of the Measurement Protocol',
    description: `GA4's Measurement Protocol. Set a client's host to this one, and \`api_secret\` to a write key,
which decides whose the events are. GA4's names, reserved names and limits apply. Unlike Google, this
endpoint refuses what is wrong. Texts longer than GA4 takes are kept as far as Footfall takes them, unless
\`validation_behavior\` is \`ENFORCE_RECOMMENDATIONS\`. The protocol has no event ids, so a request that is sent again
counts again. Only a purchase is recognized, by its \`transaction_id\`. An event is a server's, and opens no visit, unless
it is a view or names a page or screen; an order always is. \`session_id\` names the visit that it belongs to.`,
    access: ['apiSecret'],
    query,
    body,
    responses: {
      200: jsonAnswer(
        'Some events are stored and counted; others were refused, or are too late to be counted',
        verdictsSchema,
      ),
      204: { description: 'All events are stored, on all in-sync replicas' },
      400: problemAnswer('No event could be accepted'),
      ...refusals,
      403: problemAnswer('The site does not take events from pages of this origin'),
    },
    handler: (request, context) => collect(measurementProtocolFormat, request, context),
  },
  {
    method: 'POST',
    path: '/debug/mp/collect',
    id: 'validate_measurements',
    tag: 'ga4',
    summary: 'Say what is wrong with events of the Measurement Protocol, and store nothing',
    description: `Google's validation server. It checks all that \`/mp/collect\` checks, the limits that
\`/mp/collect\` only enforces on request, and whether the site lists the stream.`,
    access: ['apiSecret'],
    query,
    body,
    responses: {
      200: jsonAnswer('What is wrong, or an empty list', messages),
      400: problemAnswer('The body is not JSON'),
      ...refusals,
      503: retryAnswer('The sites cannot be read: try again after Retry-After seconds'),
    },
    handler: validateMeasurement,
  },
];
