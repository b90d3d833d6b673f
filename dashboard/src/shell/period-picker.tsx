import { useState } from 'preact/hooks';
import { formatDays } from '../format/dates.ts';
import { useSession } from '../session/session.ts';
import { COMPARISONS, isDay, RANGES } from '../view/period.ts';
import { usePeriod } from '../view/use-period.ts';
import { setQuery } from '../view/view.ts';

const CUSTOM = 'custom';

/** Chooses the days that all numbers of the page are about, and what they are compared with. */
export function PeriodPicker() {
  const period = usePeriod();
  const { site } = useSession();
  const [isChosen, setCustom] = useState(false);
  // A link, or a button elsewhere on the page, can name other days.
  const isCustom = isChosen || !Object.hasOwn(RANGES, period.name);
  const choose = (name: string) => {
    setCustom(name === CUSTOM);
    setQuery({ range: name === CUSTOM ? `${period.days.from}..${period.days.to}` : name });
  };
  return (
    <div class="period">
      <select
        aria-label="Days"
        value={isCustom ? CUSTOM : period.name}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {Object.entries(RANGES).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
        <option value={CUSTOM}>Custom</option>
      </select>
      {isCustom && <CustomDays from={period.days.from} to={period.days.to} />}
      <select
        aria-label="Compare with"
        value={isDay(period.compare) ? CUSTOM : period.compare}
        onChange={({ currentTarget: { value } }) =>
          setQuery({ compare: value === CUSTOM ? (period.compared ?? period.days).from : value })
        }
      >
        {Object.entries(COMPARISONS).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
        <option value={CUSTOM}>Other days, from…</option>
      </select>
      {isDay(period.compare) && (
        <input
          type="date"
          aria-label="First day compared with"
          value={period.compare}
          onChange={({ currentTarget: { value } }) => value && setQuery({ compare: value })}
        />
      )}
      <span class="quiet">
        {formatDays(period.days)}
        {period.compared && ` against ${formatDays(period.compared)}`}, {site.zone}
      </span>
    </div>
  );
}

function CustomDays({ from, to }: { from: string; to: string }) {
  const change = (days: { from?: string; to?: string }) => {
    const next = { from, to, ...days };
    // One end past the other: a range of that one day.
    if (next.from > next.to) Object.assign(next, days.from ? { to: next.from } : { from: next.to });
    if (next.from && next.to) setQuery({ range: `${next.from}..${next.to}` });
  };
  return (
    <>
      <input
        type="date"
        aria-label="First day"
        value={from}
        onChange={(event) => change({ from: event.currentTarget.value })}
      />
      <input
        type="date"
        aria-label="Last day"
        value={to}
        onChange={(event) => change({ to: event.currentTarget.value })}
      />
    </>
  );
}
