import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';
import { openApi } from '../../cli/call-api.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { type HttpRequest, httpStack, json } from '../../shared/platform/http/stack.ts';
import { logger } from '../../shared/platform/observe/observe.ts';
import { listen } from '../support/serve.ts';

/** A Lambda whose functions answer what they were asked, through the stack of the real ones. */
logger.setLogLevel('SILENT');
const echo = async ({ headers, pathParameters, queryStringParameters, body }: HttpRequest) =>
  json(200, {
    data: { key: headers.authorization, path: pathParameters, query: queryStringParameters, body },
  });
const routes = [
  ['POST', '/v1/sites'],
  ['GET', '/v1/system/keys/{redis_key}'],
] as const;
const handler = httpStack(routerOf(routes.map(([method, path]) => ({ method, path, handler: echo }))));

const invoked: string[] = [];
async function lambda(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = ''] = /\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
  invoked.push(name);
  if (name.endsWith('deadLetters')) response.setHeader('x-amz-function-error', 'Unhandled');
  const event = JSON.parse(await text(request)) as HttpRequest;
  const answer = name.endsWith('deadLetters')
    ? { errorMessage: 'Timed out' }
    : await handler(event, {} as Context);
  response.end(JSON.stringify(answer));
}

beforeAll(async () => {
  const port = await listen((request, response) => void lambda(request, response));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_REGION: 'eu-west-1',
    FOOTFALL_ADMIN_KEY: 'ffi_key',
  });
});

describe('lambda:footfall-prod as the address of the API', () => {
  const call = () => openApi('lambda:footfall-prod');

  test('invokes the function of the path, with the key and the body', async () => {
    const answer = await call()('POST', '/v1/sites', { id: 'shoes' });
    expect(answer).toEqual({ key: 'Bearer ffi_key', path: {}, body: '{"id":"shoes"}' });
    expect(invoked.at(-1)).toBe('footfall-prod-sites');
  });

  test('hands over parameters of the path and the query as they were meant', async () => {
    const answer = await call()('GET', '/v1/system/keys/ff%3A1%2F2?limit=5');
    expect(answer).toEqual({ key: 'Bearer ffi_key', path: { redis_key: 'ff:1/2' }, query: { limit: '5' } });
    expect(invoked.at(-1)).toBe('footfall-prod-system');
  });

  test('says which function failed', async () => {
    await expect(call()('GET', '/v1/dead-letters')).rejects.toThrow(
      'The function footfall-prod-deadLetters cannot be invoked: it failed with {"errorMessage":"Timed out"}',
    );
  });
});
