import { errorOf, request } from './client.ts';

/** As many rows as the API gives at once. */
const ROWS = 1_000;
/** More would be a file that no spreadsheet opens. */
const MAX_PAGES = 100;

/**
 * All rows of the table at an address as CSV, page by page. Pages can have different columns (a currency that only some
 * rows have), so they are put together by the columns' names.
 * @param address a question, see useAddress; its own `limit` counts for nothing.
 * @throws ApiError
 */
export async function wholeCsv(address: string): Promise<Blob> {
  const url = new URL(address, location.origin);
  url.searchParams.delete('cursor');
  if (url.searchParams.has('limit')) url.searchParams.set('limit', String(ROWS));
  const pages: string[] = [];
  for (let cursor: string | null = ''; cursor !== null && pages.length < MAX_PAGES; ) {
    if (cursor !== '') url.searchParams.set('cursor', cursor);
    const response = await request(url.href, { headers: { accept: 'text/csv' } });
    if (!response.ok) throw await errorOf(response);
    pages.push(await response.text());
    cursor = response.headers.get('footfall-next-cursor');
  }
  return new Blob([pages.length === 1 ? pages[0]! : joinCsv(pages)], { type: 'text/csv' });
}

/** Puts CSV texts together that each have a line of column names. */
export function joinCsv(texts: readonly string[]): string {
  const tables = texts.map(readCsv);
  const columns = [...new Set(tables.flatMap(([names]) => names ?? []))];
  const lines = tables.flatMap(([names = [], ...rows]) => {
    const places = columns.map((column) => names.indexOf(column));
    return rows.map((row) => places.map((place) => row[place] ?? ''));
  });
  return [columns, ...lines].map((line) => `${line.join(',')}\n`).join('');
}

/** The fields of each line, still quoted as they came: they are only moved. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, field = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
    lines.at(-1)!.push(field);
    if (end !== ',' && end !== '') lines.push([]);
  }
  return lines.filter((line) => line.some((field) => field !== ''));
}
