import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FootfallError } from '../platform/errors.ts';
import type { HttpRequest, HttpResponse } from '../platform/http/stack.ts';

/** Files of Swagger UI that the page loads. */
const FILES = { 'swagger-ui-bundle.js': 'text/javascript', 'swagger-ui.css': 'text/css' } as const;

/**
 * Runs in the page. Each endpoint takes its key in one place of its own (header, query, user name), so Swagger UI would ask
 * for the same key under eight names. Here is one field; the document says where each endpoint wants it. The key stays in
 * the tab, over a reload.
 */
const SETUP = `const field = document.getElementById('key');
field.value = sessionStorage.getItem('footfall-docs-key') ?? '';
field.addEventListener('input', () => sessionStorage.setItem('footfall-docs-key', field.value.trim()));
document.getElementById('key-form').addEventListener('submit', (event) => event.preventDefault());

/** By method and path: where the endpoint takes its key, and a pattern of its path. */
const placesOf = (spec) => Object.entries(spec.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { security = [], tags }]) => ({
    method: method.toUpperCase(),
    pattern: new RegExp('^' + path.replace(/[.]/g, '[.]').replace(/[{][^}]+[}]/g, '[^/]+') + '$'),
    isPlain: !path.includes('{'),
    // gtag.js has its key in the query, or in the lines.
    scheme: tags[0] === 'ga4' && security.length === 0 ? 'writeKeyInQuery' : Object.keys(security[0] ?? {})[0],
  })),
).sort((a, b) => b.isPlain - a.isPlain);

function addKey(request, places, schemes) {
  const key = field.value.trim();
  const url = new URL(request.url, location.href);
  if (key === '' || url.origin !== location.origin) return request;
  const method = (request.method ?? 'GET').toUpperCase();
  const place = places.find((one) => one.method === method && one.pattern.test(url.pathname));
  const scheme = schemes[place?.scheme];
  if (!scheme) return request;
  if (scheme.type === 'apiKey') url.searchParams.set(scheme.name, key);
  else request.headers.Authorization = scheme.scheme === 'basic' ? 'Basic ' + btoa(key + ':') : 'Bearer ' + key;
  return Object.assign(request, { url: url.href });
}

const answer = await fetch('/v1/openapi.json');
const spec = await answer.json();
const places = placesOf(spec);
const schemes = spec.components.securitySchemes;
// Swagger UI's own form for keys is not shown: the field above is for all of them.
delete spec.components.securitySchemes;
for (const methods of Object.values(spec.paths)) for (const one of Object.values(methods)) delete one.security;
window.ui = SwaggerUIBundle({
  spec, dom_id: '#page', deepLinking: true, docExpansion: 'list',
  defaultModelsExpandDepth: 0, displayRequestDuration: true, validatorUrl: null,
  requestInterceptor: (request) => addKey(request, places, schemes),
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
  <form id="key-form" class="swagger-ui"><div class="wrapper">
    <label>Key <input id="key" type="password" autocomplete="off" spellcheck="false" size="50"
      placeholder="A read, write or admin key"></label>
    Each request that you try out sends it. It stays in this tab.
    <a href="/v1/openapi.json">/v1/openapi.json</a>
  </div></form>
  <main id="page">The document itself is at <a href="/v1/openapi.json">/v1/openapi.json</a>.</main>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script type="module" src="/docs/setup.js"></script>
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
