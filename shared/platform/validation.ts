import * as z from 'zod';

export interface Problem {
  /** Where, such as `items[0].price`; empty for the whole input. */
  path: string;
  message: string;
}

/** The most problems listed for one input: an answer with thousands would be larger than a function can send. */
export const MAX_PROBLEMS = 20;

/** What zod found wrong, in the order in which it found it; the first 20. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.slice(0, MAX_PROBLEMS).flatMap((issue) => {
    // Each unknown key is a problem of its own, with its own path.
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.slice(0, MAX_PROBLEMS).map((path) => ({ path: formatPath(path), message: issue.message }));
  });
}

/** What zod found wrong, each as `path: message`. */
export const problemLines = (error: z.ZodError): string[] =>
  problemsOf(error).map(({ path, message }) => `${path}: ${message}`);

const formatPath = (path: readonly PropertyKey[]) =>
  path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i ? '.' : ''}${short(String(part))}`))
    .join('');

/** A name that a client gave may be as long as a body. */
export const short = (name: string) => (name.length > 200 ? `${name.slice(0, 200).toWellFormed()}…` : name);

/** What a value must be, by zod's names of types. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The message of a problem whose schema has none of its own. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${KINDS[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'too_small':
      return `must ${limitOf(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${limitOf(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `must match ${issue.pattern}` : `must be a valid ${issue.format}`;
    case 'invalid_value':
      return `must be one of ${shortList(issue.values.map(String))}`;
    case 'unrecognized_keys':
      return 'is not known here';
    case 'invalid_union':
      return 'has none of the forms that it may have';
    default:
      return undefined;
  }
}

function limitOf(origin: string, bound: 'at least' | 'at most', limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `have ${bound} ${limit} entries`;
  return `be ${bound} ${limit}`;
}

z.config({ customError: inWords });

/** The most characters of a list in a message. */
const MAX_LIST = 300;

/** A list for a message: all of it, or the first ones and how many more there are. */
function shortList(texts: readonly string[]): string {
  const whole = texts.join(', ');
  if (whole.length <= MAX_LIST) return whole;
  const shown = whole.slice(0, whole.lastIndexOf(', ', MAX_LIST));
  return `${shown} and ${texts.length - shown.split(', ').length} more, which /docs lists`;
}
