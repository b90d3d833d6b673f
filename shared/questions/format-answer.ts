import { createHash } from 'node:crypto';
import { FootfallError } from '../platform/errors.ts';
import { type Row, toCsv } from '../platform/http/csv.ts';
import { type HttpRequest, type HttpResponse, json } from '../platform/http/stack.ts';
import type { Question, Table } from './question.ts';

/** A function answers with 6 MB at most (AWS, "Lambda quotas"); the rest is for headers and envelope. */
const MAX_ANSWER_BYTES = 5_900_000;

interface Answer {
  question: Question;
  request: HttpRequest;
  format: 'json' | 'csv' | undefined;
  data: unknown;
  previous: { from: string; to: string; until?: string; data: unknown } | undefined;
  meta: { as_of: string; lag_ms: number | null; cache: string } & Record<string, unknown>;
}

/**
 * An answer as JSON or CSV, with an entity tag; 304 without a body when the client has the same answer already.
 * @throws FootfallError `answer_too_large` 400.
 */
export function formatAnswer({ question, request, format, data, previous, meta }: Answer): HttpResponse {
  const isCsv = isTable(request, format);
  // Weak: the time of the question is not part of it. Everything that a reader would act on is.
  const { as_of: _, lag_ms: __, cache: ___, ...lasting } = meta;
  const digest = createHash('sha256').update(JSON.stringify([isCsv, data, previous, lasting]));
  const headers = {
    'cache-control': 'private, no-cache',
    vary: 'authorization, accept',
    etag: `W/"${digest.digest('base64url').slice(0, 27)}"`,
  };
  if (isKnown(request.headers['if-none-match'], headers.etag)) return { statusCode: 304, headers };
  const response = isCsv
    ? csv(question, data, previous, meta, headers)
    : json(200, { data, ...(previous && { previous }), meta }, headers);
  if (Buffer.byteLength(response.body ?? '') > MAX_ANSWER_BYTES) {
    const message = 'The answer would be too large. Ask for fewer days, a coarser grain, or one event.';
    throw new FootfallError('answer_too_large', 400, message);
  }
  return response;
}

function csv(
  { csv: table }: Question,
  data: unknown,
  previous: Answer['previous'],
  meta: Answer['meta'],
  headers: Record<string, string>,
): HttpResponse {
  const { columns: named, rows: rowsOf } = table as Table<unknown>;
  const columns = typeof named === 'function' ? named(data) : named;
  const marked = (period: string, rows: Row[]) => rows.map((row) => ({ period, ...row }));
  const rows = previous
    ? [...marked('current', rowsOf(data)), ...marked('previous', rowsOf(previous.data))]
    : rowsOf(data);
  const cursor = (data as { next_cursor?: string }).next_cursor;
  return {
    statusCode: 200,
    headers: {
      ...headers,
      'content-type': 'text/csv; charset=utf-8',
      'footfall-as-of': meta.as_of,
      'footfall-complete': String(meta.complete),
      'footfall-time-zone': String(meta.time_zone),
      ...(cursor !== undefined && { 'footfall-next-cursor': cursor }),
    },
    body: toCsv(previous ? ['period', ...columns] : columns, rows),
  };
}

/** Whether a request asks for CSV: by parameter, else by Accept. */
export const isTable = ({ headers }: HttpRequest, format: 'json' | 'csv' | undefined): boolean =>
  (format ?? preferred(headers.accept)) === 'csv';

/** The format that the client prefers (RFC 9110, "Accept"): the one with the greater weight, else the first one. */
function preferred(accept = ''): 'json' | 'csv' {
  const wanted = accept
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [type, ...parameters] = part.split(';').map((text) => text.trim());
      const weight = parameters.find((one) => one.startsWith('q='))?.slice(2);
      return { type, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  const first = wanted.find(
    ({ type }) => type === 'text/csv' || type === 'application/json' || type === '*/*',
  );
  return first?.type === 'text/csv' ? 'csv' : 'json';
}

/** RFC 9110, "If-None-Match": a list of tags, or `*`; weak and strong tags compare alike. */
const isKnown = (given: string | undefined, etag: string) =>
  given?.split(',').some((tag) => tag.trim() === '*' || strong(tag.trim()) === strong(etag)) ?? false;

const strong = (tag: string) => tag.replace(/^W\//, '');
