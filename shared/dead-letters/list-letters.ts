import * as z from 'zod';
import { check } from '../platform/http/check.ts';
import { type Row, toCsv } from '../platform/http/csv.ts';
import { cursorOf, pageOf, readCursor } from '../platform/http/cursor.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { type Access, readAccess } from '../sites/access.ts';
import type { LetterFilter } from './letter-index.ts';
import { countsQuery, type lettersAnswer, listQuery } from './letter-schemas.ts';
import type { DeadLettersContext } from './letters-context.ts';
import { filterOf, presentLetter } from './present-letter.ts';

/** Schema of a letter's position in the order. */
export const letterCursor = z.tuple([z.number().int().min(0), z.string().max(300)]);

const LETTER_COLUMNS = ['letter', 'status', 'reason', 'detail', 'site', 'name', 'at', 'received'];
const COUNT_COLUMNS = ['day', 'reason', 'site', 'status', 'letters', 'dropped'];

/** `GET /v1/dead-letters`. @throws FootfallError `unauthorized` 401, `wrong_site` 403, 400s, 503s. */
export async function listLetters(request: HttpRequest, context: DeadLettersContext): Promise<HttpResponse> {
  const access = await readAccess(request, context);
  const { limit, cursor, format, ...asked } = check(listQuery, request.queryStringParameters ?? {});
  const filter = filterOf(asked, access);
  const after = readCursor(cursor, letterCursor);
  await catchUp(context);
  const found = await context.index.page(filter, { order: 'newest', after, limit: limit + 1 });
  const letters: z.infer<typeof lettersAnswer>['letters'] = found.slice(0, limit).map(presentLetter);
  const last = found[limit - 1];
  const next = found.length > limit && last ? cursorOf([last.at, last.letter]) : undefined;
  if (format === 'csv') return csv(LETTER_COLUMNS, letters, next);
  return json(200, { data: { letters, ...(next !== undefined && { next_cursor: next }) } }, NOT_KEPT);
}

/** `GET /v1/dead-letters/counts`. Throws as {@link listLetters}. */
export async function countLetters(request: HttpRequest, context: DeadLettersContext): Promise<HttpResponse> {
  const access = await readAccess(request, context);
  const { limit, cursor, format, ...asked } = check(countsQuery, request.queryStringParameters ?? {});
  const filter: LetterFilter = filterOf(asked, access);
  await catchUp(context);
  const all = await context.index.counts(filter);
  const { rows, next_cursor } = pageOf(all, cursor, limit);
  if (format === 'csv') return csv(COUNT_COLUMNS, rows, next_cursor);
  const open = all.reduce((sum, { status, letters }) => sum + (status === 'open' ? letters : 0), 0);
  return json(
    200,
    { data: { counts: rows, open, ...(next_cursor !== undefined && { next_cursor }) } },
    NOT_KEPT,
  );
}

/** @throws FootfallError `dead_letters_indexing` 503. */
export function catchUp({ topic, timeMs }: DeadLettersContext): Promise<void> {
  const deadline = performance.now() + timeMs;
  return topic.catchUp(() => performance.now() < deadline);
}

function csv(columns: string[], rows: readonly object[], next: string | undefined): HttpResponse {
  const only = rows.map((row) => Object.fromEntries(columns.map((name) => [name, (row as Row)[name]])));
  return {
    statusCode: 200,
    headers: {
      ...NOT_KEPT,
      'content-type': 'text/csv; charset=utf-8',
      ...(next !== undefined && { 'footfall-next-cursor': next }),
    },
    body: toCsv(columns, only),
  };
}

/** The site whose letters the caller may see; undefined: all. */
export const siteOf = (access: Access): string | undefined => ('site' in access ? access.site : undefined);
