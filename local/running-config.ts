import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Config, readConfig } from '../shared/config.ts';
import { footfallDir } from './services/services.ts';

/** Where a running `npm start` says which addresses it got; absent when it does not run. */
const runFile = join(footfallDir, 'run.json');

const running = z.object({
  kafkaBrokers: z.array(z.string()).optional(),
  redisUrl: z.string().optional(),
  httpUrl: z.string().optional(),
});

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The configuration for a tool that works with what runs on this machine: each value from the environment,
 * else from a running `npm start`, else the usual port. Sites come from FOOTFALL_SITES, else local/sites.json.
 * @throws FootfallError `bad_configuration`
 */
export function runningConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const text = readIfThere(runFile);
  const run = text === undefined ? {} : running.parse(JSON.parse(text));
  return readConfig({
    ...env,
    KAFKA_BROKERS: env.KAFKA_BROKERS || run.kafkaBrokers?.join(',') || 'localhost:9092',
    REDIS_URL: env.REDIS_URL || run.redisUrl || 'redis://localhost:6379',
    FOOTFALL_SITES: env.FOOTFALL_SITES || readFileSync(join(import.meta.dirname, 'sites.json'), 'utf8'),
  });
}
