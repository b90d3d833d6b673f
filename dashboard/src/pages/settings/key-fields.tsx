import type { ApiError } from '../../api/client.ts';
import { Field } from '../../parts/field.tsx';
import { useSession } from '../../session/session.ts';
import { dayIn } from '../../view/period.ts';

/** What the two inputs hold. */
interface Texts {
  name: string;
  /** `YYYY-MM-DD`, or '' for no end. */
  end: string;
}

interface Words {
  label: string;
  hint?: string;
}

/** What a new key is called, and its last day. @param props.words how the form at hand puts it. */
export function KeyFields(props: {
  texts: Texts;
  words: { name: Words & { example: string }; end: Words };
  error: ApiError | undefined;
  onChange(texts: Texts): void;
}) {
  const { texts, words, error, onChange } = props;
  const { site } = useSession();
  const { example, ...name } = words.name;
  return (
    <>
      <Field {...name} name="name" error={error}>
        {(links) => (
          <input
            {...links}
            value={texts.name}
            placeholder={example}
            onInput={(event) => onChange({ ...texts, name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field {...words.end} name="expires_at" error={error}>
        {(links) => (
          <input
            {...links}
            type="date"
            min={dayIn(site.zone)}
            value={texts.end}
            onInput={(event) => onChange({ ...texts, end: event.currentTarget.value })}
          />
        )}
      </Field>
    </>
  );
}
