import { type Route, routerOf } from '../../shared/platform/http/router.ts';
import { type HttpRequest, httpStack, json } from '../../shared/platform/http/stack.ts';
import { questions } from '../../shared/questions/questions.ts';
import { type RequestOptions, requestOf } from '../support/http.ts';

/** Every route of the API, answering with itself and the parameters that it got. */
const paths = [...questions.map(({ path }) => path), '/v1/health', '/v1/openapi.json'] as const;
const routes = paths.map(
  (path): Route => ({
    method: 'GET',
    path,
    handler: async ({ pathParameters }: HttpRequest) => json(200, { path, ...pathParameters }),
  }),
);
const handler = httpStack(routerOf(routes));

async function routed(target: string, gateway: RequestOptions['gateway'], method = 'GET') {
  const { body } = await handler(requestOf(method, target, { gateway }), {} as never);
  return JSON.parse(body!);
}

const gateways = ['aws', 'offline'] as const;

describe.each(gateways)('behind %s', (gateway) => {
  test.each([
    'ada',
    '12',
    'ada@shop.example',
    'a b',
    'a+b',
    '100%',
    '%41',
    '100%25',
    'a%2Fb',
    '😀',
    'é',
    ':{}*?',
    'a\0b',
    '__proto__',
    'constructor',
    'interactions',
    '..',
    'a\nb',
    'v1',
  ])('the user %j arrives as it is', async (user) => {
    const sent = encodeURIComponent(user);
    expect(await routed(`/v1/users/${sent}`, gateway)).toEqual({ path: '/v1/users/{user}', user });
    expect(await routed(`/v1/users/${sent}/interactions?limit=1`, gateway)).toEqual({
      path: '/v1/users/{user}/interactions',
      user,
    });
    expect(await routed(`/get_user_data_between_dates/${sent}/2026-01-01/2026-01-02`, gateway)).toEqual({
      path: '/get_user_data_between_dates/{user}/{start}/{end}',
      user,
      start: '2026-01-01',
      end: '2026-01-02',
    });
  });

  test.each(['a/b', '/', 'https://shop.example/u/1', '//'])(
    'so does the user %j, slashes and all',
    async (user) => {
      const sent = encodeURIComponent(user);
      expect(await routed(`/v1/users/${sent}`, gateway)).toEqual({ path: '/v1/users/{user}', user });
      expect(await routed(`/v1/users/${sent}/interactions`, gateway)).toMatchObject({ user });
      expect(await routed(`/get_user_data_by_date/${sent}/2026-01-01`, gateway)).toMatchObject({
        user,
        date: '2026-01-01',
      });
    },
  );

  test('a trailing slash makes no difference', async () => {
    expect(await routed('/v1/overview/', gateway)).toEqual({ path: '/v1/overview' });
    expect(await routed('/v1/users/ada/interactions/', gateway)).toMatchObject({ user: 'ada' });
  });

  test.each([
    '/v1',
    '/v1/',
    '/v1/users',
    '/v1/users/',
    '/v1/nothing',
    '/v1/health/x',
    '/v1/openapiXjson',
    '/',
    '/__proto__',
  ])('there is nothing at %s', async (path) => {
    expect(await routed(path, gateway)).toMatchObject({ status: 404, code: 'unknown_path' });
  });

  test('a path without other methods can only be read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
      expect(await routed('/v1/overview', gateway, method)).toMatchObject({ code: 'unknown_path' });
    }
  });
});

test('invalid percent-encoding stays as it is', async () => {
  const request = requestOf('GET', '/v1/users/x');
  request.requestContext.http.path = '/v1/users/50%';
  delete request.pathParameters;
  expect(JSON.parse((await handler(request, {} as never)).body!)).toMatchObject({ user: '50%' });
});
