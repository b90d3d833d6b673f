import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { badOption, wholeNumber } from '../command.ts';
import { footfallDir } from '../services/services.ts';

export const help = `Usage: npm start -- [options]

Runs Footfall on this machine: Kafka, Redis, the Lambda functions, and a simulated shop full of visitors.
Kafka and Redis come from KAFKA_BROKERS and REDIS_URL when they are set, else from Docker when it runs, else
real ones are started from their Maven packages. Ctrl-C stops everything.

  --rate N        simulated events per second (50)
  --no-simulate   start no simulator
  --embedded      pass over Docker even when it runs
  --fresh         forget all data of earlier runs first
  --port N        port of the HTTP API (3000, or a free one when that is taken)
  --data FOLDER   where data and logs are kept (.footfall)
  --verbose       show the functions' log here as well
  --inspect       run the functions under Node's inspector at port 9229, for a debugger (docs/testing.md)
  --help          this text`;

export interface StartOptions {
  help: boolean;
  simulate: boolean;
  /** Events per second. */
  rate: number;
  embedded: boolean;
  fresh: boolean;
  /** Undefined: 3000, or any other when that is taken. */
  port: number | undefined;
  dataDir: string;
  verbose: boolean;
  /** Whether a debugger can attach to the functions, at {@link INSPECTOR_PORT}. */
  inspect: boolean;
}

/** Node's own default, which debuggers try first. */
export const INSPECTOR_PORT = 9229;

/** @throws FootfallError `bad_option`, or what parseArgs of node:util says. */
export function readOptions(args: string[]): StartOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      simulate: { type: 'boolean', default: true },
      rate: { type: 'string', default: '50' },
      embedded: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      port: { type: 'string' },
      data: { type: 'string', default: footfallDir },
      verbose: { type: 'boolean', default: false },
      inspect: { type: 'boolean', default: false },
    },
  });
  const rate = Number(values.rate);
  if (!(rate > 0 && rate <= 100_000)) {
    throw badOption(
      `--rate is a number of events per second above 0 and up to 100000, not "${values.rate}".`,
    );
  }
  const port = wholeNumber('port', values.port, { min: 1, max: 65_535 });
  const { help, simulate, embedded, fresh, verbose, inspect } = values;
  const dataDir = resolve(values.data);
  return { help, simulate, rate, embedded, fresh, port, dataDir, verbose, inspect };
}
