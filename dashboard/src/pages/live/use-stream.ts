import { useEffect, useRef, useState } from 'preact/hooks';
import type { DataOf } from '../../api/types.ts';
import { OFTEN, useAnswer } from '../../api/use-answer.ts';

export type Newest = DataOf<'/v1/live/interactions'>['interactions'][number];

const ROWS = 50;
/** How often a screen reader is told how many are new, ms. */
const SAY_EVERY_MS = 15_000;

/** An event's id is unique for a user. */
export const keyOf = ({ user_id = '', id }: Newest): string => `${user_id}\n${id}`;

/**
 * The newest interactions. While `isHeld`, the rows stay as they are: nothing moves under a pointer or the focus.
 * @returns `waiting`: how many have come since then; `said`: what a screen reader is told now and then.
 */
export function useStream(isHeld: boolean) {
  const answer = useAnswer('/v1/live/interactions', { query: { limit: ROWS }, every: OFTEN });
  const latest = answer.data?.interactions;
  const [kept, setKept] = useState<readonly Newest[]>();
  useEffect(() => {
    setKept(isHeld ? latest : undefined);
    // What is shown when the holding begins is kept.
  }, [isHeld]);
  const shown = (isHeld ? (kept ?? latest) : latest) ?? [];
  return { answer, shown, waiting: countNew(latest ?? [], shown), said: useSaid(latest) };
}

function countNew(latest: readonly Newest[], shown: readonly Newest[]): number {
  if (latest === shown) return 0;
  const known = new Set(shown.map(keyOf));
  return latest.filter((one) => !known.has(keyOf(one))).length;
}

function useSaid(latest: readonly Newest[] | undefined): string {
  const [said, setSaid] = useState('');
  const now = useRef(latest);
  const before = useRef(latest);
  now.current = latest;
  before.current ??= latest;
  useEffect(() => {
    const timer = setInterval(() => {
      const count = countNew(now.current ?? [], before.current ?? []);
      before.current = now.current;
      setSaid(count === 0 ? '' : `${count === ROWS ? `${ROWS} or more` : count} new`);
    }, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return said;
}
