import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../../local/services/cached-folder.ts';
import { footfallDir, startServices } from '../../local/services/services.ts';

const pom = resolve(import.meta.dirname, '..', '..', 'local', 'services', 'kafka', 'pom.xml');
const FILE = 'classes.jsa';

/**
 * An archive of Kafka's classes, loaded and verified, which the JVM maps instead of reading its jars (application class
 * data sharing). It is made once for each Java and each Kafka, by a broker that starts and stops.
 * @param options other options of the JVM, as in JDK_JAVA_OPTIONS
 * @returns these options with the archive; unchanged where no Java is found or its JVM makes no archive
 */
export async function withClassArchive(options: string, log: (line: string) => void): Promise<string> {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const version = await promisify(execFile)(java, ['-version']).then(
    ({ stderr }) => stderr,
    () => undefined,
  );
  if (version === undefined) return options;
  const key = createHash('sha256')
    .update(`${java}\n${version}\n${options}\n${await readFile(pom, 'utf8')}`)
    .digest('hex')
    .slice(0, 12);
  const folder = await cachedFolder({
    cacheDir: join(footfallDir, 'cache'),
    name: `kafka-classes-${key}`,
    lock: 'kafka-classes',
    fill: async (draft) => {
      log('Making an archive of Kafka’s classes, once …');
      const dataDir = await mkdtemp(join(tmpdir(), 'footfall-classes-'));
      try {
        const services = await startServices({
          dataDir,
          mode: 'embedded',
          env: {
            ...process.env,
            REDIS_URL: 'redis://unused',
            JDK_JAVA_OPTIONS: `${options} -XX:ArchiveClassesAtExit="${join(draft, FILE)}"`,
          },
          log,
        });
        await services.stop();
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
  });
  const file = join(folder, FILE);
  if (!existsSync(file)) return options;
  // Other programs in Java, such as Maven, cannot use it, and would say so in their output.
  return `${options} -XX:SharedArchiveFile="${file}" -Xlog:cds=off -Xlog:cds+dynamic=off`;
}
