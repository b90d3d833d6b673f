import { type HttpRequest, json } from '../../shared/http/stack.ts';
import type { PartitionOffsets } from '../../shared/kafka/offsets.ts';
import type { Sites } from '../../shared/sites.ts';
import type { StoreReader } from '../../shared/store/reads.ts';
import { answer } from './answer.ts';
import { readHealth } from './health.ts';
import { openApi } from './openapi.ts';
import { questions } from './questions.ts';
import type { Route } from './router.ts';

/** All that can be read over HTTP. */
export function routesOf(
  sites: Sites,
  store: StoreReader,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Route[] {
  return [
    {
      path: '/v1/health',
      handler: async () => {
        const data = await readHealth(store, fetchOffsets);
        return json(data.status === 'ok' ? 200 : 503, { data }, { 'cache-control': 'no-store' });
      },
    },
    { path: '/v1/openapi.json', handler: async () => json(200, openApi()) },
    ...questions.map((question) => ({
      path: question.path,
      handler: (request: HttpRequest) => answer(question, request, sites, store, fetchOffsets),
    })),
  ];
}
