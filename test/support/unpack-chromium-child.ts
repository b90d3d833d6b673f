import chromium from '@sparticuz/chromium';

/** Unpacks Chromium where the environment says; a process of its own, since the package reads it when it is loaded. */
await chromium.executablePath();
