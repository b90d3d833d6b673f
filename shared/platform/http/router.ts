import { FootfallError } from '../errors.ts';
import { addAttributes } from '../observe/observe.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from './stack.ts';

/** A path such as `/v1/users/{user}` and who answers there; the parameters' values are in `pathParameters`. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  handler(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * Finds the route of a request.
 *
 * API Gateway's HTTP APIs decode the path before they hand it over; function URLs and serverless-offline leave
 * it as it was sent. So a parameter is decoded here where nobody has done it, and never twice, or the user
 * `100%25` would be asked for as `100%`. Where the path comes decoded, `{user}` and `{product}`
 * may span slashes.
 * @throws FootfallError `unknown_path` 404.
 */
export function routerOf(routes: readonly Route[]): HttpHandler {
  // Longer ones first: with a user that may hold slashes, /v1/users/{user} matches all that begins like it. Of the
  // same length those with fewer parameters: `unique` is no user.
  const compiled = routes
    .map((route) => ({
      route,
      depth: route.path.split('/').length,
      parameters: route.path.split('{').length,
    }))
    .sort((a, b) => b.depth - a.depth || a.parameters - b.parameters)
    .map(({ route }) => ({
      route,
      sent: patternOf(route.path, '[^/]+'),
      decoded: patternOf(route.path, '.+'),
    }));
  return async (request) => {
    const { method, path } = request.requestContext.http;
    const isDecoded = comesDecoded(request);
    for (const { route, sent, decoded } of compiled) {
      const match = (isDecoded ? decoded : sent).exec(path);
      if (!match || route.method !== method) continue;
      addAttributes({ route: `${method} ${route.path}` });
      const parameters = Object.entries(match.groups ?? {}).map(([name, value]) => [
        name,
        isDecoded ? value : percentDecoded(value),
      ]);
      return route.handler({ ...request, pathParameters: Object.fromEntries(parameters) });
    }
    throw new FootfallError('unknown_path', 404, 'Nothing answers this method at this path; see /docs.');
  };
}

/** Parameters that are the shop's own texts and may hold anything. */
const FREE: ReadonlySet<string> = new Set(['user', 'product']);

function patternOf(path: string, free: string): RegExp {
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined
      ? part.replaceAll('.', '\\.')
      : `(?<${name}>${FREE.has(name) ? free : '[^/]+'})`;
  });
  return new RegExp(`^${parts.join('/')}/?$`, 's');
}

/** The parameters that the gateway matched are decoded in any case: where they stand in the path, it is, too. */
function comesDecoded({ pathParameters, requestContext }: HttpRequest): boolean {
  const values = Object.values(pathParameters ?? {});
  const path = `${requestContext.http.path}/`;
  return values.length > 0 && values.every((value) => path.includes(`/${value}/`));
}

/** What is no percent-encoding is taken as it is. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
