import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApi } from '../../deploy/openapi.ts';
import type { Answer } from './answer.ts';

/** Answers checked against /v1/openapi.json. */

interface Operation {
  responses: Record<string, { headers?: object; content?: Record<string, unknown> }>;
}

const document = openApi() as unknown as { paths: Record<string, Record<string, Operation>> };
const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi.json');
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** Paths with fewer parameters first, since /v1/users/unique is not a user. */
const templates = Object.keys(document.paths)
  .sort((a, b) => a.split('{').length - b.split('{').length)
  .map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

const pointer = (...parts: string[]) =>
  parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

/** @throws when status, content type, headers or body do not match the document. */
export function checkContract(method: string, path: string, answer: Answer): void {
  const template = templates.find(({ pattern }) => pattern.test(path))?.path;
  const operation = template && document.paths[template]?.[method.toLowerCase()];
  if (!operation) {
    if (answer.status === 404 && (answer.body as { code?: string }).code === 'unknown_path') return;
    throw new Error(`${method} ${path} is not documented, but answered ${answer.status}.`);
  }
  const response = operation.responses[answer.status];
  if (!response) {
    throw new Error(`${method} ${template} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  for (const name of Object.keys(response.headers ?? {})) {
    if (!answer.headers[name.toLowerCase()]) throw new Error(`${method} ${template} sent no ${name}.`);
  }
  if (!response.content) {
    if (answer.body !== undefined) throw new Error(`${method} ${template} has an undocumented body.`);
    return;
  }
  const type = (answer.headers['content-type'] ?? '').split(';')[0]!;
  if (!(type in response.content)) throw new Error(`${method} ${template} is not documented as ${type}.`);
  const where = pointer('paths', template, method.toLowerCase(), 'responses', String(answer.status));
  const reference = `openapi.json#/${where}/content/${pointer(type)}/schema`;
  const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
  validators.set(reference, validate);
  if (!validate(answer.body)) {
    throw new Error(
      `${method} ${path} is not as documented: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(answer.body).slice(0, 2_000)}`,
    );
  }
}
