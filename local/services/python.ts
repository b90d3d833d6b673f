import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cached-folder.ts';
import { containerArgs, dockerAnswers, fetchImage } from './docker.ts';
import { mavenFolder } from './maven.ts';

const run = promisify(execFile);
const IMAGE = 'python:3.14.3-slim';

/** The parts of the jar's file names by Node's names. */
const platforms: Record<string, string> = {
  'linux x64': 'linux-x86_64',
  'linux arm64': 'linux-arm64',
  'darwin x64': 'macosx-x86_64',
  'darwin arm64': 'macosx-arm64',
};

interface Options {
  /** Where downloads are kept, shared by all runs. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** Further folders that a container has to see. */
  folders?: readonly string[];
  /** Takes lines for people about what takes long. */
  log(line: string): void;
}

/** How Python is called: `command`, then `args`, then Python's own arguments. */
export interface Python {
  command: string;
  args: readonly string[];
}

/**
 * A Python 3 with pip: the `python3` on PATH, else the one inside Maven's cpython jar, else a container of Docker's.
 * A container sees the project, the system's folder for temporary files and `folders`, under their own paths; of the
 * environment it sees PYTHONPATH.
 * @throws one sentence that says what to install
 */
export async function findPython({ cacheDir, env, folders, log }: Options): Promise<Python> {
  const installed = await run('python3', ['-c', 'import pip, sys; assert sys.version_info >= (3, 9)'], {
    env,
  })
    .then(() => true)
    .catch(() => false);
  if (installed) return { command: 'python3', args: [] };
  try {
    return { command: await mavenPython({ cacheDir, env, log }), args: [] };
  } catch (cause) {
    if (await dockerAnswers(env)) {
      await fetchImage(IMAGE, { env, log });
      const variables = ['PYTHONPATH', `HOME=${tmpdir()}`];
      const container = { image: IMAGE, program: 'python3', variables, ...(folders && { folders }) };
      return { command: 'docker', args: containerArgs(container) };
    }
    throw new Error(
      'Python is missing: install Maven, which fetches one (Debian: apt-get install maven), or Python 3.9 or newer with pip (python3-pip), or run Docker.',
      { cause },
    );
  }
}

async function mavenPython(options: Options): Promise<string> {
  const platform = platforms[`${process.platform} ${process.arch}`];
  if (!platform) throw new Error(`Maven has no Python for ${process.platform} ${process.arch}.`);
  const folder = await mavenFolder({
    ...options,
    name: 'python-3.14.3',
    pom: join(import.meta.dirname, 'python', 'pom.xml'),
    goal: (draft) => [
      'dependency:unpack-dependencies',
      `-Dplatform=${platform}`,
      `-DoutputDirectory=${draft}`,
      // Anywhere else, Maven would remember that it has unpacked this, and leave a deleted folder empty.
      `-DmarkersDirectory=${join(draft, 'markers')}`,
    ],
  });
  const bin = join(folder, 'org', 'bytedeco', 'cpython', platform, 'bin');
  const program = join(bin, (await readdir(bin)).find((name) => /^python3\.\d+$/.test(name))!);
  await chmod(program, 0o755); // A jar keeps no permissions.
  return program;
}

/**
 * Installs one pinned package, and what it needs, at first use.
 * @param name the folder's name in the cache, such as `cfn-lint`
 * @param requirement as pip takes it, without the version, such as `moto[server]`
 * @returns a Python, the environment in which it has the package, and the folder of the package's programs, which
 * are Python scripts
 * @throws one sentence when there is no Python 3, or what pip said
 */
export async function pythonPackage(
  { name, requirement, version }: { name: string; requirement: string; version: string },
  options: Options,
): Promise<Python & { env: NodeJS.ProcessEnv; bin: string }> {
  const python = await findPython(options);
  const pip = (...args: string[]) => run(python.command, [...python.args, '-m', 'pip', ...args], options);
  // A package may be compiled for one version of Python, so each has its own folder.
  const { stdout: tag } = await run(
    python.command,
    [...python.args, '-c', 'import sys; print("%s%d.%d" % (sys.platform, *sys.version_info[:2]))'],
    options,
  );
  const folder = await cachedFolder({
    cacheDir: options.cacheDir,
    name: `${name}-${version}-${tag.trim()}`,
    lock: 'pip',
    fill: (draft) => pip('install', '--quiet', '--target', draft, `${requirement}==${version}`),
  });
  return { ...python, env: { ...options.env, PYTHONPATH: folder }, bin: join(folder, 'bin') };
}
