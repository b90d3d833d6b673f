import type { ComponentChildren } from 'preact';
import type { DataOf } from '../../api/types.ts';
import { RARELY, SOMETIMES, useAddress, useAnswer, useComparison } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { Change } from '../../parts/change.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { MoneyCell } from '../overview/tables/money-cell.tsx';

export type CustomersData = DataOf<'/v1/customers'>;

interface Buyers {
  id: 'first' | 'repeat' | 'unknown';
  label: string;
}

const BUYERS: readonly Buyers[] = [
  { id: 'first', label: 'New buyers' },
  { id: 'repeat', label: 'Returning buyers' },
  { id: 'unknown', label: 'Buyer not known' },
];

/** What new and what returning buyers bought. @param props.more stands beneath the table. */
export function BuyersCard({ more }: { more?: ComponentChildren }) {
  const { days, isOpen } = usePeriod();
  const asked = { query: days };
  const answer = useAnswer('/v1/customers', { ...asked, every: isOpen ? SOMETIMES : RARELY });
  const csv = useAddress('/v1/customers', asked);
  const columns = useColumns(answer.data);
  return (
    <Card
      title="New and returning buyers"
      note="An order is new when it is the first of its buyer, by all the ids of the person. Orders without a person have no known buyer."
      actions={<CsvLink address={csv} name={`customers-${days.from}-${days.to}`} />}
    >
      <Answered answer={answer} lines={6}>
        {(data) => (
          <DataTable
            caption={`Orders of new and returning buyers, ${formatDays(days)}`}
            columns={columns}
            rows={BUYERS.filter(({ id }) => id !== 'unknown' || data.unknown_orders > 0)}
            rowKey={({ id }) => id}
            share={({ id }) => data[`${id}_orders`] / Math.max(1, ordersOf(data))}
          />
        )}
      </Answered>
      {more}
    </Card>
  );
}

const ordersOf = (data: CustomersData) => data.first_orders + data.repeat_orders + data.unknown_orders;

function useColumns(data: CustomersData | undefined): Column<Buyers>[] {
  const { change } = usePeriod();
  const { site } = useSession();
  const sides = useComparison('/v1/customers', change);
  if (!data) return [];
  const columns: Column<Buyers>[] = [
    { label: 'Who', cell: ({ label }) => label },
    { label: 'Orders', kind: 'number', cell: ({ id }) => formatCount(data[`${id}_orders`]) },
    {
      label: 'Of all orders',
      kind: 'number',
      minor: true,
      cell: ({ id }) => {
        const all = ordersOf(data);
        return formatRate(all === 0 ? null : data[`${id}_orders`] / all);
      },
    },
    {
      label: 'Revenue',
      kind: 'number',
      cell: ({ id }) => (
        <MoneyCell
          amounts={data[`${id}_revenue`].map((one) => ({ currency: one.currency, minor: one.amount_minor }))}
          currency={site.currency}
        />
      ),
    },
  ];
  if (change && sides) {
    const { now, before } = sides;
    const title = `Orders, ${formatDays(change.now)} against ${formatDays(change.before)}`;
    columns.push({
      label: 'Change',
      kind: 'number',
      minor: true,
      cell: ({ id }) => <Change now={now[`${id}_orders`]} before={before[`${id}_orders`]} title={title} />,
    });
  }
  return columns;
}
