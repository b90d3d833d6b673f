import * as z from 'zod';
import type { ZodOpenApiRequestBodyObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { HttpRequest, HttpResponse } from './stack.ts';

/** A method and path, and the function that answers there. */
export interface Page<Context> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Such as `/v1/users/{user}`; the values are in the request's `pathParameters`. */
  path: `/${string}`;
  handler(request: HttpRequest, context: Context): Promise<HttpResponse>;
}

/**
 * All of one endpoint of the API. The router and the OpenAPI document are made from it, and a test compares it with
 * serverless.yml.
 */
export interface Endpoint<Context> extends Page<Context> {
  /** The operation's name, in snake_case: generated clients call it so. */
  id: string;
  /** Its chapter in the document, see deploy/openapi.ts. */
  tag: string;
  summary: string;
  /** Markdown. */
  description?: string;
  /** The keys that open it, any one of them; none: it is public. The handler checks them. */
  access: readonly Access[];
  parameters?: z.ZodObject;
  query?: z.ZodObject;
  body?: ZodOpenApiRequestBodyObject;
  responses: ZodOpenApiResponsesObject;
}

/** A kind of key and where it is sent; deploy/openapi.ts describes each. */
export type Access =
  | 'writeKey'
  | 'writeKeyInQuery'
  | 'writeKeyInBody'
  | 'basicWriteKey'
  | 'apiSecret'
  | 'readKey'
  | 'readKeyInQuery'
  | 'adminKey'
  | 'installationKey';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable, for programs' }),
    detail: z.string().meta({ description: 'For people' }),
    request_id: z.string().meta({ description: "Finds the request in the service's log" }),
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
        detail: 'from: must be a date as YYYY-MM-DD',
        request_id: 'JKJaXmPLvHcESHA=',
        errors: [{ path: 'from', message: 'must be a date as YYYY-MM-DD' }],
      },
    ],
  });

/** A body of JSON. */
export const jsonBody = (schema: z.ZodType, { required = true, examples = undefined as Examples } = {}) => ({
  required,
  content: { 'application/json': { schema, ...(examples && { examples }) } },
});
type Examples = Record<string, { summary: string; value: unknown }> | undefined;

/** An answer in JSON. */
export const jsonAnswer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});

/** An answer in JSON of the shape `{data}`. */
export const dataAnswer = (description: string, schema: z.ZodType) =>
  jsonAnswer(description, z.object({ data: schema }));

/** An answer with problem details. */
export const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

/** A 401. */
export const unauthorizedAnswer = (description: string) => ({
  ...problemAnswer(description),
  headers: { 'WWW-Authenticate': { required: true, schema: { type: 'string' as const, const: 'Bearer' } } },
});

/** A 429 or 503: the same request works a little later. */
export const retryAnswer = (description: string) => ({
  ...problemAnswer(description),
  headers: {
    'Retry-After': {
      required: true,
      description: 'Seconds',
      schema: { type: 'string' as const, pattern: '^[0-9]+$' },
    },
  },
});
