import { readRun, runFile } from '../local/run-file.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';

/**
 * The configuration for a tool that works with what runs on this machine: each setting from the environment,
 * else that of a running `npm start`, else the usual ports.
 * @throws FootfallError `bad_configuration`
 */
export function runningConfig(env: NodeJS.ProcessEnv = process.env, file = runFile): Config {
  const given = Object.entries(env).filter(([, value]) => value !== '');
  return readConfig({
    KAFKA_BROKERS: 'localhost:9092',
    REDIS_URL: 'redis://localhost:6379',
    ...readRun(file),
    ...Object.fromEntries(given),
  });
}
