import type * as z from 'zod';
import { MAX_PROBLEMS } from '../../platform/validation.ts';

/**
 * A validator names all that is wrong, and each problem costs it some µs. One request has room for 100,000 of them, so
 * what is invalid anyway is cut after the problems that an answer lists.
 */

type Fields = Record<string, unknown>;

/**
 * The lines as far as their problems are listed; all of them when there are fewer problems.
 * @param schema of a list of them.
 */
export function fewLines(lines: unknown, schema: z.ZodType): unknown {
  if (!Array.isArray(lines) || lines.length <= MAX_PROBLEMS) return lines;
  let problems = 0;
  for (let end = MAX_PROBLEMS; end < lines.length; end += MAX_PROBLEMS) {
    problems += countProblems(schema, lines.slice(end - MAX_PROBLEMS, end));
    if (problems >= MAX_PROBLEMS) return lines.slice(0, end);
  }
  return lines;
}

/**
 * The fields as far as their problems are listed, and at most one more than `most`.
 * @param schema of an object of them.
 */
export function fewFields(fields: unknown, most: number, schema: z.ZodType): unknown {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields;
  const names = Object.keys(fields);
  if (names.length <= MAX_PROBLEMS) return fields;
  const first = (count: number): Fields =>
    Object.fromEntries(names.slice(0, count).map((name) => [name, (fields as Fields)[name]]));
  const some = first(MAX_PROBLEMS);
  if (countProblems(schema, some) >= MAX_PROBLEMS) return some;
  return names.length > most ? first(most + 1) : fields;
}

const countProblems = (schema: z.ZodType, value: unknown): number =>
  schema.safeParse(value).error?.issues.length ?? 0;
