import { analyticsEndpoints, docsPages } from '../../functions/analytics/routes.ts';
import { collectEndpoints } from '../../functions/collect/routes.ts';
import { deadLettersEndpoints } from '../../functions/dead-letters/routes.ts';
import { privacyEndpoints } from '../../functions/privacy/routes.ts';
import { sitesEndpoints } from '../../functions/sites/routes.ts';
import { systemEndpoints } from '../../functions/system/routes.ts';
import type { DeadLettersContext } from '../../shared/dead-letters/letters-context.ts';
import type { FunnelStore } from '../../shared/funnels/store.ts';
import type { PerGeneration } from '../../shared/generations/generation.ts';
import type { CollectContext } from '../../shared/intake/collect.ts';
import { bindEndpoints } from '../../shared/platform/http/router.ts';
import type { PrivacyContext } from '../../shared/privacy/requests.ts';
import type { AnalyticsContext } from '../../shared/questions/analytics-context.ts';
import type { SitesContext } from '../../shared/sites/sites-context.ts';
import type { SystemContext } from '../../shared/system/system-context.ts';

/** The routes of each function, with a test's own connections. */

export const collectRoutes = (context: CollectContext) => bindEndpoints(collectEndpoints, () => context);

export const analyticsRoutes = (contexts: PerGeneration<AnalyticsContext>) =>
  bindEndpoints([...analyticsEndpoints, ...docsPages], () => contexts);

export const sitesRoutes = ({
  funnels,
  ...context
}: Omit<SitesContext, 'funnels'> & { funnels: Pick<PerGeneration<FunnelStore>, 'current'> }) =>
  bindEndpoints(sitesEndpoints, async () => ({ ...context, funnels: await funnels.current() }));

export const privacyRoutes = (context: PrivacyContext) => bindEndpoints(privacyEndpoints, () => context);

export const deadLettersRoutes = (context: DeadLettersContext) =>
  bindEndpoints(deadLettersEndpoints, () => context);

export const systemRoutes = (context: SystemContext) => bindEndpoints(systemEndpoints, () => context);
