import * as z from 'zod';
import { problemAnswer, retryAnswer } from '../platform/http/endpoint.ts';
import { WARNING_CODES } from './values/warning.ts';

/** What the endpoints that take events have in common in their answers. */

const refusal = z.object({
  code: z.enum(['invalid_event', 'too_late', 'beyond_retention', 'bad_amount']),
  path: z
    .string()
    .meta({ description: 'In the body, such as `events[3].items[0].price`; empty: the whole event' }),
  message: z.string(),
});

const warnings = z
  .array(z.object({ code: z.enum(WARNING_CODES), path: z.string(), message: z.string() }))
  .optional()
  .meta({ description: 'What was put right in an event that is stored; absent when nothing was' });

const verdictList = z
  .array(
    z.union([
      z
        .object({ index: z.number().int(), status: z.literal('accepted'), id: z.string(), warnings })
        .meta({ id: 'AcceptedEvent' }),
      z
        .object({
          index: z.number().int(),
          status: z.literal('dead_lettered'),
          id: z.string(),
          errors: z.array(refusal),
          warnings,
        })
        .meta({ id: 'DeadLetteredEvent' }),
      z
        .object({ index: z.number().int(), status: z.literal('refused'), errors: z.array(refusal) })
        .meta({ id: 'RefusedEvent' }),
    ]),
  )
  .meta({ description: "One for each event, in the request's order. `id` identifies the event from now on" });

export const verdictsSchema = z
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

/** How `collect` refuses a request, in whatever format its events are. */
export const collectRefusals = {
  403: problemAnswer('The site does not take events from pages of this origin'),
  413: problemAnswer('Too many bytes or events'),
  415: problemAnswer('The Content-Encoding is none of gzip, br and deflate'),
  429: retryAnswer(
    'Too many events with this key or from this address: send all of them again after Retry-After seconds',
  ),
  503: retryAnswer(
    'Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any',
  ),
};
