'use strict';

/**
 * What each folder of `shared` may import besides itself and `platform`. A feature that needs another one is listed here
 * first. The list has no circle: each folder imports only folders that stand before it.
 */
const mayImport = {
  generations: [],
  event: [],
  funnels: ['generations', 'event'],
  sites: ['generations', 'funnels'],
  fold: ['generations', 'event', 'funnels', 'sites'],
  shard: ['generations', 'event', 'funnels', 'sites', 'fold'],
  derived: ['generations', 'event', 'funnels', 'fold', 'sites', 'shard'],
  status: ['generations', 'shard'],
  system: ['generations', 'sites', 'fold', 'shard', 'status'],
  intake: ['event', 'sites'],
  simulation: ['event', 'sites', 'intake'],
  'dead-letters': ['generations', 'event', 'sites', 'shard', 'intake'],
  carts: ['generations', 'event', 'sites', 'fold', 'shard'],
  aggregate: ['event', 'funnels', 'sites', 'fold', 'shard', 'dead-letters'],
  questions: [
    ...['generations', 'event', 'funnels', 'sites', 'fold', 'shard'],
    ...['status', 'intake', 'dead-letters', 'derived'],
  ],
  privacy: ['generations', 'event', 'sites', 'fold', 'shard', 'questions'],
  'api-docs': [],
  dashboard: [],
  sweep: ['sites', 'fold', 'shard', 'carts'],
  runtime: ['generations', 'sites'],
};

const features = Object.keys(mayImport);
const code = '^(functions|shared|cli|local|bench|test|packages|examples|deploy)/';
const inputOutput = [
  'node_modules/(kafkajs|ioredis|@aws-|@middy)',
  '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dns|dgram|child_process|worker_threads)$',
];
const pure = '^shared/(event|fold|funnels/(definition|progress|schema)|intake/(enrich|formats)/)';

/** functions → shared; inside shared, features → platform. */
module.exports = {
  forbidden: [
    {
      name: 'functions-import-shared-only',
      comment: 'A handler is wiring. What two functions need belongs in shared.',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: code, pathNot: '^(shared/|functions/$1/)' },
    },
    {
      name: 'shared-knows-nothing-above',
      comment: 'shared is uploaded with every function and must not know its callers.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: code, pathNot: '^shared/' },
    },
    {
      name: 'platform-knows-no-feature',
      severity: 'error',
      from: { path: '^shared/platform/' },
      to: { path: '^shared/', pathNot: '^shared/platform/' },
    },
    ...features.map((feature) => ({
      name: `${feature}-imports-what-is-listed`,
      comment: 'See mayImport at the top of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: `^shared/${feature}/` },
      to: {
        path: '^shared/',
        pathNot: `^shared/(${[feature, 'platform', ...mayImport[feature]].join('|')})/`,
      },
    })),
    {
      name: 'each-feature-is-listed',
      severity: 'error',
      from: { path: '^shared/', pathNot: `^shared/(platform|${features.join('|')})/` },
      to: {},
    },
    {
      name: 'local-knows-no-command',
      comment: 'The command line uses what runs on a laptop, not the other way round.',
      severity: 'error',
      from: { path: '^local/' },
      to: { path: '^(cli|functions|bench)/' },
    },
    {
      name: 'pure-code-does-no-io',
      comment: 'The fold and the events are plain data in, plain data out: tests and replays depend on it.',
      severity: 'error',
      from: { path: pure },
      to: { path: inputOutput },
    },
    {
      name: 'pure-code-reaches-no-io',
      comment: 'Through no chain of imports.',
      severity: 'error',
      from: { path: '^shared/(event|fold)/' },
      to: { reachable: true, path: 'node_modules/(kafkajs|ioredis)/' },
    },
    {
      name: 'kafkajs-stays-in-its-place',
      comment: 'kafkajs is no longer maintained; one day it is replaced in these folders.',
      severity: 'error',
      from: {
        path: code,
        pathNot:
          '^(shared/platform/kafka|packages/serverless-offline-kafka|local/services|test|bench|examples)/',
      },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'ioredis-stays-in-its-place',
      comment: 'Connections to Redis are made in shared/platform/redis, where the keys are spelt.',
      severity: 'error',
      from: { path: code, pathNot: '^(shared/platform/redis|local/services|test|bench)/' },
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
      name: 'examples-stand-alone',
      comment: 'An example is copied into another project.',
      severity: 'error',
      from: { path: '^examples/([^/]+)/' },
      to: { path: '^(?!node_modules/|examples/$1/)', dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-circular',
      comment: 'Type-only imports count: a circle of types is a circle to the reader.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circular-folders',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(functions|shared|cli|local|packages)' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      // The clock is preloaded into processes, by its path. serverless.yml names the others.
      from: {
        orphan: true,
        path: code,
        pathNot: '(^|/)test/(fixtures/|support/clock\\.ts$)|^deploy/(msk|unused)\\.cjs$',
      },
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
