import { readRun, runFile } from '../local/run-file.ts';
import { withoutSecrets } from '../local/without-secrets.ts';
import { type Config, readConfig } from '../shared/platform/config.ts';
import { FootfallError } from '../shared/platform/errors.ts';

/** An installation that a command works on, and what named it. */
export interface Installation {
  config: Config;
  from: 'npm start' | 'environment';
}

/** What tells one installation from another. */
const ADDRESSES = ['KAFKA_BROKERS', 'REDIS_URL'] as const;

/**
 * The installation that a command works on: the one of the environment, else the running `npm start`, by its own record.
 * A command never guesses an address, and never takes Kafka from one installation and Redis from another.
 * @param needed of the two addresses
 * @throws FootfallError `no_installation` 400 when an address is missing; `bad_configuration`
 */
export function runningInstallation(
  env: NodeJS.ProcessEnv = process.env,
  file = runFile,
  needed: readonly string[] = ADDRESSES,
): Installation {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const run = readRun(file);
  const isRun = run && ADDRESSES.every((name) => given[name] === undefined || given[name] === run[name]);
  const known = { ...(isRun && run), ...given };
  const missing = needed.filter((name) => known[name] === undefined);
  if (missing.length > 0) throw noInstallation(needed, missing);
  // A configuration has both; a command that needs one does not look at the other.
  return { config: readConfig({ ...NOWHERE, ...known }), from: isRun ? 'npm start' : 'environment' };
}

const NOWHERE = { KAFKA_BROKERS: 'kafka.invalid:9092', REDIS_URL: 'redis://redis.invalid' };

/** {@link runningInstallation} for a command that works on Kafka alone. */
export const runningKafka = (): Installation => runningInstallation(process.env, runFile, ['KAFKA_BROKERS']);

function noInstallation(needed: readonly string[], missing: readonly string[]): FootfallError {
  const message =
    missing.length === needed.length
      ? `No npm start of this project is running. Run npm start, or set ${needed.join(' and ')}.`
      : `${needed.find((name) => !missing.includes(name))} names another installation than a running npm start. Set ${missing.join()} of that installation, too.`;
  return new FootfallError('no_installation', 400, message);
}

/** What named an installation. */
function originText({ config, from }: Installation): string {
  const [, stage] = /^footfall-(.+)-aggregate$/.exec(config.aggregateGroup ?? '') ?? [];
  return from === 'npm start' ? 'the running npm start' : `the environment${stage ? `, stage ${stage}` : ''}`;
}

/**
 * Tells people which installation a command works on, without secrets.
 * @example note(`Writing to ${installationText(installation)}.`);
 */
export function installationText(installation: Installation): string {
  const { kafka, redis } = installation.config;
  const prefix = redis.keyPrefix ? `, keys ${redis.keyPrefix}…` : '';
  return `Kafka ${kafka.brokers.join(',')} (topic ${kafka.eventsTopic}) and Redis ${withoutSecrets(redis.url)}${prefix}, as of ${originText(installation)}`;
}

/** The same of a command that works on Kafka alone. */
export const kafkaText = (installation: Installation): string =>
  `Kafka ${installation.config.kafka.brokers.join(',')}, as of ${originText(installation)}`;
