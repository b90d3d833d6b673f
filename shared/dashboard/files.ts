import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';

/** deploy/dashboard.cjs builds it from dashboard/ before the functions are packaged or run. */
const FOLDER = join(import.meta.dirname, '../../dist/dashboard');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/markdown; charset=utf-8',
};

/**
 * Sent with every file. The page runs its own scripts and styles only, asks this server only, and stands in no frame. What
 * an event says is text to it, so `trusted-types` allows no way to make markup of text.
 */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

interface PackedFile {
  /** Gzip, in base64: the gateway takes bytes so, and a browser always takes gzip. */
  body: string;
  etag: string;
}

const files = new Map<string, PackedFile>();

/** `GET /`: the dashboard. It names its script by a hash, so it is asked for again each time. */
export async function dashboardPage(request: HttpRequest): Promise<HttpResponse> {
  return answer(request, 'index.html', 'no-cache');
}

/** `GET /assets/{file}`. @throws FootfallError `unknown_path` 404. */
export async function dashboardFile(request: HttpRequest): Promise<HttpResponse> {
  const file = request.pathParameters?.file ?? '';
  // Vite's names are letters, digits, `-`, `_` and dots: nothing leads out of the folder.
  if (!/^[\w-]+(\.[\w-]+)*\.(js|css|svg|md)$/.test(file)) throw unknownFile();
  return answer(request, `assets/${file}`, 'public, max-age=31536000, immutable');
}

async function answer({ headers }: HttpRequest, name: string, cacheControl: string): Promise<HttpResponse> {
  const file = await packed(name);
  const sent = { ...HEADERS, 'cache-control': cacheControl, etag: file.etag };
  if (headers['if-none-match'] === file.etag) return { statusCode: 304, headers: sent };
  return {
    statusCode: 200,
    headers: {
      ...sent,
      'content-type': TYPES[extname(name)]!,
      'content-encoding': 'gzip',
      vary: 'accept-encoding',
    },
    body: file.body,
    isBase64Encoded: true,
  };
}

/** Read and packed once for each process. */
async function packed(name: string): Promise<PackedFile> {
  const known = files.get(name);
  if (known) return known;
  const bytes = await readFile(join(FOLDER, name)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? unknownFile() : error;
  });
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  const file = { body: gzipSync(bytes, { level: 9 }).toString('base64'), etag };
  files.set(name, file);
  return file;
}

const unknownFile = () =>
  new FootfallError('unknown_path', 404, 'There is no such file. The dashboard is at /.');
