#!/usr/bin/env node
'use strict';
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// This file runs on Node 20 and later. The commands are TypeScript, which Node runs as it is from version 24 on: an
// older Node hands over to the one that `npm ci` has installed with the project.

const project = join(__dirname, '..');
const main = join(project, 'cli', 'main.ts');
const ownNode = join(
  project,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 24;

if (!existsSync(isNewEnough ? join(project, 'node_modules', 'commander') : ownNode)) {
  console.error(`Footfall is not installed yet: run npm ci in ${project}.`);
  process.exitCode = 1;
} else if (isNewEnough) {
  import(pathToFileURL(main));
} else {
  const child = spawn(ownNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
