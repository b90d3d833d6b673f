import { FootfallError } from '../shared/platform/errors.ts';
import { KafkaOutage } from '../shared/platform/kafka/outage.ts';
import { RedisUnavailable } from '../shared/platform/redis/unavailable.ts';

/**
 * Runs a command line to its end: the process ends with the exit code that `main` gives, or
 * with 1 and the reason. A reason that was put into words for people is printed alone; anything else is a fault
 * of the program and printed whole, with its stack.
 * @param main gets the arguments behind the script's name
 * @param help is printed as well when the fault is in the arguments
 */
export async function runCommand(main: (args: string[]) => Promise<number>, help?: string): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const inArguments = isBadOption(error);
    const forPeople = inArguments || inWords.some((one) => error instanceof one) || isPlain(error);
    console.error(forPeople ? (error as Error).message : error);
    if (inArguments && help !== undefined) console.error(`\n${help}`);
    process.exitCode = 1;
  }
}

/** Errors whose message says it all; so does that of a plain Error. */
const inWords = [FootfallError, RedisUnavailable, KafkaOutage];
const isPlain = (error: unknown) => (error as Error).name === 'Error';

/** What an option can't be; what is thrown is for {@link runCommand}. */
export const badOption = (message: string) => new FootfallError('bad_option', 400, message);

/**
 * How a command is used, of those that a program has.
 * @throws FootfallError `bad_option`, naming them all, when it is none of them or was not said.
 */
export function useOf<T>(commands: Readonly<Record<string, T>>, command: string | undefined): T {
  const names = Object.keys(commands).join(', ');
  if (command === undefined) throw badOption(`Say what to do: ${names}.`);
  if (!Object.hasOwn(commands, command)) throw badOption(`${command} is none of ${names}.`);
  return commands[command]!;
}

/** Thrown by {@link badOption}, or by parseArgs of node:util. */
function isBadOption(error: unknown): boolean {
  // kafkajs' are numbers.
  const code = String((error as { code?: unknown }).code);
  return code === 'bad_option' || code.startsWith('ERR_PARSE_ARGS');
}

/**
 * The whole number that an option holds; undefined when it was not given.
 * @param name of the option, without its dashes
 * @throws FootfallError `bad_option`
 */
export function wholeNumber(name: string, text: string, range: { min: number; max: number }): number;
export function wholeNumber(
  name: string,
  text: string | undefined,
  range: { min: number; max: number },
): number | undefined;
export function wholeNumber(
  name: string,
  text: string | undefined,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw badOption(`--${name} must be a whole number of at least ${min} and at most ${max}, not "${text}".`);
  }
  return number;
}
