'use strict';

const { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const OUT = join(__dirname, '../dist/dashboard');
const CONFIG = join(__dirname, '../dashboard/vite.config.ts');

let built;

/** Builds dist/dashboard, which the function dashboard serves, from dashboard/. Once for each process. */
function buildDashboard() {
  built ??= build();
  return built;
}

/**
 * Other programs may serve or build the same files meanwhile, so each file replaces the old one at once, the page comes
 * last, and only then go the files of earlier builds.
 */
async function build() {
  // Late: most commands need no Vite.
  const { build: bundle } = await import('vite');
  const { output } = await bundle({ configFile: CONFIG });
  const isPage = ({ fileName }) => fileName.endsWith('.html');
  for (const file of [...output].sort((a, b) => isPage(a) - isPage(b))) {
    const path = join(OUT, file.fileName);
    const draft = `${path}.${process.pid}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, file.code ?? file.source);
    renameSync(draft, path);
  }
  const names = new Set(output.map(({ fileName }) => fileName));
  for (const name of readdirSync(join(OUT, 'assets'))) {
    const isDraft = /\.\d+$/.test(name);
    if (!isDraft && !names.has(`assets/${name}`)) rmSync(join(OUT, 'assets', name), { force: true });
  }
}

/** Builds it before the functions are packaged, and before they run on a laptop. */
module.exports = class Dashboard {
  constructor() {
    this.hooks = {
      'before:package:initialize': buildDashboard,
      'before:offline:start': buildDashboard,
      'before:offline:start:init': buildDashboard,
    };
  }
};

if (require.main === module) buildDashboard();
