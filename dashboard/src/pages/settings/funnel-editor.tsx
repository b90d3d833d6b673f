import { useId, useState } from 'preact/hooks';
import { askAgain } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Card } from '../../parts/card.tsx';
import { errorBeside, Field } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { addDays } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';
import { type Draft, idOf, inputOf, MAX_STEPS, NEW_DRAFT } from './funnel-draft.ts';
import { FunnelStep } from './funnel-step.tsx';

/** Defines a funnel. Beside each step stands how often its event happened. */
export function FunnelEditor({ draft, onChange }: { draft: Draft; onChange(draft: Draft): void }) {
  const { site } = useSession();
  const { today } = usePeriod();
  const names = useId();
  const events = useAnswer('/v1/events', { query: { from: addDays(today, -27), to: today } });
  const counts = events.data?.events;
  const [isDefined, setDefined] = useState(false);
  const { run, error, isBusy } = useChange();
  const set = (changes: Partial<Draft>) => {
    setDefined(false);
    onChange({ ...draft, ...changes });
  };
  const { steps } = draft;
  const define = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await done(api.POST('/v1/funnels', { params: { query: { site: site.id } }, body: inputOf(draft) }));
      onChange(NEW_DRAFT);
      setDefined(true);
      askAgain();
    });
  };
  const beside = errorBeside(error, ['id', 'name', 'by', 'window_hours', 'steps']);
  return (
    <Card
      title="New funnel"
      note="A new funnel counts events from five seconds later on, not those before. The counts beside the steps are all events of that name in the last 28 days."
    >
      <form noValidate onSubmit={define}>
        <Field label="Name" name="name" error={error}>
          {(links) => (
            <input
              {...links}
              value={draft.name}
              placeholder="From shoes to an order"
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field
          label="Id"
          name="id"
          error={error}
          hint="It stands in addresses: a-z, 0-9 and -, up to 40. Made of the name unless you say another."
        >
          {(links) => (
            <input
              {...links}
              value={idOf(draft)}
              onInput={(event) => set({ id: event.currentTarget.value })}
            />
          )}
        </Field>
        <fieldset>
          <legend>Steps, in their order</legend>
          <ol class="steps">
            {steps.map((step, i) => (
              <FunnelStep
                key={i}
                step={step}
                at={i}
                names={names}
                count={counts && (counts[step.event.trim()] ?? 0)}
                error={error}
                onChange={(changed) => set({ steps: steps.with(i, changed) })}
                onRemove={
                  steps.length > 2 ? () => set({ steps: steps.filter((_, other) => other !== i) }) : undefined
                }
              />
            ))}
          </ol>
          <button
            type="button"
            disabled={steps.length >= MAX_STEPS}
            onClick={() => set({ steps: [...steps, { event: '', filters: [] }] })}
          >
            Add a step
          </button>
        </fieldset>
        <datalist id={names}>
          {Object.keys(counts ?? {}).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Field
          label="From the first step to the last, at most"
          name="window_hours"
          error={error}
          hint="1 to 720 hours; 168 are a week. By session, the end of the session ends it, too."
        >
          {(links) => (
            <div class="with-unit">
              <input
                {...links}
                type="number"
                min={1}
                max={720}
                value={draft.windowHours}
                onInput={(event) => set({ windowHours: event.currentTarget.value })}
              />
              <span class="quiet">hours</span>
            </div>
          )}
        </Field>
        <Field label="Count" name="by" error={error}>
          {(links) => (
            <select
              {...links}
              value={draft.by}
              onChange={(event) => set({ by: event.currentTarget.value as Draft['by'] })}
            >
              <option value="user">People</option>
              <option value="session">Sessions</option>
            </select>
          )}
        </Field>
        {beside && <Problem error={beside} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={isBusy}>
            Define the funnel
          </button>
          <span role="status" class="good-news">
            {isDefined && 'Defined. It counts from now on.'}
          </span>
        </div>
      </form>
    </Card>
  );
}
