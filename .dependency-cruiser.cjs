'use strict';

const code = '^(functions|shared|local|packages|bench|test)/';
const inputOutput = [
  'node_modules/(kafkajs|ioredis|@aws-|@middy)',
  '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dns|dgram|child_process|worker_threads)$',
];

/** The direction of imports: functions → shared; inside shared, events and aggregation are pure. */
module.exports = {
  forbidden: [
    {
      name: 'functions-import-shared-only',
      comment: 'A handler is wiring. What two functions need belongs into shared.',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: code, pathNot: '^(shared/|functions/$1/)' },
    },
    {
      name: 'shared-knows-nothing-above',
      comment: 'shared is uploaded with every function and must not know who uses it.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: code, pathNot: '^shared/' },
    },
    {
      name: 'pure-code-does-no-io',
      comment: 'The fold and the events are plain data in, plain data out: tests and replays depend on it.',
      severity: 'error',
      from: { path: '^shared/(aggregation|events)/' },
      to: { path: inputOutput },
    },
    {
      name: 'pure-code-knows-no-io-module',
      comment: 'Not by way of a neighbour either.',
      severity: 'error',
      from: { path: '^shared/(aggregation|events|sites)/' },
      to: { path: '^shared/(store|kafka|http|analytics|directory)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-code-reaches-no-io',
      comment: 'Through no chain of imports.',
      severity: 'error',
      from: { path: '^shared/(aggregation|events)/' },
      to: { reachable: true, path: 'node_modules/(kafkajs|ioredis)/' },
    },
    {
      name: 'kafkajs-stays-in-its-place',
      comment: 'kafkajs is no longer maintained; one day it is replaced in these folders.',
      severity: 'error',
      from: {
        path: code,
        pathNot: '^(shared/kafka|packages/serverless-offline-kafka|local/services|test|bench)/',
      },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'ioredis-stays-in-its-place',
      comment: 'Redis is spoken to through shared/store, where the keys are spelt.',
      severity: 'error',
      from: { path: code, pathNot: '^(shared/store|local/services|test|bench)/' },
      to: { path: 'node_modules/ioredis/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'packages-stand-alone',
      comment: 'A package is published by itself, so it imports nothing of the project around it.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: `${code}|^(deploy|browser)/`, pathNot: '^packages/$1/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '(^|/)test/' },
      to: { path: '(^|/)test/', pathNot: 'node_modules' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      // The clock is preloaded into processes, by its path.
      from: { orphan: true, path: code, pathNot: '(^|/)test/(fixtures/|support/clock\\.ts$)' },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-dependency-in-production',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)test/fixtures/|^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
