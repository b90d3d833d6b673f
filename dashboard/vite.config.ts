import { defineConfig } from 'vite';

/** `npm run dashboard` serves the source; deploy/dashboard.cjs builds what the function serves. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  // Whatever NODE_ENV says: with `development` every element would carry its place in the source.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    // deploy/dashboard.cjs writes the files.
    write: false,
    target: 'es2022',
    // Inlined files would be data: addresses, which the page's policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { port: 5173, proxy: { '/v1': process.env.FOOTFALL_URL ?? 'http://localhost:3000' } },
});
