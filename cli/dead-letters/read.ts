import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { countsAnswer, lettersAnswer } from '../../shared/dead-letters/letter-schemas.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { openApi } from '../call-api.ts';
import { note, type Report } from '../report.ts';
import { countLines, letterLines, type ShownLetter, shownLines } from './show.ts';

/** The commands of `footfall dead-letters` that change nothing. They throw what `openApi` throws. */

/** Which letters; days are in UTC, both inclusive. */
export interface Filter {
  reason?: string | undefined;
  site?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  status?: string | undefined;
}

interface Target {
  url?: string | undefined;
}

/** Letters on a page of an answer. */
const PAGE = 500;

export async function countLetters({ url, ...filter }: Target & Filter): Promise<Report> {
  type Answer = z.infer<typeof countsAnswer>;
  const counts = await allPages(
    url,
    '/v1/dead-letters/counts',
    filter,
    Infinity,
    (answer: Answer) => answer.counts,
  );
  return { data: { counts }, lines: countLines(counts) };
}

/** @param options.limit how many letters at most, the newest first. */
export async function listLetters({
  url,
  limit,
  ...filter
}: Target & Filter & { limit: number }): Promise<Report> {
  type Answer = z.infer<typeof lettersAnswer>;
  const letters = await allPages(url, '/v1/dead-letters', filter, limit, (answer: Answer) => answer.letters);
  return { data: { letters }, lines: letterLines(letters) };
}

export async function showLetter(letter: string, { url }: Target): Promise<Report> {
  const api = openApi(url);
  const path = `/v1/dead-letters/${encodeURIComponent(letter)}`;
  const shown = await untilAvailable(() => api<ShownLetter>('GET', path));
  return { data: shown, lines: shownLines(shown) };
}

async function allPages<A extends { next_cursor?: string | undefined }, T>(
  url: string | undefined,
  path: string,
  filter: Filter,
  limit: number,
  rowsOf: (answer: A) => T[],
): Promise<T[]> {
  const api = openApi(url);
  const query = new URLSearchParams();
  for (const name of ['reason', 'site', 'from', 'to', 'status'] as const) {
    if (filter[name] !== undefined) query.set(name, filter[name]);
  }
  const rows: T[] = [];
  for (;;) {
    query.set('limit', String(Math.min(PAGE, limit - rows.length)));
    const answer = await untilAvailable(() => api<A>('GET', `${path}?${query}`));
    rows.push(...rowsOf(answer));
    if (answer.next_cursor === undefined || rows.length >= limit) return rows;
    query.set('cursor', answer.next_cursor);
  }
}

/** How long {@link untilAvailable} tries, and the time between two tries, ms. A decision has begun and should end. */
const PATIENCE_MS = { read: 5_000, decide: 30_000 };
const RETRY_MS = 1_000;

/**
 * Repeats a request while the API answers 503, and says so. A question is given up after five seconds: an answer that came
 * late already is not asked for again.
 * @param request must be safe to repeat: reading is, and so are replay and discard.
 */
export async function untilAvailable<T>(
  request: () => Promise<T>,
  kind: keyof typeof PATIENCE_MS = 'read',
): Promise<T> {
  const began = performance.now();
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      const isAway =
        error instanceof FootfallError && error.status === 503 && error.code !== 'api_unreachable';
      const isOver = performance.now() - began + RETRY_MS > PATIENCE_MS[kind];
      if (!isAway || isOver) throw error;
      if (tries === 1) note(`Waiting up to ${PATIENCE_MS[kind] / 1_000} s for the API: ${error.message}`);
    }
    await sleep(RETRY_MS);
  }
}
