'use strict';

const { join } = require('node:path');

let built;

/** Builds dist/dashboard, which the function dashboard serves, from dashboard/. Required late: most commands need no Vite. */
const build = () => {
  built ??= import('vite').then((vite) =>
    vite.build({ configFile: join(__dirname, '../dashboard/vite.config.ts') }),
  );
  return built;
};

/** Builds it before the functions are packaged, and before they run on a laptop. */
module.exports = class Dashboard {
  constructor() {
    this.hooks = {
      'before:package:initialize': build,
      'before:offline:start': build,
      'before:offline:start:init': build,
    };
  }
};
module.exports.buildDashboard = build;

if (require.main === module) build();
