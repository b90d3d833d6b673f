import { useState } from 'preact/hooks';
import type { Schemas } from '../../api/types.ts';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { KeyFields } from './key-fields.tsx';
import { type KeyKind, KIND_LABELS } from './key-kinds.ts';
import { makeKey } from './make-key.ts';

const WORDS = {
  name: {
    label: 'Name',
    hint: 'Optional: who or what has the key, up to 100 characters.',
    example: 'Screen in the office',
  },
  end: {
    label: 'Ends after',
    hint: 'Optional: the last day on which it works. Without one it works until it is ended.',
  },
};
const EMPTY = { name: '', end: '' };

/** Makes a further key. A site's admin key makes read keys only. */
export function NewKeyForm({ onMade }: { onMade(key: Schemas['NewKey']): void }) {
  const { kind, site } = useSession();
  const kinds: readonly KeyKind[] = kind === 'installation' ? ['read', 'write', 'admin'] : ['read'];
  const [wanted, setWanted] = useState<KeyKind>('read');
  const [texts, setTexts] = useState(EMPTY);
  const { run, error, isBusy } = useChange();
  const make = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const name = texts.name.trim() || undefined;
      const made = await makeKey(site.id, { kind: wanted, name, end: texts.end });
      setTexts(EMPTY);
      onMade(made);
    });
  };
  const beside = errorBeside(error, ['kind', 'name', 'expires_at']);
  return (
    <form noValidate onSubmit={make}>
      <Field label="Kind" name="kind" error={error}>
        {(links) => (
          <select
            {...links}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value as KeyKind)}
          >
            {kinds.map((one) => (
              <option key={one} value={one}>
                {KIND_LABELS[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <KeyFields texts={texts} words={WORDS} error={error} onChange={setTexts} />
      {beside && <Problem error={beside} />}
      <button type="submit" class="primary" disabled={isBusy}>
        Make the key
      </button>
    </form>
  );
}
