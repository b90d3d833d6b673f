import type { ApiError } from '../../api/client.ts';
import { formatCount } from '../../format/numbers.ts';
import { problemsAt } from '../../parts/field.tsx';
import { type Draft, FILTERS, type FilterField, MAX_FILTERS } from './funnel-draft.ts';

type DraftStep = Draft['steps'][number];

/**
 * A step of the form: an event, and what must hold of it.
 * @param props.names the id of the list of known event names.
 * @param props.count how often the event happened; undefined while that is not known.
 */
export function FunnelStep(props: {
  step: DraftStep;
  at: number;
  names: string;
  count: number | undefined;
  error: ApiError | undefined;
  onChange(step: DraftStep): void;
  onRemove: (() => void) | undefined;
}) {
  const { step, at, count, onChange } = props;
  const { filters } = step;
  const setFilter = (i: number, changes: Partial<DraftStep['filters'][number]>) =>
    onChange({ ...step, filters: filters.with(i, { ...filters[i]!, ...changes }) });
  return (
    <li>
      <div class="step-line">
        <label>
          Event
          <input
            list={props.names}
            autocomplete="off"
            value={step.event}
            onInput={(event) => onChange({ ...step, event: event.currentTarget.value })}
          />
        </label>
        <button
          type="button"
          disabled={filters.length >= MAX_FILTERS}
          aria-label={`Add a filter to step ${at + 1}`}
          onClick={() => onChange({ ...step, filters: [...filters, { field: 'category', value: '' }] })}
        >
          Add a filter
        </button>
        {props.onRemove && (
          <button type="button" class="plain" aria-label={`Remove step ${at + 1}`} onClick={props.onRemove}>
            Remove
          </button>
        )}
      </div>
      {filters.map(({ field, value }, i) => (
        <div class="step-line" key={i}>
          <label>
            Where
            <select
              value={field}
              onChange={(event) => setFilter(i, { field: event.currentTarget.value as FilterField })}
            >
              {Object.entries(FILTERS).map(([id, label]) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <label>
            is
            <input value={value} onInput={(event) => setFilter(i, { value: event.currentTarget.value })} />
          </label>
          <button
            type="button"
            class="plain"
            aria-label={`Remove filter ${i + 1} of step ${at + 1}`}
            onClick={() => onChange({ ...step, filters: filters.filter((_, other) => other !== i) })}
          >
            Remove
          </button>
        </div>
      ))}
      <p class="note">{aboutCount(step, count)}</p>
      {problemsAt(props.error, `steps[${at}]`).map(({ path, message }) => (
        <p key={path} class="field-error" role="alert">
          <code>{path}</code> {message}
        </p>
      ))}
    </li>
  );
}

function aboutCount({ event, filters }: DraftStep, count: number | undefined): string {
  if (count === undefined || event.trim() === '') return '\u00a0';
  if (count === 0) return 'It did not happen in the last 28 days: is the name right?';
  const times = `${formatCount(count)} in the last 28 days`;
  return filters.length === 0 ? times : `${times}, before the filters`;
}
