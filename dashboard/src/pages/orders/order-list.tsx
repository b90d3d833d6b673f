import type { DataOf } from '../../api/types.ts';
import { RARELY, SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDays, formatMoment } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { OrderLink } from '../../parts/order-link.tsx';
import { usePages } from '../../parts/pager.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { PersonLink } from './person-link.tsx';

type Row = DataOf<'/v1/orders'>['orders'][number];

const ROWS = 50;

/** The orders of a range, the newest first. */
export function OrderList() {
  const { days, isOpen } = usePeriod();
  const { site } = useSession();
  const { cursor, pager } = usePages();
  const every = isOpen ? SOMETIMES : RARELY;
  const answer = useAnswer('/v1/orders', { query: { ...days, limit: ROWS, cursor }, every });
  // Without a limit: as CSV all orders of the range come at once.
  const csv = useAddress('/v1/orders', { query: days });
  return (
    <>
      <h1>Orders</h1>
      <Card
        title={`Orders, ${formatDays(days)}`}
        note={`Each order once, by its earliest copy, in ${site.zone}. The CSV has all orders of these days, to hold against your own books.`}
        wide
        actions={<CsvLink address={csv} name={`orders-${days.from}-${days.to}`} />}
      >
        <Answered answer={answer} lines={16}>
          {({ orders, next_cursor }) => (
            <>
              <DataTable
                caption="Orders, the newest first"
                columns={columnsOf(site.zone)}
                rows={orders}
                rowKey={({ id }) => id}
                empty="No order in these days. Orders come from purchase events."
              />
              {pager(
                next_cursor,
                `${formatCount(orders.length)} ${orders.length === 1 ? 'order' : 'orders'}`,
              )}
            </>
          )}
        </Answered>
      </Card>
    </>
  );
}

/** An amount in the order's own currency. */
const amount = (minor: number | null, { currency }: Row) =>
  minor === null || currency === null ? '–' : formatMoney(minor, currency);

const columnsOf = (zone: string): Column<Row>[] => [
  {
    label: 'Order',
    cell: ({ id, transaction_id }) =>
      transaction_id === null ? (
        <span class="quiet named" title="The event has no transaction id; this is the event's own id.">
          {id}
        </span>
      ) : (
        <OrderLink id={transaction_id} />
      ),
  },
  { label: 'When', cell: ({ time }) => formatMoment(time, zone) },
  { label: 'Buyer', minor: true, cell: ({ user_id }) => <PersonLink id={user_id} /> },
  { label: 'Channel', minor: true, cell: ({ channel }) => channel ?? '–' },
  { label: 'Units', kind: 'number', minor: true, cell: ({ units }) => formatCount(units) },
  { label: 'Gross', kind: 'number', minor: true, cell: (row) => amount(row.gross_minor, row) },
  { label: 'Discounts', kind: 'number', minor: true, cell: (row) => amount(row.discounts_minor, row) },
  { label: 'Refunded', kind: 'number', minor: true, cell: (row) => amount(row.refunded_minor, row) },
  { label: 'Net', kind: 'number', cell: (row) => amount(row.net_minor, row) },
  { label: 'Shipping', kind: 'number', minor: true, cell: (row) => amount(row.shipping_minor, row) },
  { label: 'Tax', kind: 'number', minor: true, cell: (row) => amount(row.tax_minor, row) },
];
