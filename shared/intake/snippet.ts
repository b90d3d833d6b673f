import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';

/** Built from browser/ by deploy/snippet.cjs before the functions are packaged or run. */
const FILE = join(import.meta.dirname, '../../dist/f.js');

let made: Promise<{ text: string; packed: string; etag: string }> | undefined;

async function read() {
  const bytes = await readFile(FILE);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  return { text: bytes.toString(), packed: gzipSync(bytes, { level: 9 }).toString('base64'), etag };
}

/** `GET /f.js`: the script for a shop's pages, allowed from every origin. */
export async function snippet({ headers: asked }: HttpRequest): Promise<HttpResponse> {
  made ??= read();
  const { text, packed, etag } = await made.catch((error) => {
    made = undefined;
    throw error;
  });
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=3600',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
    etag,
  };
  if (asked['if-none-match']?.includes(etag)) return { statusCode: 304, headers };
  if (!/\bgzip\b/.test(asked['accept-encoding'] ?? '')) return { statusCode: 200, headers, body: text };
  return {
    statusCode: 200,
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: packed,
    isBase64Encoded: true,
  };
}
