import { useState } from 'preact/hooks';
import { SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import { BulkBar } from './bulk-bar.tsx';
import { CountsCard } from './counts-card.tsx';
import { Filters } from './filters.tsx';
import { type ListedLetter, REASONS, STATUSES } from './reasons.ts';
import { useFilter } from './use-filter.ts';

/** The letters that the filters leave, the newest first. */
export function List() {
  const { filter, status } = useFilter();
  const { cursor, pager } = usePages('cursor');
  const asked = {
    query: {
      ...filter,
      ...(status !== 'all' && { status }),
      cursor,
      limit: 50,
    },
  };
  const letters = useAnswer('/v1/dead-letters', { ...asked, every: SOMETIMES });
  const address = useAddress('/v1/dead-letters', asked);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const shown = letters.data?.letters ?? [];
  // What a filter or a change has taken out of sight is not changed unseen.
  const chosen = shown.filter(({ letter }) => selected.has(letter)).map(({ letter }) => letter);
  const toggle = (letter: string) => {
    const next = new Set(selected);
    if (!next.delete(letter)) next.add(letter);
    setSelected(next);
  };
  const open = shown.filter((one) => one.status === 'open').map(({ letter }) => letter);
  return (
    <>
      <CountsCard />
      <Card title="Letters" wide actions={<CsvLink address={address} name="dead-letters" />}>
        <Filters />
        <BulkBar chosen={chosen} open={open} onSelect={(some) => setSelected(new Set(some))} />
        <Answered answer={letters} lines={8}>
          {({ letters: rows, next_cursor }) => (
            <>
              <Rows rows={rows} selected={selected} toggle={toggle} />
              {pager(next_cursor, `${formatCount(rows.length)} ${rows.length === 1 ? 'letter' : 'letters'}`)}
            </>
          )}
        </Answered>
      </Card>
    </>
  );
}

function Rows(props: {
  rows: readonly ListedLetter[];
  selected: ReadonlySet<string>;
  toggle(letter: string): void;
}) {
  const { site, kind } = useSession();
  const columns: Column<ListedLetter>[] = [
    {
      label: 'Letter',
      cell: ({ letter, status }) => (
        <span class="pick">
          <input
            type="checkbox"
            aria-label={`Select ${letter}`}
            checked={props.selected.has(letter)}
            disabled={status !== 'open'}
            onChange={() => props.toggle(letter)}
          />
          <a href={hrefOf(['letters', letter])}>{letter}</a>
        </span>
      ),
    },
    {
      label: 'Reason',
      minor: true,
      cell: ({ reason }) => <span title={reason}>{REASONS[reason].label}</span>,
    },
    { label: 'What is wrong', cell: ({ detail }) => <span class="detail">{detail}</span> },
    { label: 'Event', minor: true, cell: ({ name }) => name ?? <span class="quiet">not known</span> },
    ...(kind === 'installation'
      ? [
          {
            label: 'Site',
            minor: true,
            cell: (row: ListedLetter) => row.site ?? <span class="quiet">unknown</span>,
          },
        ]
      : []),
    { label: 'Status', cell: ({ status }) => STATUSES[status] },
    { label: 'Written', minor: true, cell: ({ at }) => formatMoment(at, site.zone) },
  ];
  return (
    <DataTable
      caption={`Dead letters, ${formatCount(props.rows.length)} on this page`}
      columns={columns}
      rows={props.rows}
      rowKey={({ letter }) => letter}
      empty="No letter matches. All events that came in these days could be counted, or were dealt with."
    />
  );
}
