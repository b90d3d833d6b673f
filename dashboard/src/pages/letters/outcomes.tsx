import { ApiError } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { Problem } from '../../parts/problem.tsx';
import { hrefOf } from '../../view/view.ts';
import { STATUSES } from './reasons.ts';

/** What a request did with each letter. */
export interface Outcome {
  letter: string;
  tone: 'good' | 'quiet' | 'bad';
  text: string;
}

/** What a request did: by letter, or why it failed as a whole. */
export type Done = { what: string; outcomes: Outcome[]; error?: ApiError };

type Changed = Pick<Schemas['Replayed'], 'already' | 'refused'>;

/** @param letters that the request named. */
export function outcomesOf(
  letters: readonly string[],
  { already, refused }: Changed,
  success: string,
): Outcome[] {
  const before = new Map(already.map(({ letter, status }) => [letter, status]));
  const why = new Map(refused.map((one) => [one.letter, one]));
  return letters.map((letter): Outcome => {
    const [status, refusal] = [before.get(letter), why.get(letter)];
    if (refusal) return { letter, tone: 'bad', text: `refused (${refusal.code}): ${refusal.message}` };
    if (status) return { letter, tone: 'quiet', text: `was ${STATUSES[status]} before` };
    return { letter, tone: 'good', text: success };
  });
}

/** A refusal of all letters tells each in its `errors`. */
export function failureOf(what: string, error: unknown): Done {
  const known = error instanceof ApiError ? error : new ApiError(0, 'failed', String(error));
  if (known.status !== 422 || known.problems.length === 0) return { what, outcomes: [], error: known };
  return {
    what,
    outcomes: known.problems.map(({ path, message }) => ({
      letter: path,
      tone: 'bad',
      text: `refused: ${message}`,
    })),
  };
}

/** The result, told for each letter. */
export function Outcomes({ done }: { done: Done | undefined }) {
  return (
    <div role="status" class="outcomes">
      {done && (
        <>
          <p>
            <strong>{done.what}</strong>
          </p>
          {done.error && <Problem error={done.error} />}
          <ul>
            {done.outcomes.map(({ letter, tone, text }) => (
              <li key={letter}>
                <a href={hrefOf(['letters', letter])}>{letter}</a>{' '}
                <span class={`outcome ${tone}`}>{text}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
