import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { newProgram, wholeNumber } from '../command.ts';
import { footfallDir } from '../services/services.ts';

/** Node's own default, which debuggers try first. */
export const INSPECTOR_PORT = 9229;

const MAX_RATE = 100_000;

function rate(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= MAX_RATE) return number;
  throw new InvalidArgumentError(`It must be a number of events a second, above 0 and up to ${MAX_RATE}.`);
}

/**
 * Reads the options of `npm start`; `--help` prints the help.
 * @throws CommanderError when they are wrong, or when the help was asked for.
 */
export const readOptions = (args: readonly string[]) =>
  newProgram('npm start --')
    .description(
      'Runs Footfall on this machine: Kafka, Redis, the Lambda functions, and simulated visitors in two demo shops. ' +
        'KAFKA_BROKERS and REDIS_URL name servers of yours. Otherwise Kafka and Redis run in Docker, or without ' +
        'Docker from their Maven packages. Ctrl-C stops everything.',
    )
    .option('--rate <n>', 'simulated events a second', rate, 50)
    .option('--no-simulate', 'start no simulator')
    .option('--embedded', 'use the Maven packages even when Docker runs')
    .option('--fresh', 'delete the data of earlier runs first')
    .option('--port <n>', 'port of the HTTP API (default: 3000, or a free one)', wholeNumber(1, 65_535))
    .addOption(
      new Option('--data <folder>', 'folder of data and logs')
        .argParser((folder) => resolve(folder))
        .default(footfallDir, '.footfall'),
    )
    .option('--verbose', "show the functions' log here as well")
    .option(
      '--inspect',
      `run the functions under Node's inspector at port ${INSPECTOR_PORT}, for a debugger (docs/testing.md)`,
    )
    .parse(args, { from: 'user' })
    .opts();

/** `rate` is in events a second; without `port` the API takes 3000, or a free one when that is taken. */
export type StartOptions = ReturnType<typeof readOptions>;
