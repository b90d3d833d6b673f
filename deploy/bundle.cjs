'use strict';

const EsbuildServerlessPlugin = require('serverless-esbuild');

/**
 * Runs serverless-esbuild only for uploads. `sls offline` and `sls invoke local` run the TypeScript handlers
 * directly (Node 24 strips the types), so no build can be out of date and no watcher is needed.
 */
module.exports = class BundleForUpload extends EsbuildServerlessPlugin {
  constructor(serverless, options, utils) {
    super(serverless, options, utils);
    for (const hook of Object.keys(this.hooks)) {
      if (/:(offline|invoke:local|run):/.test(hook)) delete this.hooks[hook];
    }
    this.hooks['before:invoke:local:invoke'] = () => {
      // `sls invoke local` looks for a handler without extension as JavaScript only.
      const invoked = serverless.service.getFunction(options.function);
      invoked.handler = invoked.handler.replace(/\.(\w+)$/, '.ts.$1');
    };
  }
};
