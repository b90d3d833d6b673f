import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';

/** Files of Swagger UI that the page loads. */
const FILES = { 'swagger-ui-bundle.js': 'text/javascript', 'swagger-ui.css': 'text/css' } as const;

const SETUP = `window.ui = SwaggerUIBundle({
  url: '/v1/openapi.json', dom_id: '#page', deepLinking: true, docExpansion: 'list',
  defaultModelsExpandDepth: 0, displayRequestDuration: true, validatorUrl: null,
});`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Footfall API</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" href="data:,">
</head>
<body>
  <main id="page">The document itself is at <a href="/v1/openapi.json">/v1/openapi.json</a>.</main>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/setup.js"></script>
</body>
</html>
`;

/** The page loads nothing from other hosts. Swagger UI needs inline styles and pictures. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** `GET /docs`: /v1/openapi.json as a page for people, with a form for each request. */
export async function docsPage(): Promise<HttpResponse> {
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'public, max-age=300',
    },
    body: PAGE,
  };
}

/** `GET /docs/{file}`: a file of the page. @throws FootfallError `unknown_path` 404. */
export async function docsFile({ pathParameters }: HttpRequest): Promise<HttpResponse> {
  const name = pathParameters?.file ?? '';
  if (name === 'setup.js') return fileOf('text/javascript', Buffer.from(SETUP));
  if (!Object.hasOwn(FILES, name)) {
    throw new FootfallError('unknown_path', 404, 'There is no such file. The page is at /docs.');
  }
  return fileOf(FILES[name as keyof typeof FILES], await readFile(join(folder(), name)));
}

/** Compressed, since a function answers with 6 MB at most and the script is large. */
const fileOf = (type: string, bytes: Buffer): HttpResponse => ({
  statusCode: 200,
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=86400',
  },
  body: gzipSync(bytes).toString('base64'),
  isBase64Encoded: true,
});

/** In a bundle the files keep their paths below its root. */
function folder(): string {
  const bundled = join(import.meta.dirname, '../../node_modules/swagger-ui-dist');
  if (existsSync(bundled)) return bundled;
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
