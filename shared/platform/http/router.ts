import { FootfallError } from '../errors.ts';
import { addAttributes } from '../observe/observe.ts';
import type { Page } from './endpoint.ts';
import type { HttpHandler, HttpRequest } from './stack.ts';

/** A method and path, and who answers there. */
export type Route = Page<void>;

/**
 * The routes of endpoints.
 * @param context called at each request; gives what the handlers work on.
 */
export const bindEndpoints = <C>(
  endpoints: readonly Page<C>[],
  context: () => C | Promise<C>,
): readonly Route[] =>
  endpoints.map(({ method, path, handler }) => ({
    method,
    path,
    handler: async (request) => handler(request, await context()),
  }));

/**
 * Finds the route of a request.
 *
 * API Gateway's HTTP APIs decode the path before they hand it over. Function URLs and serverless-offline leave it as it
 * was sent. So a parameter is decoded here only where it arrives encoded: decoding twice would turn the user `100%25`
 * into `100%`. Where the path comes decoded, `{user}` and `{product}` may span slashes.
 * @throws FootfallError `unknown_path` 404.
 */
export function routerOf(routes: readonly Route[]): HttpHandler {
  // Longer paths first: a user may hold slashes, so /v1/users/{user} matches every path below /v1/users. Among paths of
  // one length, those with fewer parameters first: `/v1/users/unique` asks for no user.
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
    throw new FootfallError('unknown_path', 404, 'There is no such method and path; see /docs.');
  };
}

/** Parameters that may hold any text: ids of the shop's own, and what is made of them. */
const FREE: ReadonlySet<string> = new Set(['user', 'product', 'redis_key']);

function patternOf(path: string, free: string): RegExp {
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined
      ? part.replaceAll('.', '\\.')
      : `(?<${name}>${FREE.has(name) ? free : '[^/]+'})`;
  });
  return new RegExp(`^${parts.join('/')}/?$`, 's');
}

/** Gateways always decode the parameters that they matched. A path that contains those values is decoded, too. */
function comesDecoded({ pathParameters, requestContext }: HttpRequest): boolean {
  const values = Object.values(pathParameters ?? {});
  const path = `${requestContext.http.path}/`;
  return values.length > 0 && values.every((value) => path.includes(`/${value}/`));
}

/** Text that is not valid percent-encoding stays as it is. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
