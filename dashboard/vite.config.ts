import { defineConfig } from 'vite';

/** `vite build` makes dist/dashboard, which functions/dashboard serves; `npm run dashboard` serves the source. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be data: addresses, which the page's policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { port: 5173, proxy: { '/v1': process.env.FOOTFALL_URL ?? 'http://localhost:3000' } },
});
