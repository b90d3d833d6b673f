import { z } from 'zod';

/** What several operations of the document have in common. */

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable, for programs' }),
    detail: z.string().meta({ description: 'For people' }),
    request_id: z.string().meta({ description: 'By it the request is found in the log' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() }))
      .optional()
      .meta({ description: 'What is wrong, and where' }),
    limit: z
      .number()
      .int()
      .optional()
      .meta({ description: 'Bytes, events, levels or keys that a body may have' }),
    limit_days: z.number().int().optional().meta({ description: 'Days that the answer may have' }),
    limit_points: z.number().int().optional().meta({ description: 'Points that the series may have' }),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details',
    examples: [
      {
        type: 'about:blank',
        title: 'invalid_parameter',
        status: 400,
        code: 'invalid_parameter',
        detail: 'from: a date as YYYY-MM-DD',
        request_id: 'JKJaXmPLvHcESHA=',
        errors: [{ path: 'from', message: 'a date as YYYY-MM-DD' }],
      },
    ],
  });

export const asJson = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
export const asProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});
export const unauthorized = (description: string) => ({
  ...asProblem(description),
  headers: { 'WWW-Authenticate': { required: true, schema: { type: 'string' as const, const: 'Bearer' } } },
});
/** What can be done a little later, as it was asked: 429 and 503. */
export const notNow = (description: string) => ({
  ...asProblem(description),
  headers: {
    'Retry-After': {
      required: true,
      description: 'Seconds',
      schema: { type: 'string' as const, pattern: '^[0-9]+$' },
    },
  },
});

/** What may become of a request with events, whatever its format; see `collect`. */
export const refusalsOfCollect = {
  403: asProblem('The site does not take events from pages of this origin'),
  413: asProblem('Too many bytes or events'),
  415: asProblem('The Content-Encoding is none of gzip, br and deflate'),
  429: notNow(
    'Too many events of this key, or from this address: send all of it again after Retry-After seconds',
  ),
  503: notNow(
    'Kafka is away: send all of it again after Retry-After seconds, with the same ids if it has any',
  ),
};
