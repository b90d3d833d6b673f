import { useState } from 'preact/hooks';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { rememberWriteKey } from '../../session/new-keys.ts';
import { ShownOnce } from './shown-once.tsx';

const ZONES = Intl.supportedValuesOf('timeZone');
const CURRENCIES = Intl.supportedValuesOf('currency');

const FIELDS = [
  {
    name: 'id',
    label: 'Id',
    list: undefined,
    hint: 'a-z, 0-9, _ and -; up to 64 characters. It stays as it is.',
  },
  { name: 'name', label: 'Name', list: undefined, hint: 'For people.' },
  {
    name: 'zone',
    label: 'Time zone',
    list: 'zones',
    hint: 'It decides when days begin, and can’t be changed later.',
  },
  { name: 'currency', label: 'Currency', list: 'currencies', hint: 'A code of three letters, such as EUR.' },
] as const;

/**
 * A form that makes a site, and then shows its keys.
 * @param props.onOpen goes to the new site.
 */
export function NewSite({ onOpen }: { onOpen(site: string): Promise<void> }) {
  const [texts, setTexts] = useState({
    ...{ id: '', name: '', currency: 'EUR' },
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const [made, setMade] = useState<Schemas['NewSite']>();
  const { run, error, isBusy } = useChange();
  const opening = useChange();
  const make = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const { id, name, zone, currency } = texts;
      const body = {
        id,
        zone,
        currency: currency.trim().toUpperCase(),
        ...(name.trim() !== '' && { name: name.trim() }),
      };
      const { data } = await done(api.POST('/v1/sites', { body }));
      const write = data.new_keys.find(({ kind }) => kind === 'write');
      if (write) rememberWriteKey(id, write.key);
      setMade(data);
    });
  };
  if (made) {
    const open = () => opening.run(() => onOpen(made.site.id));
    return (
      <>
        <p class="good-news">The site {made.site.name ?? made.site.id} is made.</p>
        <ShownOnce keys={made.new_keys} />
        {opening.error && <Problem error={opening.error} />}
        <button type="button" class="primary" disabled={opening.isBusy} onClick={open}>
          Open it, and send the first event
        </button>
      </>
    );
  }
  const beside = errorBeside(
    error,
    FIELDS.map(({ name }) => name),
  );
  return (
    <form noValidate onSubmit={make}>
      {FIELDS.map(({ name, label, list, hint }) => (
        <Field key={name} label={label} name={name} hint={hint} error={error}>
          {(links) => (
            <input
              {...links}
              list={list}
              autocomplete="off"
              value={texts[name]}
              onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Options id="zones" of={ZONES} />
      <Options id="currencies" of={CURRENCIES} />
      {beside && <Problem error={beside} />}
      <button type="submit" class="primary" disabled={isBusy}>
        Make the site
      </button>
    </form>
  );
}

function Options({ id, of }: { id: string; of: readonly string[] }) {
  return (
    <datalist id={id}>
      {of.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}
