import { RARELY, useAnswer } from '../../api/use-answer.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { addDays } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';
import { hrefOf } from '../../view/view.ts';
import { countedOf, findingsOf, wayLabel, waysOf } from '../system/quality.ts';
import { FindingsTable } from './findings-table.tsx';

const SHOWN = 10;

/** What came in the last 28 days, and what was wrong with it. */
export function QualityPart() {
  const { today } = usePeriod();
  const answer = useAnswer('/v1/quality', {
    query: { from: addDays(today, -27), to: today },
    every: RARELY,
  });
  return (
    <>
      <Card
        title="What came"
        note="By way in, in the last 28 days. An event belongs to the day of its receipt."
      >
        <Answered answer={answer} lines={5}>
          {(data) => (
            <DataTable
              caption="Events by way in"
              rows={waysOf(data)}
              rowKey={({ via }) => via}
              empty={
                <>
                  Nothing came. <a href={hrefOf(['settings', 'events'])}>Send the first event.</a>
                </>
              }
              columns={[
                { label: 'Way in', cell: ({ via }) => wayLabel(via) },
                { label: 'Counted', kind: 'number', cell: (row) => formatCount(countedOf(row)) },
                { label: 'Corrected', kind: 'number', cell: ({ put_right }) => formatCount(put_right) },
                { label: 'Dead letters', kind: 'number', cell: ({ kept }) => formatCount(kept) },
                { label: 'Refused', kind: 'number', cell: ({ refused }) => formatCount(refused) },
                { label: 'Bots', kind: 'number', minor: true, cell: ({ bots }) => formatCount(bots) },
              ]}
            />
          )}
        </Answered>
      </Card>
      <Card
        title="Findings"
        note={
          <>
            The most frequent ones. With an admin key, <a href={hrefOf(['letters'])}>Dead letters</a> shows
            events that are kept, corrects and replays them.
          </>
        }
      >
        <Answered answer={answer} lines={5}>
          {(data) => {
            const all = findingsOf(data);
            return (
              <FindingsTable
                rows={all.slice(0, SHOWN)}
                total={all.length}
                empty="Everything could be read as it came."
              />
            );
          }}
        </Answered>
      </Card>
    </>
  );
}
