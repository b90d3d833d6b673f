import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FUNCTIONS } from '../../cli/doctor/ask-stage.ts';
import { analyticsEndpoints, docsPages } from '../../functions/analytics/routes.ts';
import { collectEndpoints } from '../../functions/collect/routes.ts';
import { dashboardPages } from '../../functions/dashboard/routes.ts';
import { deadLettersEndpoints } from '../../functions/dead-letters/routes.ts';
import { privacyEndpoints } from '../../functions/privacy/routes.ts';
import { sitesEndpoints } from '../../functions/sites/routes.ts';
import { systemEndpoints } from '../../functions/system/routes.ts';

/** serverless.yml and the endpoints that the functions declare, route by route. */

const declared: Record<string, readonly { method: string; path: string }[]> = {
  collect: collectEndpoints,
  analytics: [...analyticsEndpoints, ...docsPages],
  dashboard: dashboardPages,
  sites: sitesEndpoints,
  privacy: privacyEndpoints,
  deadLetters: deadLettersEndpoints,
  system: systemEndpoints,
};

interface Function {
  events?: { httpApi?: string }[];
}
const { functions } = parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'silent',
}) as { functions: Record<string, Function> };

const routesOf = ({ events = [] }: Function) => events.flatMap(({ httpApi }) => httpApi ?? []);
const routes = Object.entries(functions).flatMap(([name, one]) =>
  routesOf(one).map((route) => ({ route, name })),
);

const CATCH_ALL = 'GET /v1/{path+}';
const explicit = routes.filter(({ route }) => route !== CATCH_ALL);

/** At a path's end the gateway lets a parameter span slashes, which a user's id may hold, and so a key of Redis. */
const routeOf = ({ method, path }: { method: string; path: string }) =>
  `${method} ${path}`.replace(/^(\w+ \/v1\/(?:privacy\/\{user|system\/keys\/\{redis_key))\}$/, '$1+}');

/** As API Gateway chooses: a route of exactly this method and path, else the one that takes all below /v1. */
function functionAt(route: string): string | undefined {
  const found = explicit.find((one) => one.route === route);
  if (found) return found.name;
  return route.startsWith('GET /v1/') ? routes.find((one) => one.route === CATCH_ALL)?.name : undefined;
}

test('footfall doctor --stage looks at every function that each stage has', () => {
  const some = Object.keys(functions).filter((name) => name !== 'simulate');
  expect([...FUNCTIONS].sort()).toEqual(some.sort());
});

test('every HTTP function declares its endpoints', () => {
  expect([...new Set(routes.map(({ name }) => name))].sort()).toEqual(Object.keys(declared).sort());
});

describe.each(Object.entries(declared))('%s', (name, endpoints) => {
  test('gets every request that it declares', () => {
    const found = endpoints.map((endpoint) => [routeOf(endpoint), functionAt(routeOf(endpoint))]);
    expect(found).toEqual(endpoints.map((endpoint) => [routeOf(endpoint), name]));
  });

  test('declares every request that it gets', () => {
    const expected = explicit.filter((one) => one.name === name).map(({ route }) => route);
    expect(endpoints.map(routeOf)).toEqual(expect.arrayContaining(expected));
  });

  test('declares no method and path twice', () => {
    const all = endpoints.map(routeOf);
    expect(all).toHaveLength(new Set(all).size);
  });
});

test('one route takes the questions: the GETs below /v1 that analytics declares, and no others', () => {
  expect(routes.filter(({ route }) => route === CATCH_ALL)).toEqual([
    { route: CATCH_ALL, name: 'analytics' },
  ]);
  const ofAnalytics = declared.analytics!.map(routeOf);
  const caught = ofAnalytics.filter((route) => !explicit.some((one) => one.route === route));
  expect(caught.length).toBeGreaterThan(15);
  expect(caught.every((route) => route.startsWith('GET /v1/'))).toBe(true);
  expect(explicit.some(({ route, name }) => name === 'analytics' && route.startsWith('GET /v1/'))).toBe(
    false,
  );
});

test('the gateway answers preflight requests, and no function does', () => {
  expect(routes.filter(({ route }) => /^(OPTIONS|\*|ANY) /.test(route))).toEqual([]);
});
