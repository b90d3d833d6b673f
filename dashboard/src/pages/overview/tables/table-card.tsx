import { useAddress } from '../../../api/use-answer.ts';
import { formatDays } from '../../../format/dates.ts';
import { formatCount, formatRate } from '../../../format/numbers.ts';
import { Answered } from '../../../parts/answered.tsx';
import { Card } from '../../../parts/card.tsx';
import { CsvLink } from '../../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { Tabs } from '../../../parts/tabs.tsx';
import { useSession } from '../../../session/session.ts';
import { usePeriod } from '../../../view/use-period.ts';
import { setQuery, useView } from '../../../view/view.ts';
import { ChangeCell } from './change-cell.tsx';
import type { DimensionRow, DimensionTab, DimensionTable, Figure } from './dimensions.ts';
import { MoneyCell } from './money-cell.tsx';
import { ShowMore } from './show-more.tsx';
import { FEW, useDimension, useDimensionChange } from './use-dimension.ts';

/** The largest values of a dimension, ranked by the column that was clicked. */
export function TableCard({ table }: { table: DimensionTable }) {
  const { query } = useView();
  const { days } = usePeriod();
  const { site } = useSession();
  const [BY, WHOLE] = [`${table.id}-by`, `${table.id}-all`];
  const tab = table.tabs.find(({ id }) => id === query[table.id]) ?? table.tabs[0]!;
  const figure = tab.figures.find(({ id }) => id === query[BY]) ?? tab.figures[0]!;
  const isWhole = query[WHOLE] === '1';
  const found = useDimension(tab, figure, isWhole);
  const columns = useColumns(tab, figure, (id) => setQuery({ [BY]: id }));
  const csv = useAddress('/v1/breakdowns/{dimension}', {
    path: { dimension: tab.id },
    query: { ...days, metric: figure.rank ?? tab.figures[0]!.rank!, limit: FEW },
  });
  const amount = (row: DimensionRow) => figure.of(row, site.currency) ?? 0;
  const most = Math.max(...found.rows.map(amount), 0);
  return (
    <Card
      title={table.title}
      wide={table.wide ?? false}
      note={<Note tab={tab} figure={figure} enough={found.enough} />}
      actions={
        <>
          {table.tabs.length > 1 && (
            <Tabs
              label={table.title}
              tabs={table.tabs}
              current={tab.id}
              onSelect={(id) => setQuery({ [table.id]: id, [WHOLE]: undefined })}
            />
          )}
          <CsvLink
            address={csv}
            name={`${tab.label.toLowerCase().replace(' ', '-')}-${days.from}-${days.to}`}
          />
        </>
      }
    >
      <div class="ranked">
        <Answered answer={found.answer} lines={FEW + 4}>
          {() => (
            <>
              <DataTable
                caption={`${tab.label} by ${figure.label.toLowerCase()}, ${formatDays(days)}`}
                columns={columns}
                rows={found.rows}
                rowKey={({ value }) => value}
                share={(row) => (most === 0 ? 0 : amount(row) / most)}
                empty={tab.empty}
              />
              <ShowMore
                shown={found.rows.length}
                total={found.total}
                isWhole={isWhole}
                onWhole={(whole) => setQuery({ [WHOLE]: whole ? '1' : undefined })}
                more={found.more}
                few={FEW}
                what={tab.label.toLowerCase()}
              />
            </>
          )}
        </Answered>
      </div>
    </Card>
  );
}

function Note(props: { tab: DimensionTab; figure: Figure; enough: number | undefined }) {
  const { tab, figure, enough } = props;
  const least =
    enough !== undefined && enough > 1
      ? ` ${figure.label} of ${tab.label.toLowerCase()} with at least ${enough} sessions: rates of fewer are chance.`
      : '';
  return <>{`${tab.note ?? ''}${least}`.trim() || ' '}</>;
}

/** A map: a value may have the name of an object's own property. */
const UNSET = new Map([
  ['(not set)', 'Without a value'],
  ['(other)', 'All values beyond those that are kept for a day'],
]);

function useColumns(tab: DimensionTab, figure: Figure, rankBy: (id: string) => void) {
  const { change } = usePeriod();
  const { site } = useSession();
  const before = useDimensionChange(tab, figure);
  const columns: Column<DimensionRow>[] = [
    {
      label: tab.label,
      cell: ({ value }) => (
        <span title={UNSET.get(value)} class={UNSET.has(value) ? 'quiet' : undefined}>
          {tab.name?.(value) ?? value}
        </span>
      ),
    },
    ...tab.figures.map((one) => ({
      label: one.label,
      kind: 'number' as const,
      ...(one.minor && { minor: true }),
      sort: { isCurrent: one.id === figure.id, choose: () => rankBy(one.id) },
      cell: (row: DimensionRow) => <FigureCell figure={one} row={row} currency={site.currency} />,
    })),
  ];
  if (before && change) {
    const title = `${figure.label}, ${formatDays(change.now)} against ${formatDays(change.before)}`;
    columns.push({
      label: 'Change',
      kind: 'number',
      cell: ({ value }) => {
        const known = before(value);
        return <ChangeCell known={known} title={title} better={figure.better} />;
      },
    });
  }
  return columns;
}

function FigureCell({ figure, row, currency }: { figure: Figure; row: DimensionRow; currency: string }) {
  if (figure.kind === 'rate') return <>{formatRate(figure.of(row, currency))}</>;
  if (figure.kind === 'count') return <>{formatCount(figure.of(row, currency))}</>;
  const amounts =
    row.money?.map((one) => ({
      currency: one.currency,
      minor: one[figure.amounts ?? 'revenue_minor'] ?? 0,
    })) ??
    row.revenue?.map((one) => ({ currency: one.currency, minor: one.amount_minor })) ??
    [];
  return <MoneyCell amounts={amounts} currency={currency} />;
}
