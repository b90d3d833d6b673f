import type { ComponentChildren } from 'preact';
import type { Answer } from '../api/answers.ts';
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
 * Shows an answer: a skeleton until it is there, the error if it can't be had, and greyed numbers when the last asking
 * failed.
 */
export function Answered<T>(props: {
  answer: Answer<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error } = props.answer;
  if (data === undefined) return error ? <Problem error={error} /> : <Skeleton lines={props.lines ?? 3} />;
  return <div class={error ? 'outdated' : undefined}>{props.children(data)}</div>;
}
