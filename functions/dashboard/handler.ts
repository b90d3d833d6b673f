import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { dashboardPages } from './routes.ts';

const route = routerOf(dashboardPages);

export const handler = httpStack(route);
