import { askAgain } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { formatCount } from '../../format/numbers.ts';
import type { Operation } from './json-patch.ts';
import { type Done, failureOf, type Outcome, outcomesOf } from './outcomes.tsx';
import type { Reason } from './reasons.ts';
import type { Filter } from './use-filter.ts';

/** Replays and discards letters, and tells what became of each. A request that is sent again does nothing twice. */

/** What a replay changes before. */
export interface Revision {
  patch?: Operation[];
  /** Instead of what the letter holds; for one letter only. */
  event?: Record<string, unknown>;
}

/** Letters that one request may name. */
const AT_ONCE = 100;

type Which = { letters: string[] } | ({ reason: Reason; cursor?: string } & Omit<Filter, 'reason'>);
type Answer = Pick<Schemas['Replayed'], 'already' | 'refused' | 'remaining' | 'next_cursor'> & {
  count: number;
};

const SUCCESS = { replay: 'replayed; it is counted in a moment', discard: 'discarded' } as const;
const VERB = { replay: 'replayed', discard: 'discarded' } as const;
type Change = { act: 'replay'; revision?: Revision } | { act: 'discard'; note?: string };

async function send(change: Change, which: Which): Promise<Answer> {
  if (change.act === 'discard') {
    const body = { ...which, ...(change.note && { note: change.note }) };
    const { data } = await done(api.POST('/v1/dead-letters/discard', { body }));
    return { ...data, count: data.discarded };
  }
  const { data } = await done(
    api.POST('/v1/dead-letters/replay', { body: { ...which, ...change.revision } }),
  );
  return { ...data, count: data.replayed };
}

/** Changes the letters that are named, a hundred at a time. */
export async function changeNamed(change: Change, letters: readonly string[]): Promise<Done> {
  const outcomes: Outcome[] = [];
  let failed: Done | undefined;
  for (let i = 0; i < letters.length && !failed?.error; i += AT_ONCE) {
    const some = letters.slice(i, i + AT_ONCE);
    try {
      outcomes.push(...outcomesOf(some, await send(change, { letters: some }), SUCCESS[change.act]));
    } catch (error) {
      failed = failureOf('', error);
      outcomes.push(...failed.outcomes);
    }
  }
  askAgain();
  const changed = outcomes.filter(({ tone }) => tone === 'good').length;
  const what = `${formatCount(changed)} of ${formatCount(letters.length)} letters ${VERB[change.act]}.`;
  return { what, outcomes, ...(failed?.error && { error: failed.error }) };
}

/** Changes all open letters of a reason. @param told is called after each portion with the letters that are left. */
export async function changeAll(
  change: Change,
  filter: Filter & { reason: Reason },
  told: (remaining: number) => void,
): Promise<Done> {
  const outcomes: Outcome[] = [];
  let [changed, cursor]: [number, string | undefined] = [0, undefined];
  const what = () => `${formatCount(changed)} letters ${VERB[change.act]}.`;
  try {
    do {
      const answer: Answer = await send(change, { ...filter, ...(cursor !== undefined && { cursor }) });
      changed += answer.count;
      outcomes.push(
        ...outcomesOf(
          answer.refused.map(({ letter }) => letter),
          answer,
          '',
        ),
      );
      cursor = answer.next_cursor;
      told(answer.remaining);
    } while (cursor !== undefined);
    return { what: what(), outcomes };
  } catch (error) {
    return { ...failureOf(what(), error), outcomes };
  } finally {
    askAgain();
  }
}
