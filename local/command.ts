import { Command, CommanderError, InvalidArgumentError } from '@commander-js/extra-typings';
import { FootfallError } from '../shared/platform/errors.ts';

/** How a command line ends; docs and `footfall --help` name these codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs a command line with the arguments of this process, and sets its exit code.
 * @example await runCommand(async (args) => ((await work(args)) ? EXIT.done : EXIT.failed));
 */
export async function runCommand(main: (args: string[]) => Promise<number>): Promise<void> {
  hideNegativeTimeouts();
  // A reader such as `head` may close the pipe before everything is written.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.done);
  });
  process.exitCode = await exitCodeOf(() => main(process.argv.slice(2)));
}

/**
 * Runs a command line. A mistake of the caller and an outage print one message; a bug prints its stack.
 * @returns the exit code that `main` gives, or the one that belongs to what it throws.
 */
export async function exitCodeOf(main: () => Promise<number>): Promise<number> {
  try {
    return await main();
  } catch (error) {
    // Commander has printed its message, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    console.error((await messageOf(error as Error)) ?? error);
    return isBadOption(error) ? EXIT.usage : EXIT.failed;
  }
}

/** What to print of an error instead of its stack; undefined for a bug. */
async function messageOf(error: Error): Promise<string | undefined> {
  if (error instanceof FootfallError) return error.message;
  // Here, so that a help text loads no client.
  const { kafkaFailure, redisFailure } = await import('./failures.ts');
  const failure = kafkaFailure(error) ?? redisFailure(error);
  if (failure) return failure.message;
  return error.name === 'Error' ? error.message : undefined;
}

/** What an error of kafkajs or ioredis says went wrong, such as `connect ECONNREFUSED 127.0.0.1:6379`. */
export const causeOf = ({ message, cause }: Error): string =>
  (cause instanceof Error ? cause.message : message).replace(/\.$/, '');

/** kafkajs sets timers that lie in the past, and Node would warn of each. */
function hideNegativeTimeouts(): void {
  process.removeAllListeners('warning').on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') console.error(`${warning.name}: ${warning.message}`);
  });
}

/**
 * A command line with the settings that all of the project have: it throws instead of ending the process, suggests a
 * name for a misspelt one, and points to its help.
 * @param name how it is called, such as `footfall` or `npm start --`.
 */
export const newProgram = (name: string): Command =>
  new Command(name)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(Add --help to see how it is used.)')
    .configureHelp({ helpWidth: 100 })
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureOutput({
      outputError: (text, write) =>
        write(text.replace(/^error: (.)/, (_, first: string) => first.toUpperCase())),
    });

/** An error in what the caller has typed: the process ends with {@link EXIT}.usage. */
export const badOption = (message: string) => new FootfallError('bad_option', 400, message);

export const isBadOption = (error: unknown): error is FootfallError =>
  error instanceof FootfallError && error.code === 'bad_option';

/**
 * Makes a reader of whole numbers for an option.
 * @example program.option('--port <n>', 'port of the API', wholeNumber(1, 65_535))
 */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
