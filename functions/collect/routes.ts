import type { Route } from '../../shared/http/router.ts';
import type { HttpRequest } from '../../shared/http/stack.ts';
import { type CollectContext, collect } from './collect.ts';
import type { Format } from './format.ts';
import { plainFormat } from './plain.ts';
import { snippet } from './snippet.ts';

/** All the ways in. */
export function collectRoutes(context: CollectContext): Route[] {
  const takes = (format: Format) => (request: HttpRequest) => collect(format, request, context);
  return [
    { method: 'POST', path: '/v1/events', handler: takes(plainFormat) },
    { method: 'GET', path: '/f.js', handler: snippet },
  ];
}
