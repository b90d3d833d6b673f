import type { z } from 'zod';

export interface Problem {
  /** Where: `items[0].price`; empty for the whole. */
  path: string;
  message: string;
}

/** What zod found wrong, in the order in which it found it. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map(({ path, message }) => ({ path: formatPath(path), message }));
}

const formatPath = (path: readonly PropertyKey[]) =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i ? '.' : ''}${String(part)}`)).join('');
