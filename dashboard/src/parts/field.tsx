import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { ApiError } from '../api/client.ts';

type Problem = ApiError['problems'][number];

/** Whether a problem is about a field, or about something in it. @example isAt('steps[0].event', 'steps[0]') // true */
const isAt = (path: string, name: string) =>
  path === name || path.startsWith(`${name}[`) || path.startsWith(`${name}.`);

/** What the API says about a field. */
export const problemsAt = (error: ApiError | undefined, name: string): Problem[] =>
  error?.problems.filter(({ path }) => isAt(path, name)) ?? [];

/** The error if it is not about these fields alone, so that it is shown apart from them. */
export const errorBeside = (error: ApiError | undefined, names: readonly string[]): ApiError | undefined =>
  error?.problems.length && error.problems.every(({ path }) => names.some((name) => isAt(path, name)))
    ? undefined
    : error;

/** What an input needs to be read out with its hint and its error. */
export interface FieldLinks {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

/**
 * A labelled input with what it means, and beside it what the API refused.
 * @param props.name the path of the field in the request.
 */
export function Field(props: {
  label: string;
  name: string;
  hint?: ComponentChildren;
  error: ApiError | undefined;
  children: (links: FieldLinks) => ComponentChildren;
}) {
  const id = useId();
  const problems = problemsAt(props.error, props.name);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, 'aria-describedby': `${id}-about`, 'aria-invalid': problems.length > 0 })}
      <div id={`${id}-about`}>
        {problems.map(({ path, message }) => (
          <p key={path} class="field-error">
            {path !== props.name && <code>{path}</code>} {message}
          </p>
        ))}
        {props.hint && <p class="note">{props.hint}</p>}
      </div>
    </div>
  );
}
