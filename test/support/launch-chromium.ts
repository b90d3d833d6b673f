import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { cachedFolder } from '../../local/services/cached-folder.ts';
import { footfallDir } from '../../local/services/services.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

interface Program {
  path: string;
  env: NodeJS.ProcessEnv;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CHROMIUM_PATH, else a Chromium in the PATH. */
function installedChromium(): Program | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path =
    process.env.CHROMIUM_PATH ||
    folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
  return path ? { path, env: process.env } : undefined;
}

const FONTS = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;

/**
 * The Chromium of the package @sparticuz/chromium, unpacked once under .footfall/cache (210 MB). The package is made
 * for Lambda, so it brings the libraries and the fonts that a bare machine lacks.
 * @throws one sentence where the package has none for this machine
 */
async function packagedChromium(): Promise<Program> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'The tests in test/browser need a Chromium or Chrome: install one, and set CHROMIUM_PATH to its program.',
    );
  }
  const manifest = new URL('../../node_modules/@sparticuz/chromium/package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = await cachedFolder({
    cacheDir: join(footfallDir, 'cache'),
    name: `chromium-${version}`,
    lock: 'chromium',
    async fill(draft, final) {
      await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'unpack-chromium-child.ts')], {
        // The package unpacks into TMPDIR, and the libraries only where it believes to be on Lambda.
        env: { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
      });
      await writeFile(join(draft, 'fonts.conf'), FONTS(final));
    },
  });
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH];
  return {
    path: join(folder, 'chromium'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: libraries.filter(Boolean).join(delimiter),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  };
}

/** A real Chromium without a window: an installed one, else the package's. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const { path, env } = installedChromium() ?? (await packagedChromium());
  return chromium.launch({
    executablePath: path,
    env: env as Record<string, string>,
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    // Playwright switches off what lets a page be gone back to as it was.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}
