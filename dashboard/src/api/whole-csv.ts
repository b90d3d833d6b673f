import { joinCsv } from '../format/csv.ts';
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
