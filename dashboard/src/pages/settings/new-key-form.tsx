import { useState } from 'preact/hooks';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { dayIn } from '../../view/period.ts';
import { endOfDay, type KeyKind, KIND_LABELS } from './key-kinds.ts';

/** Makes a further key. A site's admin key makes read keys only. */
export function NewKeyForm({ onMade }: { onMade(key: Schemas['NewKey']): void }) {
  const { kind, site } = useSession();
  const kinds: readonly KeyKind[] = kind === 'installation' ? ['read', 'write', 'admin'] : ['read'];
  const [wanted, setWanted] = useState<KeyKind>('read');
  const [name, setName] = useState('');
  const [end, setEnd] = useState('');
  const { run, error, isBusy } = useChange();
  const make = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const expires_at = endOfDay(end);
      const { data } = await done(
        api.POST('/v1/sites/{site}/keys', {
          params: { path: { site: site.id } },
          body: {
            kind: wanted,
            ...(name.trim() !== '' && { name: name.trim() }),
            ...(expires_at !== undefined && { expires_at }),
          },
        }),
      );
      setName('');
      setEnd('');
      onMade(data);
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
      <Field
        label="Name"
        name="name"
        error={error}
        hint="Optional: who or what has the key, up to 100 characters."
      >
        {(links) => (
          <input
            {...links}
            value={name}
            placeholder="Screen in the office"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field
        label="Ends after"
        name="expires_at"
        error={error}
        hint="Optional: the last day on which it works. Without one it works until it is ended."
      >
        {(links) => (
          <input
            {...links}
            type="date"
            min={dayIn(site.zone)}
            value={end}
            onInput={(event) => setEnd(event.currentTarget.value)}
          />
        )}
      </Field>
      {beside && <Problem error={beside} />}
      <button type="submit" class="primary" disabled={isBusy}>
        Make the key
      </button>
    </form>
  );
}
