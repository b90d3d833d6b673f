import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpResponse } from '../platform/http/stack.ts';

/** deploy/openapi.ts makes it before the functions are packaged or run. */
const FILE = join(import.meta.dirname, '../../dist/openapi.json');

let text: string | undefined;

/** `GET /v1/openapi.json`: all endpoints of all functions, as OpenAPI 3.1. */
export async function openApiDocument(): Promise<HttpResponse> {
  text ??= await readFile(FILE, 'utf8');
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: text };
}
