import type { z } from 'zod';

export interface Problem {
  /** Where, such as `items[0].price`; empty for the whole input. */
  path: string;
  message: string;
}

/** The most problems listed for one input: an answer with thousands would be larger than a function can send. */
const MAX_PROBLEMS = 20;

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
const short = (name: string) => (name.length > 200 ? `${name.slice(0, 200).toWellFormed()}…` : name);
