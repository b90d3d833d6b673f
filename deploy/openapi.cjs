'use strict';

/** Required late: it loads the code of all HTTP functions, which most commands do not need. */
const build = () => require('./openapi.ts').writeOpenApi();

/** Makes dist/openapi.json before the functions are packaged, and before they run on a laptop. */
module.exports = class OpenApi {
  constructor() {
    this.hooks = {
      'before:package:initialize': build,
      'before:offline:start': build,
      'before:offline:start:init': build,
    };
  }
};
