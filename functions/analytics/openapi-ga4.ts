import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { VALIDATION_CODES } from '../../shared/intake/formats/ga4/ga4-problems.ts';
import { verdicts } from './openapi-collect.ts';
import { asJson, asProblem, notNow, refusalsOfCollect, unauthorized } from './openapi-parts.ts';

const micros = z.union([z.number(), z.string()]).optional().meta({
  description:
    "Microseconds since the epoch. Longer ago than the site's lateness (72 hours unless set), the event is stored and dead-lettered, not counted",
});

const measurement = z
  .looseObject({
    client_id: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'Of a web stream: required' }),
    app_instance_id: z.string().optional().meta({ description: 'Of an app instead' }),
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
  .meta({ id: 'Measurement', description: 'See docs/sending-events.md for what becomes of each field' });

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

const stream = z.string().optional().meta({ description: 'A measurement id of the site' });
const requestParams = {
  query: z.object({
    api_secret: z.string().meta({ description: 'A write key of the site' }),
    measurement_id: stream,
    firebase_app_id: z.string().optional().meta({ description: 'Of an app instead' }),
  }),
};

const requestBody: ZodOpenApiOperationObject['requestBody'] = {
  required: true,
  content: {
    'application/json': {
      schema: measurement,
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
    },
  },
};

const refusals = {
  ...refusalsOfCollect,
  401: unauthorized('api_secret is no write key of a site'),
  413: asProblem('More than 130 kB'),
};

const hits: Omit<ZodOpenApiOperationObject, 'operationId' | 'summary'> = {
  description: `Version 2 of Google's collect endpoint (\`v=2\`): \`tid\` is the site's measurement id, \`cid\` the
visitor, \`uid\` the user, \`en\` the event, \`ep.\` and \`epn.\` its parameters, \`pr1\` … its items, \`cu\` the currency,
\`dl\` the page, \`dr\` the referrer. A hit with \`_p\` and \`_s\` that is sent again is counted once. No secret is
needed.`,
  tags: ['ga4'],
  security: [],
  requestParams: {
    query: z.looseObject({
      tid: z
        .string()
        .meta({ description: 'A measurement id of the site; of several, the first that is known' }),
      en: z.string().optional().meta({ description: 'Event name, where the body does not say it' }),
      cid: z.string().optional(),
    }),
  },
  responses: {
    204: { description: 'Stored on all in-sync replicas, all or at least one hit' },
    400: asProblem('No hit could be accepted'),
    401: unauthorized('tid is no measurement id of a site'),
    ...refusalsOfCollect,
  },
};

export const ga4Paths: ZodOpenApiPathsObject = {
  '/mp/collect': {
    post: {
      operationId: 'send_measurements',
      summary: 'Take up to 25 events as the Measurement Protocol has them',
      description: `GA4's Measurement Protocol: set a client's host to this one, \`api_secret\` to a write key, and
\`measurement_id\` to one of the site's. GA4's names, reserved names and limits apply. Unlike at Google, what is
wrong is refused. Texts that are longer than GA4 takes are kept as far as Footfall takes them, unless
\`validation_behavior\` is \`ENFORCE_RECOMMENDATIONS\`. There are no ids, so a request that is sent again counts
again; only a purchase is known by its \`transaction_id\`.`,
      tags: ['ga4'],
      security: [{ apiSecret: [] }],
      requestParams,
      requestBody,
      responses: {
        200: asJson(
          'Some events are stored and counted, others were refused, or are too late to be counted',
          verdicts,
        ),
        204: { description: 'All events are stored, on all in-sync replicas' },
        400: asProblem('No event could be accepted'),
        ...refusals,
        403: asProblem(
          'measurement_id is not of the same site, or the site does not take events from pages of this origin',
        ),
      },
    },
  },
  '/debug/mp/collect': {
    post: {
      operationId: 'validate_measurements',
      summary: 'Say what is wrong with events of the Measurement Protocol, and store nothing',
      description: `Google's validation server: all that \`/mp/collect\` checks, and the limits that it only enforces
when it is asked to.`,
      tags: ['ga4'],
      security: [{ apiSecret: [] }],
      requestParams,
      requestBody,
      responses: {
        200: asJson('What is wrong, or an empty list', messages),
        400: asProblem('The body is no JSON'),
        ...refusals,
        403: asProblem('measurement_id is not of the same site'),
        503: notNow('The sites can not be read: ask again after Retry-After seconds'),
      },
    },
  },
  '/g/collect': {
    get: { operationId: 'send_hit', summary: 'Take a hit of gtag.js', ...hits },
    post: {
      operationId: 'send_hits',
      summary: 'Take hits of gtag.js, one for each line of the body',
      requestBody: {
        content: {
          'text/plain': { schema: z.string().meta({ description: 'Each line a query of its own' }) },
        },
      },
      ...hits,
    },
  },
};
