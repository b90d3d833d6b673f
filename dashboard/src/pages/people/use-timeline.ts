import { useEffect, useState } from 'preact/hooks';
import type { DataOf } from '../../api/types.ts';
import { ONCE, SOMETIMES, useAnswer, useAnswers } from '../../api/use-answer.ts';
import { addDays, lengthOf } from '../../view/period.ts';

const PATH = '/v1/users/{user}/interactions';
type Page = DataOf<typeof PATH>;
export type Interaction = Page['interactions'][number];

/** The most interactions of one request. Days with more are read in several. */
const LIMIT = 200;
const FIRST_DAYS = 7;
/** The longest stretch of days that one request looks through. */
const MAX_DAYS = 366;

/** A stretch of days; with a cursor: the further pages of one day. The newest has no end, so new events appear. */
interface Stretch {
  from: string;
  to: string | undefined;
  cursor?: string;
}

/**
 * A person's interactions, newest first. The API gives a range from its oldest interaction on, so this reads stretches of
 * days, the newest first, each short enough for one page.
 * @param first @param last the days of the person's first and last event; @param today the site's day.
 */
export function useTimeline(user: string, days: { first: string; last: string; today: string }) {
  const { first, today } = days;
  // A sender's clock may be ahead of ours.
  // biome-ignore lint/complexity/useMathMinMax: these are texts
  const last = days.last < today ? days.last : today;
  const [stretches, setStretches] = useState<readonly Stretch[]>([
    { from: addDays(last, 1 - FIRST_DAYS), to: undefined },
  ]);
  const [newest, ...rest] = stretches.map((stretch) => ({
    path: { user },
    query: { ...stretch, limit: LIMIT },
  }));
  const answers = [useAnswer(PATH, { ...newest!, every: SOMETIMES }), ...useAnswers(PATH, rest, ONCE)];

  const end = stretches.at(-1)!;
  const ended = answers.at(-1)!.data;
  const hasOlder = end.from > first;
  const older = () => setStretches([...stretches, stretchBefore(end, ended, first, today)]);

  useEffect(() => {
    const next = refine(
      stretches,
      answers.map(({ data }) => data),
      today,
    );
    if (next) setStretches(next);
    // A time without visits is skipped.
    else if (ended?.total === 0 && hasOlder) older();
  });

  return {
    interactions: newestFirst(answers.flatMap(({ data }) => data?.interactions ?? [])),
    isTruncated: answers.some(({ data }) => data?.truncated),
    isLoading: answers.some(({ data, error }) => !data && !error),
    error: answers.find(({ error }) => error)?.error,
    older: hasOlder ? older : undefined,
  };
}

/** The days before a stretch: more of them where there was little. */
function stretchBefore({ from, to }: Stretch, page: Page | undefined, first: string, today: string): Stretch {
  const length = Math.max(1, lengthOf({ from, to: to ?? today }));
  const wanted = (page?.total ?? 0) < LIMIT / 4 ? Math.min(MAX_DAYS, length * 2) : length;
  const start = addDays(from, -wanted);
  return { from: start < first ? first : start, to: addDays(from, -1) };
}

/** Makes stretches shorter that hold more than a page. @returns undefined when there is nothing to change. */
function refine(
  stretches: readonly Stretch[],
  pages: readonly (Page | undefined)[],
  today: string,
): Stretch[] | undefined {
  for (const [i, stretch] of stretches.entries()) {
    const page = pages[i];
    if (!page?.next_cursor) continue;
    const { from, to } = stretch;
    const length = lengthOf({ from, to: to ?? today });
    const [before, after] = [stretches.slice(0, i), stretches.slice(i + 1)];
    if (length > 1) {
      const middle = addDays(from, Math.floor(length / 2));
      // The older half of the last stretch is read when it is wanted.
      const half = after.length === 0 ? [] : [{ from, to: addDays(middle, -1) }];
      return [...before, { from: middle, to }, ...half, ...after];
    }
    const next = after[0];
    if (next?.cursor !== undefined && next.from === from) {
      if (next.cursor === page.next_cursor) continue;
      return [...before, stretch, { ...stretch, cursor: page.next_cursor }, ...after.slice(1)];
    }
    return [...before, stretch, { ...stretch, cursor: page.next_cursor }, ...after];
  }
  return undefined;
}

/** At one time, the later in the API's order comes first. */
const newestFirst = (all: readonly Interaction[]) =>
  all.toReversed().sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0));
