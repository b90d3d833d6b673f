/** Tests run as native ES modules on real TypeScript sources; swc only strips the types. */
export default {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript' },
          // `with { type: 'json' }` is for Jest to read.
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // For tests that hang, not for slow ones: a busy machine may need ten times as long as a quiet one.
  testTimeout: 300_000,
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/packages/*/test/**/*.test.ts'],
  // Not in TMPDIR, which is another one for each run, see test/run.ts.
  cacheDirectory: '<rootDir>/.footfall/cache/jest',
  modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.esbuild', '<rootDir>/.footfall'],
};
