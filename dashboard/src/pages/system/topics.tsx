import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { setQuery, useView } from '../../view/view.ts';
import { RecordsCard } from './records-card.tsx';

const HOLDS = {
  events: 'Events',
  dead_letters: 'Dead letters',
  signals: 'Signals, such as abandoned carts',
  sites: 'Sites, keys and settings',
} as const;

/** The topics of this installation, and the records of one partition. Only looks. */
export function Topics() {
  const { query } = useView();
  const topics = useAnswer('/v1/system/topics', { every: SOMETIMES });
  return (
    <>
      <Card title="Topics" note="Only shown here, never changed." wide>
        <Answered answer={topics} lines={4}>
          {({ topics: rows }) => (
            <DataTable
              caption="Topics of this installation"
              rows={rows}
              rowKey={({ topic }) => topic}
              columns={[
                {
                  label: 'Topic',
                  cell: ({ topic }) => (
                    <button
                      type="button"
                      class="link"
                      aria-pressed={query.topic === topic}
                      onClick={() =>
                        setQuery({ topic, partition: undefined, before: undefined, from: undefined })
                      }
                    >
                      {topic}
                    </button>
                  ),
                },
                { label: 'Holds', cell: ({ holds }) => HOLDS[holds] },
                {
                  label: 'Partitions',
                  kind: 'number',
                  cell: ({ partitions }) => formatCount(partitions.length),
                },
                {
                  label: 'Offsets kept',
                  kind: 'number',
                  cell: ({ partitions, exists }) =>
                    exists
                      ? formatCount(partitions.reduce((sum, { low, end }) => sum + end - low, 0))
                      : 'none yet',
                },
              ]}
            />
          )}
        </Answered>
      </Card>
      {topics.data && (
        <RecordsCard
          topic={topics.data.topics.find(({ topic }) => topic === query.topic) ?? topics.data.topics[0]!}
        />
      )}
    </>
  );
}
