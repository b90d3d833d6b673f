import { resolve } from 'node:path';
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';

/** What commands share in their declarations. */

export const json = new Option('--json', 'print the result as JSON');

const apiUrl = new Option(
  '--url <url>',
  'the API, or lambda:footfall-<stage> to invoke its functions (default: FOOTFALL_URL, else the running npm start)',
);

/** Adds the options of a command that prints an answer of the API. */
export const answered = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => command.addOption(apiUrl).addOption(json);

/** Reads `a,b`; an empty list for a blank text. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Text to print below a command's help. @param all each a purpose and the command for it. */
export const examples = (...all: readonly (readonly [purpose: string, command: string])[]): string =>
  [
    '',
    'Examples:',
    ...all.flatMap(([purpose, command]) => [`  # ${purpose}`, `  npx footfall ${command}`]),
  ].join('\n');

/** A path as the caller means it. npm runs scripts in the project's folder and keeps the caller's in INIT_CWD. */
export const fromHere = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);
