import { useId, useState } from 'preact/hooks';
import { type Json, leavesOf, nameOf, type Place, placeOf, withAt } from './json-patch.ts';

/**
 * A line for each field of an event. What was text stays text; a number stays one as long as it is written as one.
 * @param props.wrong the field that was refused, as the API names it.
 */
export function FieldsForm(props: { draft: Json; wrong: string | undefined; onChange(draft: Json): void }) {
  const { draft, onChange } = props;
  const leaves = leavesOf(draft).filter(({ place }) => place.length > 0);
  return (
    <>
      <div class="fields">
        {leaves.map(({ place, value }) => (
          <Field
            key={nameOf(place)}
            place={place}
            value={value}
            isWrong={nameOf(place) === props.wrong}
            onChange={(next) => onChange(withAt(draft, place, next))}
          />
        ))}
      </div>
      <NewField onAdd={(place, value) => onChange(withAt(draft, place, value))} />
    </>
  );
}

function Field(props: {
  place: Place;
  value: Json;
  isWrong: boolean;
  onChange(value: Json | undefined): void;
}) {
  const { place, value, isWrong, onChange } = props;
  const name = nameOf(place);
  const id = useId();
  const [wasText] = useState(typeof value === 'string');
  const [typed, setTyped] = useState<string>();
  // While a number is being written, as in 12.0 on the way to 12.05, what is written stays as it is.
  const isTyped = typed !== undefined && JSON.stringify(read(typed, wasText)) === JSON.stringify(value);
  const write = (text: string) => {
    setTyped(text);
    onChange(read(text, wasText));
  };
  return (
    <div class={isWrong ? 'letter-field wrong' : 'letter-field'}>
      <div>
        <label for={id}>
          <code>{name}</code> <span class="quiet">{kindOf(value)}</span>
          {isWrong && <span class="badge bad">refused</span>}
        </label>
        {typeof value === 'boolean' ? (
          <select
            id={id}
            value={String(value)}
            onChange={(event) => onChange(event.currentTarget.value === 'true')}
          >
            <option value="true">true</option>
            <option value="false">false</option>
          </select>
        ) : (
          <input
            id={id}
            spellcheck={false}
            aria-invalid={isWrong}
            value={isTyped ? typed : typeof value === 'string' ? value : JSON.stringify(value)}
            onInput={(event) => write(event.currentTarget.value)}
          />
        )}
      </div>
      <button type="button" class="plain" aria-label={`Remove ${name}`} onClick={() => onChange(undefined)}>
        ✕
      </button>
    </div>
  );
}

function NewField({ onAdd }: { onAdd(place: Place, value: Json): void }) {
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const given = new FormData(form);
        const place = placeOf(String(given.get('name') ?? '').trim());
        if (place.length === 0) return;
        onAdd(place, readValue(String(given.get('value') ?? '')));
        form.reset();
      }}
    >
      <label>
        New field
        <input name="name" placeholder="properties.total" spellcheck={false} />
      </label>
      <label>
        Value (JSON, or text)
        <input name="value" spellcheck={false} />
      </label>
      <button type="submit">Add field</button>
    </form>
  );
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'empty list';
  return { string: 'text', number: 'number', boolean: 'yes or no', object: 'empty object' }[
    typeof value as 'string'
  ];
}

/** Text stays text. What was something else is read as JSON, and becomes text when it is none. */
const read = (text: string, isText: boolean): Json => (isText ? text : readValue(text));

function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
