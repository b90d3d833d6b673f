import { readRun, runFile } from '../local/run-file.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';

/**
 * The configuration of a command. Each setting comes from the environment, else from a running `npm start`, else it is
 * the usual port on this machine.
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
