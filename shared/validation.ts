import type { z } from 'zod';

export interface Problem {
  /** Where: `items[0].price`; empty for the whole. */
  path: string;
  message: string;
}

/** What zod found wrong, in the order in which it found it. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    // Each of the keys that nobody knows is a problem of its own, and is where it is.
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ path: formatPath(path), message: issue.message }));
  });
}

const formatPath = (path: readonly PropertyKey[]) =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i ? '.' : ''}${String(part)}`)).join('');
