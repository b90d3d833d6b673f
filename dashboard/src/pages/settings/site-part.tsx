import { useState } from 'preact/hooks';
import { formatMoment } from '../../format/dates.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { changesOf, SITE_FIELDS, type SiteField, textOf } from './site-fields.ts';
import { type SiteSettings, useChangeSite, useSite } from './use-site.ts';

/** The settings of the site. */
export function SitePart() {
  const answer = useSite();
  return (
    <Card title="Site" note="A change is known everywhere after ten seconds.">
      <Answered answer={answer} lines={12}>
        {(site) => <SiteForm site={site} />}
      </Answered>
    </Card>
  );
}

const textsOf = (site: SiteSettings) =>
  Object.fromEntries(SITE_FIELDS.map(({ name }) => [name, textOf(site[name])]));

function SiteForm({ site }: { site: SiteSettings }) {
  const before = textsOf(site);
  const [changed, setChanged] = useState<Record<string, string>>({});
  const [isSaved, setSaved] = useState(false);
  const { run, error, isBusy } = useChange();
  const changeSite = useChangeSite();
  const texts = { ...before, ...changed };
  const changes = changesOf(before, texts);
  const isSame = Object.keys(changes).length === 0;

  const save = (event: Event) => {
    event.preventDefault();
    setSaved(false);
    void run(async () => {
      // Until the page has read them again.
      setChanged(textsOf(await changeSite(changes)));
      setSaved(true);
    });
  };
  const beside = errorBeside(
    error,
    SITE_FIELDS.map(({ name }) => name),
  );
  return (
    <form noValidate onSubmit={save}>
      <dl class="facts">
        <dt>Id</dt>
        <dd>
          <code>{site.id}</code>
        </dd>
        <dt>Time zone</dt>
        <dd>{site.zone}. It decides when days begin, so it can’t be changed.</dd>
        <dt>Made</dt>
        <dd>{formatMoment(site.created_at, site.zone)}</dd>
      </dl>
      {SITE_FIELDS.map((field) => (
        <Field key={field.name} label={field.label} name={field.name} hint={field.hint} error={error}>
          {(links) => (
            <Input
              field={field}
              links={links}
              value={texts[field.name] ?? ''}
              onInput={(text) => {
                setChanged({ ...changed, [field.name]: text });
                setSaved(false);
              }}
            />
          )}
        </Field>
      ))}
      {beside && <Problem error={beside} />}
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy || isSame}>
          Save
        </button>
        <button type="button" disabled={isBusy || isSame} onClick={() => setChanged({})}>
          Undo
        </button>
        <span role="status" class="good-news">
          {isSaved && 'Saved.'}
        </span>
      </div>
    </form>
  );
}

function Input(props: { field: SiteField; links: object; value: string; onInput(text: string): void }) {
  const { field, links, value } = props;
  if (field.kind === 'list') {
    return (
      <textarea
        {...links}
        rows={4}
        spellcheck={false}
        value={value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    );
  }
  const input = {
    ...links,
    value,
    onInput: (event: { currentTarget: HTMLInputElement }) => props.onInput(event.currentTarget.value),
  };
  return (
    <div class="with-unit">
      {field.kind === 'number' ? <input {...input} type="number" {...field.limits} /> : <input {...input} />}
      {field.unit && <span class="quiet">{field.unit}</span>}
    </div>
  );
}
