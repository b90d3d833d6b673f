'use strict';

const { join } = require('node:path');
const { buildSync } = require('esbuild');

const root = join(__dirname, '..');

/** Builds dist/f.js, which collect serves at /f.js, from browser/. `npm run build:snippet` does only this. */
function buildSnippet() {
  buildSync({
    absWorkingDir: root,
    entryPoints: ['browser/f.ts'],
    outfile: 'dist/f.js',
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2018',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** Builds it before the functions are packaged, and before they run on a laptop. */
module.exports = class Snippet {
  constructor() {
    this.hooks = {
      'before:package:initialize': buildSnippet,
      'before:offline:start': buildSnippet,
      'before:offline:start:init': buildSnippet,
    };
  }
};
module.exports.buildSnippet = buildSnippet;

if (require.main === module) buildSnippet();
