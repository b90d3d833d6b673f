import { dashboardFile, dashboardPage } from '../../shared/dashboard/files.ts';
import type { Page } from '../../shared/platform/http/endpoint.ts';

/** For people: the OpenAPI document leaves them out. */
export const dashboardPages: readonly Page<unknown>[] = [
  { method: 'GET', path: '/', handler: dashboardPage },
  { method: 'GET', path: '/assets/{file}', handler: dashboardFile },
];
