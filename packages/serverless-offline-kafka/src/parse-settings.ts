import type * as z from 'zod';

/**
 * Checks a part of serverless.yml against its schema.
 * @param where names that part at the start of the error message.
 * @throws one sentence that names each wrong key.
 */
export function parseSettings<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  );
  throw new Error(`${where} is not valid. ${problems.join('; ')}.`);
}
