import type * as z from 'zod';
import { FootfallError } from '../errors.ts';
import { problemsOf } from '../validation.ts';

/** The input as its schema reads it. @throws FootfallError `invalid_parameter` 400; `errors` says where and why. */
export function check<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = problemsOf(parsed.error);
  const message = errors
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  throw new FootfallError('invalid_parameter', 400, message, { details: { errors } });
}
