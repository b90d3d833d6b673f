import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { analyticsEndpoints } from '../functions/analytics/routes.ts';
import { collectEndpoints } from '../functions/collect/routes.ts';
import { deadLettersEndpoints } from '../functions/dead-letters/routes.ts';
import { privacyEndpoints } from '../functions/privacy/routes.ts';
import { sitesEndpoints } from '../functions/sites/routes.ts';
import { systemEndpoints } from '../functions/system/routes.ts';
import type { Access, Endpoint } from '../shared/platform/http/endpoint.ts';
import { errorExamples } from './error-examples.ts';

/** Every endpoint of the API, in the order of the document. */
const endpoints: readonly Endpoint<never>[] = [
  ...collectEndpoints,
  ...sitesEndpoints,
  ...deadLettersEndpoints,
  ...privacyEndpoints,
  ...systemEndpoints,
  ...analyticsEndpoints,
];

const tags: NonNullable<ZodOpenApiObject['tags']> = [
  { name: 'collect', description: 'Send events; needs a write key' },
  { name: 'segment', description: "Segment's HTTP API, for its libraries; needs a write key" },
  { name: 'ga4', description: 'The Measurement Protocol and gtag.js, for clients of Google Analytics' },
  { name: 'analytics', description: 'Ask for numbers; needs a read or admin key' },
  { name: 'definitions', description: 'What a site defines itself; needs an admin key' },
  {
    name: 'sites',
    description:
      'Make and change sites and their keys; needs an admin key. `/v1/access` takes a read key, too',
  },
  {
    name: 'dead-letters',
    description: 'Events that could not be counted: list, replay and discard them; needs an admin key',
  },
  { name: 'privacy', description: 'Export and erase the data of a person; needs an admin key' },
  {
    name: 'system',
    description: "What Kafka and Redis hold; needs the installation's admin key",
  },
  { name: 'operation', description: 'The state of the service; needs no key' },
  {
    name: 'original',
    description: 'The paths of the program that Footfall grew out of, for its clients',
  },
];

const securitySchemes: Record<Exclude<Access, 'writeKeyInBody'>, object> = {
  writeKey: { type: 'http', scheme: 'bearer', description: 'A write key of the site' },
  writeKeyInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'write_key',
    description: 'The same, for clients that cannot set headers',
  },
  basicWriteKey: {
    type: 'http',
    scheme: 'basic',
    description: 'A write key as the user name, without a password, as Segment sends it',
  },
  apiSecret: {
    type: 'apiKey',
    in: 'query',
    name: 'api_secret',
    description: 'A write key, as the Measurement Protocol sends it',
  },
  readKey: { type: 'http', scheme: 'bearer', description: 'A read key of the site' },
  adminKey: { type: 'http', scheme: 'bearer', description: 'An admin key of the site' },
  installationKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'The admin key of the whole installation',
  },
  readKeyInQuery: { type: 'apiKey', in: 'query', name: 'read_key', description: 'The same, in the query' },
};

/** OpenAPI has no scheme for a key in the body: there the header is optional. */
const securityOf = (access: Access): Record<string, string[]> =>
  access === 'writeKeyInBody' ? {} : { [access]: [] };

const FILE = join(import.meta.dirname, '../dist/openapi.json');

/** Makes dist/openapi.json, which analytics serves. `npm run build:openapi` does only this. */
export function writeOpenApi(): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify(openApi()));
}

/** The API as OpenAPI 3.1, from the same schemas that check the requests. */
export function openApi() {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operationOf(endpoint),
    };
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Footfall',
        version: '1',
        summary: 'What visitors of a shop do, as numbers',
        description: readFileSync(join(import.meta.dirname, 'openapi.md'), 'utf8').trimEnd(),
      },
      servers: [{ url: '/', description: 'The host that serves this document' }],
      tags,
      paths,
      components: {
        securitySchemes: securitySchemes as NonNullable<ZodOpenApiObject['components']>['securitySchemes'],
      },
    },
    { override: withoutNoise },
  );
  defaultsInWords(document.components?.schemas);
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Described>).map(([method, operation]) => ({
      ...{ path, method, operation },
    })),
  );
  for (const { path, method, operation } of operations) {
    const parameters = operation.parameters ?? [];
    for (const one of parameters) if (one.in === 'query' && !one.required) exampleInWords(one);
    const query = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const problem = content?.['application/problem+json'];
      if (!problem) continue;
      const examples = errorExamples({ path, method, tag: operation.tags[0]!, query }, Number(status));
      if (examples) problem.examples = examples;
    }
  }
  return document;
}

/** The part of an operation that is completed after the document was made. */
interface Described {
  tags: string[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    example?: unknown;
    schema?: { example?: unknown; examples?: unknown[]; description?: string };
  }[];
  responses: Record<string, { content?: Record<string, { examples?: object }> }>;
}

/**
 * Says the example of an optional parameter in its description. As a keyword, Swagger UI would send it with each request
 * that is tried out: a site that does not exist, and days without events.
 */
function exampleInWords(parameter: NonNullable<Described['parameters']>[number]): void {
  const { schema = {} } = parameter;
  const example = parameter.example ?? schema.example ?? schema.examples?.[0];
  delete parameter.example;
  delete schema.example;
  delete schema.examples;
  if (example === undefined) return;
  const said = `Example: \`${String(example)}\``;
  parameter.description = parameter.description ? `${parameter.description}. ${said}` : said;
}

const operationOf = ({
  id,
  tag,
  summary,
  description,
  access,
  parameters,
  query,
  body,
  responses,
}: Endpoint<never>): ZodOpenApiOperationObject => ({
  operationId: id,
  summary,
  ...(description !== undefined && { description }),
  tags: [tag],
  security: access.map(securityOf),
  ...((parameters || query) && {
    requestParams: { ...(parameters && { path: parameters }), ...(query && { query }) },
  }),
  ...(body && { requestBody: body }),
  responses,
});

/** Drops what zod adds and no reader needs: the pattern of a format, and the bounds of a double. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

/**
 * Says a property's default in its description. As a keyword it makes the property required in generated types
 * (openapi-typescript), also where it may be left out.
 */
function defaultsInWords(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const property of Object.values((schema as { properties?: object }).properties ?? {})) {
    // A property may itself have the name `properties`.
    if (typeof property !== 'object' || !('default' in property)) continue;
    const said = `Default: ${JSON.stringify(property.default)}`;
    property.description = property.description ? `${property.description}. ${said}` : said;
    delete property.default;
  }
  for (const value of Object.values(schema)) defaultsInWords(value);
}

if (import.meta.main) writeOpenApi();
