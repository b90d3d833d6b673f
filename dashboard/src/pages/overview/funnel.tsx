import type { DataOf } from '../../api/types.ts';
import { RARELY, SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { eventName } from '../../format/names.ts';
import { formatCount, formatDuration, formatHours, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { FunnelDays } from './funnel-days.tsx';

type Funnel = DataOf<'/v1/funnels/{funnel}'>;
type Step = Funnel['steps'][number];
type Definition = DataOf<'/v1/funnels'>['funnels'][number];

/** Every site has it. */
const SHOP = 'shop';

/** The site's funnels, one at a time: where people leave on the way. */
export function FunnelCard() {
  const { days, isOpen } = usePeriod();
  const { query } = useView();
  const every = isOpen ? SOMETIMES : RARELY;
  const all = useAnswer('/v1/funnels', { every: RARELY });
  const funnels = all.data?.funnels ?? [];
  const chosen = funnels.find(({ id }) => id === query.funnel) ?? funnels[0];
  // Asked at once: until the list is there, the one that the address names is taken to exist.
  const id = chosen?.id ?? query.funnel ?? SHOP;
  const isByDay = query['funnel-by'] === 'day';
  const asked = { path: { funnel: id }, query: { ...days, ...(isByDay && { interval: 'day' as const }) } };
  const answer = useAnswer('/v1/funnels/{funnel}', { ...asked, every });
  const csv = useAddress('/v1/funnels/{funnel}', asked);
  return (
    <Card
      title={chosen ? `Funnel: ${chosen.name}` : 'Funnel'}
      note={chosen ? <About funnel={chosen} /> : ' '}
      actions={
        <>
          <button
            type="button"
            class="plain"
            aria-expanded={isByDay}
            onClick={() => setQuery({ 'funnel-by': isByDay ? undefined : 'day' })}
          >
            {isByDay ? 'Hide days' : 'By day'}
          </button>
          {funnels.length > 1 && (
            <select
              aria-label="Funnel"
              value={id}
              onChange={(event) => setQuery({ funnel: event.currentTarget.value })}
            >
              {funnels.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
          <CsvLink address={csv} name={`funnel-${id}-${days.from}-${days.to}`} />
        </>
      }
    >
      <div class="tall">
        <Answered answer={answer} lines={12}>
          {(funnel) => (
            <>
              <Steps funnel={funnel} />
              {funnel.days && <FunnelDays steps={funnel.steps} days={funnel.days} />}
            </>
          )}
        </Answered>
      </div>
    </Card>
  );
}

function About({ funnel }: { funnel: Definition }) {
  const { site } = useSession();
  const who = funnel.by === 'user' ? 'Visitors' : 'Sessions';
  return (
    <>
      {who} that took the first step in these days, and went on within {formatHours(funnel.window_hours)}.
      {funnel.effective_from &&
        ` Events since ${formatMoment(funnel.effective_from, site.zone)} are counted.`}
    </>
  );
}

function Steps({ funnel }: { funnel: Funnel }) {
  const { steps } = funnel;
  const [first] = steps;
  if (!first?.count) return <p class="empty">No one took the first step in these days.</p>;
  // One step is all that there is where a shop has sent no event of another.
  const worst = steps.reduce((a, b) => ((b.rate_from_previous ?? 1) < (a.rate_from_previous ?? 1) ? b : a));
  return (
    <>
      <ol class="funnel">
        {steps.map((step, i) => (
          <li key={step.step} style={{ '--reached': `${(step.rate_from_first ?? 0) * 100}%` }}>
            <div class="step">
              <span>
                {eventName(step.event)} <Filters step={step} />
              </span>
              <strong>{formatCount(step.count)}</strong>
              <span class="quiet">{formatRate(step.rate_from_first)}</span>
            </div>
            <div class="reached" aria-hidden="true" />
            {i > 0 && (
              <p class={step === worst ? 'loss worst' : 'loss'}>
                {formatCount(step.drop_off)} did not get here (
                {formatRate(step.rate_from_previous === null ? null : 1 - step.rate_from_previous)})
                {step.median_seconds !== null &&
                  `; the others took ${formatDuration(step.median_seconds * 1_000)} (median)`}
              </p>
            )}
          </li>
        ))}
      </ol>
      {worst.drop_off > 0 && (
        <p class="note">
          Most are lost before “{eventName(worst.event)}”. {formatRate(steps.at(-1)!.rate_from_first)} get to
          the last step.
        </p>
      )}
    </>
  );
}

function Filters({ step }: { step: Step }) {
  if (!step.filters?.length) return null;
  return (
    <span class="quiet">
      {step.filters.map(({ field, value }) => `${field.replaceAll('_', ' ')} is ${value}`).join(', ')}
    </span>
  );
}
