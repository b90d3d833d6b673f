import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { formatCount, formatPerSecond } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { sumOf } from './flow.ts';
import { RunbookLink } from './runbook-link.tsx';
import { useRates } from './use-rates.ts';

type Ledger = DataOf<'/v1/ledger'>;
type Outcome = keyof Ledger['totals'];

/** What became of a record, in the order of the answer. */
const OUTCOMES: Record<Outcome, [label: string, meaning: string]> = {
  applied: ['Counted', 'It is in the numbers.'],
  duplicate: ['Duplicates', 'Sent again, and counted before.'],
  forwarded: ['Forwarded', 'Of a visitor who became a user: counted in the user’s partition.'],
  bot: ['Bots', 'Counted apart.'],
  joined: ['Joined', 'What a partition knew of such a visitor. Not an event.'],
  erasure: ['Erasures', 'A person is to be forgotten. Not an event.'],
  erased: ['Of erased persons', 'Came after the erasure, and is not counted.'],
  other_generation: [
    'Other generation',
    'What partitions told each other in another generation. Not an event.',
  ],
  dead_lettered: ['Dead letters', 'Could not be counted, and is kept with its reason.'],
  refused: ['Refused', 'Not understood, and beyond what is kept on a day.'],
};

/** Whether each accepted record has exactly one outcome. */
export function LedgerCard({ ledger }: { ledger: Answer<Ledger> }) {
  const { site } = useSession();
  const rateOf = useRates(ledger.data?.totals, ledger.at);
  return (
    <Card title={`Ledger of ${site.name ?? site.id}`}>
      {ledger.data && ledger.error && (
        <p class="note">
          The ledger cannot be read now ({ledger.error.code}); these are the last figures. A full Redis
          refuses it, too.
        </p>
      )}
      <Answered answer={ledger} lines={12}>
        {(data) => {
          const rows = (Object.entries(data.totals) as [Outcome, number][]).map(([id, records]) => ({
            ...{ id, records, label: OUTCOMES[id]?.[0] ?? id, meaning: OUTCOMES[id]?.[1] ?? '' },
          }));
          const sum = rows.reduce((total, { records }) => total + records, 0);
          return (
            <>
              <Balance data={data} sum={sum} />
              <DataTable
                caption={`What became of the records of ${site.name ?? site.id}`}
                rows={rows}
                rowKey={({ id }) => id}
                share={({ records }) => (sum === 0 ? 0 : records / sum)}
                columns={[
                  { label: 'Outcome', cell: ({ label }) => label },
                  { label: 'Records', kind: 'number', cell: ({ records }) => formatCount(records) },
                  { label: 'Now', kind: 'number', cell: ({ id }) => formatPerSecond(rateOf(id)) },
                  {
                    label: 'Meaning',
                    minor: true,
                    cell: ({ meaning }) => <span class="quiet">{meaning}</span>,
                  },
                ]}
              />
              <Rest data={data} />
            </>
          );
        }}
      </Answered>
    </Card>
  );
}

function Balance({ data, sum }: { data: Ledger; sum: number }) {
  const waiting = sumOf(data.partitions.map(({ in_flight }) => in_flight));
  if (!data.balanced) {
    return (
      <p class="verdict bad">
        Not in balance. In some partition, a record has no outcome or has two, so the numbers may be wrong.
        Either a program wrote into Redis, or Footfall has a fault. Keep the log of aggregate, and count again
        from Kafka with <code>npx footfall rebuild</code>.
      </p>
    );
  }
  return (
    <>
      <p class="verdict good">In balance: each accepted record has exactly one outcome.</p>
      <p class="note">
        {formatCount(sum)} records of this site = the sum of the rows.{' '}
        {waiting === null
          ? 'Kafka does not say how many wait.'
          : `${formatCount(waiting)} more wait, of all sites.`}
      </p>
    </>
  );
}

/** What belongs to no site, and what is gone. */
function Rest({ data: { unattributed, lost } }: { data: Ledger }) {
  return (
    <>
      {unattributed > 0 && (
        <p class="note">
          {formatCount(unattributed)} dead letters are of no known site, and in no row above.
        </p>
      )}
      {lost.length > 0 && (
        <div class="problem">
          <p>
            Kafka deleted these records of all sites before they were counted. They are in no number.{' '}
            <RunbookLink page="Records are lost" />
          </p>
          <ul>
            {lost.map(({ partition, from, to }) => (
              <li key={`${partition} ${from}`}>
                Partition {partition}, offsets {formatCount(from)} to {formatCount(to)}:{' '}
                {formatCount(to - from + 1)} records
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
