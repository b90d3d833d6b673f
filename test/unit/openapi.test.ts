import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApi } from '../../deploy/openapi.ts';
import { CLIENT_TYPES, clientTypes } from '../support/client-types.ts';

/**
 * fixtures/openapi-3.1-schema.json is the OpenAPI Initiative's JSON Schema of OpenAPI 3.1, version 2026-08-03,
 * verbatim (https://spec.openapis.org/oas/3.1/schema/2026-08-03; Apache License 2.0, the OpenAPI Initiative).
 */
const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/openapi-3.1-schema.json'), 'utf8'),
);
const newAjv = () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  return ajv;
};

interface Media {
  schema: { $ref?: string; properties?: Record<string, { $ref: string }> };
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: unknown[];
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { headers?: object; content?: Record<string, Media> }>;
}
const document = JSON.parse(JSON.stringify(openApi())) as {
  info: { description: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: unknown[] }> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('the document is valid OpenAPI 3.1', () => {
  const validate = newAjv().compile(schema);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  // The check can fail: OpenAPI requires path parameters to be required.
  const broken = structuredClone(document);
  broken.paths['/v1/users/{user}']!.get!.parameters![0]!.required = false;
  expect(validate(broken)).toBe(false);
});

test('each schema of it is valid JSON Schema 2020-12, and each reference leads somewhere', () => {
  const ajv = newAjv().addSchema(document, 'openapi.json');
  for (const name of Object.keys(document.components.schemas)) {
    expect(() => ajv.compile({ $ref: `openapi.json#/components/schemas/${name}` })).not.toThrow();
  }
});

test('a stranger finds a tag, a summary, a name of its own and every parameter of a path', () => {
  const tags = document.tags.map(({ name }) => name);
  const names = operations.map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const { path, operation } of operations) {
    expect(operation.operationId).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(operation.summary.length).toBeGreaterThan(10);
    expect(tags).toEqual(expect.arrayContaining(operation.tags));
    expect(operation.tags).toHaveLength(1);
    const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
});

test('every answer with data has an example, and every example is as its schema says', () => {
  const ajv = newAjv().addSchema(document, 'openapi.json');
  const examples = Object.entries(document.components.schemas).flatMap(([name, { examples = [] }]) =>
    examples.map((example) => ({ name, example })),
  );
  for (const { name, example } of examples) {
    const validate = ajv.compile({ $ref: `openapi.json#/components/schemas/${name}` });
    validate(example);
    expect({ name, errors: validate.errors ?? [] }).toEqual({ name, errors: [] });
  }
  const shown = new Set(examples.map(({ name }) => name));
  for (const { operation } of operations) {
    for (const { content = {} } of Object.values(operation.responses)) {
      for (const { schema } of Object.values(content)) {
        const refs = [schema.$ref, ...Object.values(schema.properties ?? {}).map(({ $ref }) => $ref)];
        for (const ref of refs) if (ref) expect(shown).toContain(ref.replace('#/components/schemas/', ''));
      }
    }
  }
});

test('every code that an answer can have is explained', () => {
  const root = join(import.meta.dirname, '../..');
  const sources = globSync(
    '{functions/{collect,analytics,privacy,sites,dead-letters,system},shared/{platform/http,api-docs,intake,questions,sites,funnels,privacy,dead-letters,system}}/**/*.ts',
    {
      cwd: root,
    },
  );
  const codes = sources.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/new FootfallError\(\s*'(\w+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  expect(codes).toEqual(expect.arrayContaining(['unauthorized', 'invalid_parameter', 'kafka_unavailable']));
  for (const code of codes) expect(document.info.description).toContain(`\`${code}\``);
});

test('whatever takes events says how it refuses them, and when to send them again', () => {
  const sending = operations.filter(
    ({ method, operation }) =>
      operation.tags[0] === 'ga4' ||
      (['collect', 'segment'].includes(operation.tags[0]!) && method === 'post'),
  );
  expect(sending.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/v1/events', '/v1/batch', '/mp/collect', '/debug/mp/collect', '/g/collect']),
  );
  for (const { path, operation } of sending) {
    const { responses } = operation;
    expect([path, ...Object.keys(responses)]).toEqual(
      expect.arrayContaining(['400', '401', '403', '413', '429', '503']),
    );
    for (const status of ['429', '503']) expect(responses[status]!.headers).toHaveProperty('Retry-After');
  }
});

test('every error has examples of its own, each as its schema says', () => {
  const ajv = newAjv().addSchema(document, 'openapi.json');
  const validate = ajv.compile({ $ref: 'openapi.json#/components/schemas/Problem' });
  const shown = new Set<string>();
  for (const { path, method, operation } of operations) {
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      const media = content['application/problem+json'];
      if (!media) continue;
      const examples = Object.entries(media.examples ?? {});
      expect([method, path, status, examples.length > 0]).toEqual([method, path, status, true]);
      for (const [code, { value }] of examples) {
        validate(value);
        expect(validate.errors ?? []).toEqual([]);
        expect(value).toMatchObject({ status: Number(status), code, title: code });
        shown.add(`| ${status} | ${code}`);
      }
    }
  }
  // The codes of the description's table, but for faults of the service itself, which no endpoint declares.
  const listed = [...document.info.description.matchAll(/^\| (\d+) \| (.+?) \|/gm)].flatMap(
    ([, status, codes]) => [...codes!.matchAll(/`(\w+)`/g)].map(([, code]) => `| ${status} | ${code}`),
  );
  const elsewhere = ['| 404 | unknown_path'];
  expect([...shown].sort()).toEqual(
    listed.filter((one) => !one.startsWith('| 500') && !elsewhere.includes(one)).sort(),
  );
});

test('nothing optional is filled in for those who try a request out', () => {
  for (const { operation } of operations) {
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in !== 'query' || parameter.required) continue;
      expect(JSON.stringify(parameter)).not.toMatch(/"examples?":/);
    }
  }
  const { parameters } = document.paths['/v1/overview']!.get!;
  expect(parameters!.find(({ name }) => name === 'from')!.description).toContain('Example: `2026-03-01`');
});

test('what it shows to send is what collect takes', () => {
  const { examples } = document.paths['/v1/events']!.post!.requestBody!.content['application/json']!;
  const where = 'paths/~1v1~1events/post/requestBody/content/application~1json/schema';
  const validate = newAjv()
    .addSchema(document, 'openapi.json')
    .compile({ $ref: `openapi.json#/${where}` });
  expect(Object.keys(examples ?? {}).length).toBeGreaterThan(3);
  for (const { value } of Object.values(examples ?? {})) {
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  }
});

test("the client's types are those of the document", async () => {
  // `npm run client` writes them.
  expect(readFileSync(CLIENT_TYPES, 'utf8')).toBe(await clientTypes());
});
