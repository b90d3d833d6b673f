import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { closing } from './closing.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws one sentence when this machine has none. */
function chromiumPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found =
    process.env.CHROMIUM_PATH ||
    folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    'The tests in test/browser need a Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  );
}

/** A real Chromium without a window, closed after the tests of the file. */
export async function openChromium(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    // Playwright switches off what lets a page be gone back to as it was.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  return closing(browser, (one) => one.close());
}
