import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { OFTEN, ONCE, useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session.ts';

/** The receipt of an erasure, asked again until it is done. */
export function Receipt({ id }: { id: string }) {
  const { site } = useSession();
  const [isDone, setDone] = useState(false);
  const answer = useAnswer('/v1/privacy-receipts/{receipt}', {
    ...{ path: { receipt: id }, every: isDone ? ONCE : OFTEN },
  });
  if (answer.data?.status === 'done' && !isDone) setDone(true);
  return (
    <Card
      title="Receipt of the erasure"
      note="Keep this page's address, or the number: the receipt can be read as long as the numbers of that day are kept."
    >
      <Answered answer={answer}>
        {({ receipt, status, requested_at, recorded_at, ids, keys, entries }) => (
          <dl class="receipt">
            <Fact name="State">
              <strong class={status === 'done' ? 'good-news' : undefined} role="status">
                {status === 'done' ? 'Done: nothing of this person is stored' : 'Under way'}
              </strong>
            </Fact>
            <Fact name="Number">
              <code>{receipt}</code>
            </Fact>
            <Fact name="Requested">{formatMoment(requested_at, site.zone)}</Fact>
            <Fact name="Done">{recorded_at ? formatMoment(recorded_at, site.zone) : 'Not yet'}</Fact>
            <Fact name="Ids of the person">{formatCount(ids)}</Fact>
            <Fact name="Removed">
              {formatCount(keys)} keys, {formatCount(entries)} entries of lists
            </Fact>
          </dl>
        )}
      </Answered>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
