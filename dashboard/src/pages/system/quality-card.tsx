import type { DataOf } from '../../api/types.ts';
import { SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDayShort } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { addDays, dayIn } from '../../view/period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { countedOf, type FindingSum, findingsOf, sentFor, type WaySum, wayLabel, waysOf } from './quality.ts';

const DAYS = [
  { id: '1', label: 'Today' },
  { id: '7', label: '7 days' },
  { id: '30', label: '30 days' },
] as const;

const QUALITIES: Record<string, string> = {
  put_right: 'put right',
  kept: 'dead letter',
  refused: 'refused',
  noted: 'counted, noted',
  other: 'other',
};

/** Whether events could be understood, and what was wrong with the others. */
export function QualityCard() {
  const { site } = useSession();
  const { query } = useView();
  const days = DAYS.find(({ id }) => id === query.days)?.id ?? '7';
  const to = dayIn(site.zone);
  const asked = { query: { from: addDays(to, 1 - Number(days)), to } };
  const quality = useAnswer('/v1/quality', { ...asked, every: SOMETIMES });
  return (
    <Card
      title={`Quality of what ${site.name ?? site.id} sent`}
      wide
      actions={
        <>
          <Tabs label="Days" tabs={DAYS} current={days} onSelect={(id) => setQuery({ days: id })} />
          <CsvLink address={useAddress('/v1/quality', asked)} name={`quality-${site.id}`} />
        </>
      }
    >
      <Answered answer={quality} lines={6}>
        {(data) => <Body data={data} />}
      </Answered>
    </Card>
  );
}

function Body({ data }: { data: DataOf<'/v1/quality'> }) {
  const count = (of: (row: WaySum) => number) => (row: WaySum) => formatCount(of(row));
  const ways = waysOf(data);
  return (
    <>
      <DataTable<WaySum>
        caption="Events by way in"
        rows={ways}
        rowKey={({ via }) => via}
        share={(row) => sentFor(row) / Math.max(1, ...ways.map(sentFor))}
        empty="No event came in these days. The Settings page has the snippet for the shop."
        columns={[
          { label: 'Way in', cell: ({ via }) => wayLabel(via) },
          { label: 'As sent', kind: 'number', cell: count((row) => row.as_it_came) },
          { label: 'Corrected', kind: 'number', minor: true, cell: count((row) => row.put_right) },
          { label: 'Dead letters', kind: 'number', cell: count((row) => row.kept) },
          { label: 'Refused', kind: 'number', cell: count((row) => row.refused) },
          { label: 'Bots', kind: 'number', minor: true, cell: count((row) => row.bots) },
          { label: 'Understood', kind: 'number', minor: true, cell: understood },
        ]}
      />
      <h3>What was found</h3>
      <div class="found">
        <DataTable<FindingSum>
          caption="Findings"
          rows={findingsOf(data)}
          rowKey={({ id }) => id}
          empty="Nothing was put right, kept or refused in these days."
          columns={[
            { label: 'Rule', cell: ({ code }) => <code>{code}</code> },
            { label: 'Field', cell: ({ path }) => (path === '' ? 'the whole event' : <code>{path}</code>) },
            { label: 'What happened', cell: ({ quality }) => QUALITIES[quality] ?? quality },
            { label: 'Way in', minor: true, cell: ({ via }) => wayLabel(via) },
            { label: 'Events', kind: 'number', cell: ({ events }) => formatCount(events) },
            { label: 'Last', minor: true, cell: ({ last }) => formatDayShort(last) },
            { label: 'Examples', cell: ({ samples }) => <Samples samples={samples} /> },
          ]}
        />
      </div>
    </>
  );
}

function understood(row: WaySum) {
  const sent = sentFor(row);
  return sent === 0 ? '–' : formatRate(countedOf(row) / sent);
}

function Samples({ samples }: { samples: readonly string[] }) {
  if (samples.length === 0) return <span class="quiet">not kept</span>;
  return (
    <>
      {samples.map((sample, i) => (
        <code key={i} class="sample">
          {sample}
        </code>
      ))}
    </>
  );
}
