import { useState } from 'preact/hooks';
import { askAgain } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatHours } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Question } from '../../parts/question.tsx';
import { useSession } from '../../session/session.ts';
import { draftOf, NEW_DRAFT, stepText } from './funnel-draft.ts';
import { FunnelEditor } from './funnel-editor.tsx';

type Funnel = Schemas['FunnelDefinition'];
/** Every site has it. */
const FIXED = 'shop';

/** The funnels of the site, and a new one. */
export function FunnelsPart() {
  const { site } = useSession();
  const answer = useAnswer('/v1/funnels');
  const [draft, setDraft] = useState(NEW_DRAFT);
  const [removed, setRemoved] = useState<Funnel>();
  const remove = async () => {
    const path = { funnel: removed!.id };
    await done(api.DELETE('/v1/funnels/{funnel}', { params: { path, query: { site: site.id } } }));
    askAgain();
  };
  return (
    <>
      <Card title="Funnels" note="Every site has the funnel Shop, and up to 20 of its own.">
        <Answered answer={answer} lines={4}>
          {({ funnels }) => (
            <DataTable
              caption="Funnels"
              rows={funnels as readonly Funnel[]}
              rowKey={({ id }) => id}
              columns={[
                { label: 'Funnel', cell: ({ name }) => name },
                { label: 'Steps', cell: ({ steps }) => steps.map(stepText).join(' → ') },
                {
                  label: 'Counts',
                  minor: true,
                  cell: ({ by, window_hours }) =>
                    `${by === 'user' ? 'People' : 'Sessions'}, within ${formatHours(window_hours)}`,
                },
                {
                  label: 'Since',
                  minor: true,
                  cell: ({ effective_from }) =>
                    effective_from === undefined ? 'Always' : formatMoment(effective_from, site.zone),
                },
                {
                  label: 'Change',
                  kind: 'number',
                  cell: (funnel) => (
                    <div class="row-buttons">
                      <button
                        type="button"
                        aria-label={`Copy ${funnel.name} into the form`}
                        onClick={() => setDraft(draftOf(funnel))}
                      >
                        Copy
                      </button>
                      {funnel.id !== FIXED && (
                        <button
                          type="button"
                          class="danger"
                          aria-label={`Remove ${funnel.name}`}
                          onClick={() => setRemoved(funnel)}
                        >
                          Remove
                        </button>
                      )}
                    </div>
                  ),
                },
              ]}
            />
          )}
        </Answered>
      </Card>
      <FunnelEditor draft={draft} onChange={setDraft} />
      {removed && (
        <Question
          title="Remove this funnel?"
          yes="Remove it"
          act={remove}
          onClose={() => setRemoved(undefined)}
        >
          <p>{removed.name}: its numbers are lost. A funnel that you define again counts from then on.</p>
        </Question>
      )}
    </>
  );
}
