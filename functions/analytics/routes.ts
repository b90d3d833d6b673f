import type { PerGeneration } from '../../shared/generations/generation.ts';
import type { FootfallError } from '../../shared/platform/errors.ts';
import type { Route } from '../../shared/platform/http/router.ts';
import { type HttpRequest, json } from '../../shared/platform/http/stack.ts';
import { answer } from '../../shared/questions/answer.ts';
import type { AnalyticsContext } from '../../shared/questions/context.ts';
import { questions } from '../../shared/questions/questions.ts';
import { readHealth } from '../../shared/status/health.ts';
import { docsFile, docsPage } from './docs.ts';
import { openApi } from './openapi.ts';

/** All that can be asked over HTTP. */
export function routesOf(contexts: PerGeneration<AnalyticsContext>): Route[] {
  // It has to say something also when nobody can tell which generation is current.
  const firstOne = (error: unknown) => {
    if ((error as FootfallError).code === 'sites_unavailable') return contexts.first();
    throw error;
  };
  const ready = async () => {
    const data = await readHealth(await contexts.current().catch(firstOne));
    return json(data.status === 'unavailable' ? 503 : 200, { data }, { 'cache-control': 'no-store' });
  };
  return [
    { method: 'GET', path: '/v1/health', handler: ready },
    { method: 'GET', path: '/v1/health/ready', handler: ready },
    {
      method: 'GET',
      path: '/v1/health/live',
      handler: async () => json(200, { data: { status: 'ok' } }, { 'cache-control': 'no-store' }),
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
}
