'use strict';

/**
 * Leaves out of a stage what it must not have: `simulate`, and the routes that only the installation's admin key opens
 * (INSTALLATION_ROUTES=private). `npx footfall … --url lambda:<stage>` reaches these routes without the public API.
 */
module.exports = class LeaveOut {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        const { custom, functions } = serverless.service;
        const { simulate, installationRoutes } = custom.settings.leavesOut;
        if (simulate) delete functions.simulate;
        if (installationRoutes) {
          const { isPrivate } = privateRoutes();
          for (const one of Object.values(functions)) {
            one.events = one.events.filter(({ httpApi }) => !httpApi || !isPrivate(routeOf(httpApi)));
          }
        }
      },
    };
  }
};

/** Some commands know the events as the framework has read them. */
const routeOf = (httpApi) =>
  typeof httpApi === 'string' ? httpApi : `${httpApi.method.toUpperCase()} ${httpApi.path}`;

/** Required late: it loads the code of two functions, which most commands do not need. */
function privateRoutes() {
  const { sitesEndpoints } = require('../functions/sites/routes.ts');
  const { systemEndpoints } = require('../functions/system/routes.ts');
  const routes = [...sitesEndpoints, ...systemEndpoints]
    .filter(({ access }) => access.every((key) => key === 'installationKey'))
    .map(({ method, path }) => `${method} ${path}`);
  return { routes, isPrivate: (route) => routes.includes(route.replace('+}', '}')) };
}
module.exports.privateRoutes = privateRoutes;
