import type { PerGeneration } from '../../shared/generations/generation.ts';
import { orUnavailable } from '../../shared/http/outage.ts';
import type { Route } from '../../shared/http/router.ts';
import { type HttpRequest, json } from '../../shared/http/stack.ts';
import { type AnswerContext, answer } from './answer.ts';
import { docsFile, docsPage } from './docs.ts';
import { readHealth } from './health.ts';
import { openApi } from './openapi.ts';
import { questions } from './questions.ts';

/** All that can be asked over HTTP. */
export function routesOf(contexts: PerGeneration<AnswerContext>): Route[] {
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/v1/health',
      handler: async () => {
        // It has to say something also when nobody can tell which generation is current.
        const { store, fetchOffsets } = await contexts.current().catch(() => contexts.first());
        const data = await readHealth(store, fetchOffsets);
        return json(data.status === 'ok' ? 200 : 503, { data }, { 'cache-control': 'no-store' });
      },
    },
    { method: 'GET', path: '/v1/openapi.json', handler: async () => json(200, openApi()) },
    { method: 'GET', path: '/docs', handler: docsPage },
    { method: 'GET', path: '/docs/{file}', handler: docsFile },
    ...questions.map((question) => ({
      method: 'GET' as const,
      path: question.path,
      handler: async (request: HttpRequest) => answer(question, request, await contexts.current()),
    })),
  ];
  return routes.map((route) => ({ ...route, handler: orUnavailable(route.handler) }));
}
