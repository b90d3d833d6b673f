import { formatCount } from '../../format/numbers.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { type FindingSum, wayLabel } from '../system/quality.ts';

const BECAME: Record<string, string> = {
  put_right: 'Counted, after it was put right',
  kept: 'Not counted; kept as a dead letter',
  refused: 'Not counted, not kept',
  noted: 'Counted; worth knowing',
  other: 'Many different findings',
};

/** What was wrong with events, in which field, and what became of them. */
export function FindingsTable(props: { rows: readonly FindingSum[]; total: number; empty: string }) {
  return (
    <DataTable
      caption="Findings"
      rows={props.rows}
      total={props.total}
      rowKey={({ id }) => id}
      empty={props.empty}
      columns={[
        {
          label: 'What and where',
          cell: ({ code, path }) => (
            <>
              <code>{code}</code> {path !== '' && <code>{path}</code>}
            </>
          ),
        },
        { label: 'Events', kind: 'number', cell: ({ events }) => formatCount(events) },
        { label: 'What became of them', cell: ({ quality }) => BECAME[quality] ?? quality },
        { label: 'Came as', minor: true, cell: ({ via }) => wayLabel(via) },
        { label: 'For example', minor: true, cell: ({ samples }) => samples.join(' · ') },
      ]}
    />
  );
}
