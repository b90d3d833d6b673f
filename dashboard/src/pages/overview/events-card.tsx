import { RARELY, SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatEvent } from '../../format/events.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { ShowMore } from './tables/show-more.tsx';
import { FEW } from './tables/use-dimension.ts';

/** How often each event happened, the shop's own ones included. */
export function EventsCard() {
  const { days, isOpen } = usePeriod();
  const { query } = useView();
  const isWhole = query.events === 'all';
  const answer = useAnswer('/v1/events', { query: days, every: isOpen ? SOMETIMES : RARELY });
  const csv = useAddress('/v1/events', { query: days });
  return (
    <Card
      title="What people do"
      note="Every event by its name, the shop’s own ones included."
      actions={<CsvLink address={csv} name={`events-${days.from}-${days.to}`} />}
    >
      <div class="ranked">
        <Answered answer={answer} lines={FEW + 4}>
          {({ events, total }) => {
            const rows = Object.entries(events).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
            const shown = isWhole ? rows : rows.slice(0, FEW);
            return (
              <>
                <DataTable
                  caption={`Events, ${formatDays(days)}`}
                  columns={[
                    { label: 'Event', cell: ([name]) => <span title={name}>{formatEvent(name)}</span> },
                    { label: 'Times', kind: 'number', cell: ([, count]) => formatCount(count) },
                    { label: 'Share', kind: 'number', cell: ([, count]) => formatRate(count / total) },
                  ]}
                  rows={shown}
                  rowKey={([name]) => name}
                  share={([, count]) => count / rows[0]![1]}
                />
                <ShowMore
                  shown={shown.length}
                  total={rows.length}
                  isWhole={isWhole}
                  onWhole={(whole) => setQuery({ events: whole ? 'all' : undefined })}
                  more={undefined}
                  few={FEW}
                  what="events"
                />
              </>
            );
          }}
        </Answered>
      </div>
    </Card>
  );
}
