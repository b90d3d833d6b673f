import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { Answer } from '../api/answers.ts';
import { formatMoment } from '../format/dates.ts';
import { SessionContext } from '../session/session.ts';
import { Problem } from './problem.tsx';

/** Grey bars in the place of what is still loading, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

/**
 * Shows an answer: a skeleton until it is there, the error if it can't be had, and greyed numbers with their time when the
 * last asking failed.
 */
export function Answered<T>(props: {
  answer: Answer<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error, at } = props.answer;
  const lines = props.lines ?? 3;
  if (data === undefined) return error ? <Problem error={error} /> : <Skeleton lines={lines} />;
  return (
    <>
      {error && at !== undefined && lines > 1 && <Outdated at={at} code={error.code} />}
      <div class={error ? 'outdated' : undefined}>{props.children(data)}</div>
    </>
  );
}

function Outdated({ at, code }: { at: number; code: string }) {
  const zone = useContext(SessionContext)?.site.zone ?? 'UTC';
  return (
    <p class="as-of">
      As of {formatMoment(at, zone)} (<code>{code}</code>)
    </p>
  );
}
