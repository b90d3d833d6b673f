import * as z from 'zod';
import { FootfallError } from '../errors.ts';

/** Where a page ended, as text for the next request. */
export const cursorOf = (values: readonly (string | number)[]) =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

export const cursorParameter = z
  .string()
  .max(2_000)
  .optional()
  .meta({ description: '`next_cursor` of the page before' });

/** The most rows that a page has. */
export const limitParameter = (fallback: number) =>
  z.coerce.number('a whole number').int().min(1).max(1_000).default(fallback);

export const nextCursor = z.string().optional().meta({ description: 'Absent on the last page' });

/**
 * The values in a cursor.
 * @param parameter the name of the query's parameter, and the field of an earlier answer that it comes from
 * @throws FootfallError `invalid_parameter` 400 for text that is no cursor.
 */
export function readCursor<T>(
  cursor: string | undefined,
  schema: z.ZodType<T>,
  { parameter, field } = { parameter: 'cursor', field: 'next_cursor' },
): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    const message = `is not the ${field} of an answer to this question`;
    throw new FootfallError('invalid_parameter', 400, `${parameter}: ${message}`, {
      details: { errors: [{ path: parameter, message }] },
    });
  }
}

/** A page of a list: `from` is the index of its first row; `next_cursor` is absent on the last page. */
export const pageOf = <T>(list: readonly T[], cursor: string | undefined, limit: number) =>
  pageOfFirst(list.length, (most) => list.slice(0, most), { cursor, limit });

/**
 * A page of a list that is not in order yet: only its first rows are put in order.
 * @param count of all rows
 * @param first the list's first rows, in order
 */
export function pageOfFirst<T>(
  count: number,
  first: (most: number) => readonly T[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const [from] = readCursor(cursor, z.tuple([z.number().int().min(0)])) ?? [0];
  const rows = first(from + limit).slice(from);
  const next = from + limit < count ? cursorOf([from + limit]) : undefined;
  return { from, rows, ...(next !== undefined && { next_cursor: next }) };
}
