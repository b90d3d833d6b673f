import { useSession } from '../../session/session.ts';
import { setQuery, useView } from '../../view/view.ts';
import { REASONS, STATUSES } from './reasons.ts';
import { useFilter } from './use-filter.ts';

/** Narrows the list down: by reason, status, days, and site. */
export function Filters() {
  const { query } = useView();
  const { filter, status } = useFilter();
  const { kind, sites } = useSession();
  const set = (changes: Record<string, string | undefined>) => setQuery({ cursor: undefined, ...changes });
  return (
    <div class="filters">
      <Choice
        label="Reason"
        value={filter.reason ?? ''}
        options={[
          ['', 'All reasons'],
          ...Object.entries(REASONS).map(([id, { label }]) => [id, label] as const),
        ]}
        onChange={(reason) => set({ reason })}
      />
      <Choice
        label="Status"
        value={status}
        options={[['all', 'All'], ...Object.entries(STATUSES)]}
        onChange={(chosen) => set({ status: chosen })}
      />
      {kind === 'installation' && (
        <Choice
          label="Site"
          value={query.of ?? ''}
          options={[['', 'All, and unknown ones'], ...sites.map(({ id, name }) => [id, name ?? id] as const)]}
          onChange={(of) => set({ of })}
        />
      )}
      <Day label="From (UTC)" value={query.from} onChange={(from) => set({ from })} />
      <Day label="To (UTC)" value={query.to} onChange={(to) => set({ to })} />
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: readonly (readonly [id: string, label: string])[];
  onChange(value: string | undefined): void;
}) {
  return (
    <label>
      {props.label}
      <select
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
      >
        {props.options.map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Day(props: { label: string; value: string | undefined; onChange(day: string | undefined): void }) {
  return (
    <label>
      {props.label}
      <input
        type="date"
        value={props.value ?? ''}
        onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
      />
    </label>
  );
}
