import { useState } from 'preact/hooks';
import type { Answer } from '../../../api/answers.ts';
import type { DataOf, PathOf, QueryOf } from '../../../api/types.ts';
import { useAnswers } from '../../../api/use-answer.ts';

type Paged = '/v1/breakdowns/{dimension}' | '/v1/products' | '/v1/carts/abandoned';

/** A list that grows: `more` asks for the page after the last one, if there is one. */
interface Growing<P extends Paged> {
  /** The first page, with its error if it has one. */
  answer: Answer<DataOf<P>>;
  pages: DataOf<P>[];
  more: (() => void) | undefined;
}

/** A list by cursor, page after page. It begins again when the question changes. */
export function useMore<P extends Paged>(
  path: P,
  asked: { path?: PathOf<P>; query: QueryOf<P> },
  every: number,
): Growing<P> {
  const question = JSON.stringify([path, asked]);
  const [turned, setTurned] = useState<{ question: string; cursors: string[] }>({ question, cursors: [] });
  const cursors = turned.question === question ? turned.cursors : [];
  const following = cursors.map((cursor) => ({ ...asked, query: { ...asked.query, cursor } }));
  const answers = useAnswers(path, [asked, ...following], every);
  const last = answers.at(-1)?.data as { next_cursor?: string } | undefined;
  const next = last?.next_cursor;
  return {
    answer: answers[0]!,
    pages: answers.flatMap(({ data }) => data ?? []),
    more: next === undefined ? undefined : () => setTurned({ question, cursors: [...cursors, next] }),
  };
}

/** Rows of several pages. A row that moved from one to the next between two requests is there once. */
export function uniqueBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
