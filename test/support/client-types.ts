import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { openApi } from '../../deploy/openapi.ts';

/** `npm run client` writes the types of the API's client, from the document that the API serves. */
export const CLIENT_TYPES = join(import.meta.dirname, '../../dashboard/src/api/schema.d.ts');

export async function clientTypes(): Promise<string> {
  const document = JSON.parse(JSON.stringify(openApi()));
  return `/** Written by npm run client, from /v1/openapi.json. */\n\n${astToString(await openapiTS(document))}`;
}

if (import.meta.main) await writeFile(CLIENT_TYPES, await clientTypes());
