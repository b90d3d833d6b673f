import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { setQuery } from '../../view/view.ts';
import { REASONS, type Reason, type Status } from './reasons.ts';
import { useFilter } from './use-filter.ts';

type ByReason = { reason: Reason; dropped: number } & Record<Status, number>;

/** How many letters there are, by reason and status. */
export function CountsCard() {
  const { filter } = useFilter();
  const { reason: _, ...others } = filter;
  const counts = useAnswer('/v1/dead-letters/counts', {
    query: { ...others, limit: 1_000 },
    every: SOMETIMES,
  });
  return (
    <Card
      title="How many"
      wide
      note="Records that could not be counted. They are in no number until they are replayed."
    >
      <Answered answer={counts} lines={3}>
        {(data) => (
          <>
            <DataTable
              caption="Dead letters by reason"
              rows={sumsOf(data.counts)}
              rowKey={({ reason }) => reason}
              empty="No dead letters: everything that came could be counted."
              columns={[
                {
                  label: 'Reason',
                  cell: ({ reason }) => (
                    <button
                      type="button"
                      class="link"
                      aria-pressed={filter.reason === reason}
                      title={REASONS[reason].text}
                      onClick={() =>
                        setQuery({ reason: filter.reason === reason ? undefined : reason, cursor: undefined })
                      }
                    >
                      {REASONS[reason].label}
                    </button>
                  ),
                },
                { label: 'Open', kind: 'number', cell: ({ open }) => formatCount(open) },
                {
                  label: 'Replayed',
                  kind: 'number',
                  cell: (row) => formatCount(row.replayed + row.replaying),
                },
                { label: 'Discarded', kind: 'number', cell: ({ discarded }) => formatCount(discarded) },
                {
                  label: 'No longer listed',
                  kind: 'number',
                  minor: true,
                  cell: ({ dropped }) => formatCount(dropped),
                },
              ]}
            />
            {data.next_cursor && (
              <p class="note">There are more days. Choose a shorter range to count all of it.</p>
            )}
          </>
        )}
      </Answered>
    </Card>
  );
}

function sumsOf(
  counts: readonly { reason: Reason; status: Status; letters: number; dropped: number }[],
): ByReason[] {
  const sums = new Map<Reason, ByReason>();
  for (const { reason, status, letters, dropped } of counts) {
    const sum = sums.get(reason) ?? {
      ...{ reason, dropped: 0, open: 0, replaying: 0, replayed: 0, discarded: 0 },
    };
    sum[status] += letters;
    sum.dropped += dropped;
    sums.set(reason, sum);
  }
  return [...sums.values()].sort((a, b) => b.open - a.open);
}
