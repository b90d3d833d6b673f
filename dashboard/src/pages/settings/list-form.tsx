import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../../api/client.ts';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { linesOf } from './site-fields.ts';
import { useChangeSite } from './use-site.ts';

/**
 * A list of the site, one line each.
 * @param props.refused what can be done about an error besides correcting it.
 */
export function ListForm(props: {
  name: 'ignored_referrers' | 'measurement_ids';
  label: string;
  hint: string;
  lines: readonly string[];
  refused?: (error: ApiError, again: (extra: { take_over: true }) => void) => ComponentChildren;
}) {
  const { name } = props;
  const [text, setText] = useState<string>();
  const [isSaved, setSaved] = useState(false);
  const { run, error, isBusy } = useChange();
  const changeSite = useChangeSite();
  const before = props.lines.join('\n');
  const shown = text ?? before;
  const save = (extra: { take_over?: true } = {}) =>
    run(async () => {
      setSaved(false);
      const site = await changeSite({ [name]: linesOf(shown), ...extra });
      setText(site[name].join('\n'));
      setSaved(true);
    });
  const beside = errorBeside(error, [name]);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label={props.label} name={name} hint={props.hint} error={error}>
        {(links) => (
          <textarea
            {...links}
            rows={6}
            spellcheck={false}
            value={shown}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setSaved(false);
            }}
          />
        )}
      </Field>
      {beside && <Problem error={beside} />}
      {error && props.refused?.(error, (extra) => void save(extra))}
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy || shown === before}>
          Save
        </button>
        <span role="status" class="good-news">
          {isSaved && 'Saved. It holds everywhere after ten seconds.'}
        </span>
      </div>
    </form>
  );
}
