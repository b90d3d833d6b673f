import type { Browser } from 'playwright-core';
import { closing } from './closing.ts';
import { launchChromium } from './launch-chromium.ts';

/** A real Chromium without a window, closed after the tests of the file. */
export const openChromium = async (): Promise<Browser> =>
  closing(await launchChromium(), (one) => one.close());
